// The other ends of the balancer's connections: sockets that wait (20 seconds at most) and speak in whole strings.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>

#include "balancer/sockets/socket_io.h"
#include "base/descriptor_io.h"

namespace holdfast {

using namespace std::chrono_literals;

inline endpoint loopback(std::uint16_t port = 0) { return {.host = address::v4(0x7f000001), .port = port, .path = {}}; }

inline endpoint local_name(int fd) {
  socket_address at;
  getsockname(fd, at.get(), &at.length);
  return at.where();
}

// True as soon as `claim` is; false when it is not within 20 seconds.
template <class Claim>
bool eventually(Claim claim) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!claim()) {
    if (std::chrono::steady_clock::now() > end) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

class peer {
 public:
  explicit peer(descriptor fd) : fd_(std::move(fd)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  // buffer: of the socket, both ways; 0 = as the kernel likes.
  static peer to(const endpoint& where, int buffer = 0, const endpoint& from = {}) {
    const socket_address at(where);
    descriptor fd(socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (buffer > 0) set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, buffer);
    if (buffer > 0) set_option(fd.get(), SOL_SOCKET, SO_SNDBUF, buffer);
    if (from.host != address()) {
      const socket_address source(from);
      EXPECT_EQ(bind(fd.get(), source.get(), source.length), 0) << last_error().message();
    }
    EXPECT_EQ(connect(fd.get(), at.get(), at.length), 0) << last_error().message();
    return peer(std::move(fd));
  }

  // False when the other side does not take it all.
  bool say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Exactly so many bytes, or what came before the end (or an error, which is then in broken()).
  std::string hear(std::size_t count) {
    std::string out;
    std::string part(256 << 10, '\0');
    while (out.size() < count) {
      const ssize_t read = recv(fd_.get(), part.data(), std::min(part.size(), count - out.size()), 0);
      if (read < 0) error_ = errno;
      if (read <= 0) break;
      out.append(part.data(), static_cast<std::size_t>(read));
    }
    return out;
  }
  std::string hear_all() { return hear(std::string::npos); }

  void end() { shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
  }
  void close() { fd_.reset(); }

  bool was_reset() const { return error_ == ECONNRESET; }
  int fd() const { return fd_.get(); }
  endpoint name() const { return local_name(fd_.get()); }
  endpoint other() const {
    socket_address at;
    getpeername(fd_.get(), at.get(), &at.length);
    return at.where();
  }

 private:
  descriptor fd_;
  int error_ = 0;
};

// Bytes in which every error of order shows.
inline std::string pattern(std::size_t count) {
  std::string out(count, '\0');
  std::uint64_t x = count;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 8 == 0) x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
    out[i] = static_cast<char>(x >> (i % 8 * 8));
  }
  return out;
}

}  // namespace holdfast
