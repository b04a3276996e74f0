// Connections between the nodes of a cluster: TCP, TLS 1.3 with the cluster's key, frames. Whoever doesn't hold the key
// gets no frame in, and costs a bounded amount for a bounded time. What frames mean is somebody else's. One thread: the
// io_context's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "base/machine.h"
#include "base/result.h"
#include "base/tls/stream_end.h"
#include "base/tls/tls_session_io.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

struct stream_options {
  std::size_t frame_limit = 64 << 10;   // bytes of a frame, both ways
  std::size_t queue_limit = 256 << 10;  // bytes that wait for the kernel to take them
  duration connect_limit = std::chrono::seconds(1);
  duration handshake_limit = std::chrono::seconds(3);
  duration silence = std::chrono::seconds(3);  // no byte for so long: lost; 0 = for ever
  std::chrono::seconds keep_alive{1};          // between the kernel's probes of an idle connection; 0 = none
  std::chrono::milliseconds user_timeout{
      3'000};  // what was sent is acknowledged within this, or lost; 0 = the kernel's
};

// None is called from within a call of ours, and none after close(). They may close, move or destroy the stream.
struct stream_callbacks {
  std::function<void()> opened;                                       // dialled streams: the peer holds the key
  std::function<void(std::span<const std::uint8_t> frame)> received;  // valid during the call
  std::function<void()> drained = [] {};      // the kernel has taken what had to wait: unsent() is 0
  std::function<void(stream_end why)> ended;  // once; the last
};

class secure_connection;

// A stream that its owner holds: moved, never copied. A default one is closed.
class secure_stream {
 public:
  secure_stream() = default;
  explicit secure_stream(std::shared_ptr<secure_connection> open);
  secure_stream(secure_stream&&) noexcept = default;
  secure_stream& operator=(secure_stream&& other) noexcept;
  ~secure_stream() { close(); }

  // from: our end's address; none = as the kernel chooses.
  static secure_stream dial(boost::asio::io_context& io, const tls_context& context, const stream_options& options,
                            const endpoint& to, const std::optional<address>& from, stream_callbacks callbacks);

  // Who hears of it from now on. For a stream that a listener gave, reading begins with the first call.
  void start(stream_callbacks callbacks);

  // Sends what the kernel takes, the rest waits. False: not open, or the queue is full, which ends it (slow). At most
  // frame_limit bytes.
  bool send(std::span<const std::uint8_t> frame);

  // Tells the peer that a living program ends this, if the kernel takes that at once. What was sent before arrives.
  void close();

  std::size_t unsent() const;      // bytes that wait for the kernel
  std::uint64_t bytes_in() const;  // on the socket, since it was opened; 0 once closed
  std::uint64_t bytes_out() const;

 private:
  std::shared_ptr<secure_connection> connection_;
};

struct listener_callbacks {
  // Somebody who holds the key. Neither read nor limited in time before its start(), which belongs into this call.
  std::function<void(secure_stream stream, const endpoint& from)> accepted;
  std::function<void(const endpoint& from, stream_end why)> turned_away;  // before it had proved anything
};

// At most `callers` of those who have proved nothing yet are kept; one more takes the place of the oldest, so that
// nobody keeps the others out by just sitting there.
class secure_listener {
 public:
  secure_listener(boost::asio::io_context& io, tls_context context, const stream_options& options,
                  listener_callbacks callbacks, std::size_t callers = 16);
  ~secure_listener() { stop(); }
  secure_listener(const secure_listener&) = delete;
  secure_listener& operator=(const secure_listener&) = delete;

  // Listens on an address and port (port 0 = any, "::" = IPv4 too); gives those bound. The error is a sentence. Once.
  result<endpoint, std::string> listen(const endpoint& where);

  // Listens no more and closes on all who have proved nothing yet. No callback comes after it.
  void stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
