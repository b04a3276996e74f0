// TLS 1.3 over one socket, authenticated by the cluster's key alone (external PSK with an ephemeral key exchange, RFC
// 8446 2.2): no certificates, no tickets, no early data. All of OpenSSL is behind this. Knows no frames, no loop and no
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/tls/secret.h"
#include "base/tls/stream_end.h"

namespace holdfast {

// Says which key it is, and nothing of the key: 16 hexadecimal digits.
std::string id_of(const secret_key& key);
std::string ids_of(const cluster_keys& keys);  // of both

// The keys, ready for OpenSSL. Copies share them; they are wiped with the last. One thread.
class tls_context {
 public:
  // label: 1 to 64 bytes, for example "holdfast wire 1". Both ends must say the same, so that a connection for one
  // protocol can't be turned to the port of another. The PSK identity, in clear, is the label, a blank and id_of() the
  // first key; of a caller the label alone is understood, too: it means the first. Throws std::runtime_error (no
  // memory).
  tls_context(cluster_keys keys, std::string label);

 private:
  friend class tls_session;
  struct impl;
  std::shared_ptr<const impl> impl_;
};

class tls_session {
 public:
  enum class side : std::uint8_t { dialled, accepted };

  // fd: a connected socket that doesn't block. It outlives the session and stays its owner's. Throws
  // std::runtime_error.
  tls_session(tls_context context, side which, int fd);
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  // Goes on with the handshake. True: each end has proved to the other that it holds the key. False: not yet, or never.
  bool shake();

  // Only after shake() was true. How many bytes came into `room`; 0: none now, or the end.
  std::size_t read(std::span<std::uint8_t> room);

  // Only after shake() was true. How many of `bytes` were taken; 0: not now. What was not taken must come first the
  // next time. After an error it takes everything and sends nothing: the end comes from read(), after the last words.
  std::size_t write(std::span<const std::uint8_t> bytes);

  // Tells the peer that it is a living program that ends this (close_notify), if that can be said at once.
  void part();

  // The socket must become writable before the last call (shake, read or write) can go on.
  bool wants_write() const { return wants_write_; }
  std::optional<stream_end> end() const { return end_; }
  std::uint64_t bytes_in() const { return line_.in; }  // of TLS, on the socket
  std::uint64_t bytes_out() const { return line_.out; }

  // What OpenSSL sees of the socket, and what we remember of it.
  struct line {
    int fd = -1;
    int read_error = 0;
    int write_error = 0;
    bool eof = false;
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  };

 private:
  void judge(int status);
  stream_end why_broken() const;

  struct impl;
  tls_context context_;
  line line_;
  std::unique_ptr<impl> impl_;
  std::optional<stream_end> end_;
  bool wants_write_ = false;
  bool authenticated_ = false;
};

// What an error of connect, read or write says about the peer.
stream_end end_of(int error);

}  // namespace holdfast
