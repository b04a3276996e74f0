// One connection of secure_stream_io.h, from the dial or the accept to its end: time limits, the handshake, frames and
// the queue. For secure_stream and secure_listener only.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <vector>

#include "base/frame.h"
#include "base/loop/drive_io.h"
#include "base/tls/secure_stream_io.h"
#include "base/tls/tls_session_io.h"

namespace holdfast {

// Lives as long as something is under way: every pending operation holds it.
class secure_connection : public std::enable_shared_from_this<secure_connection> {
 public:
  using socket = boost::asio::ip::tcp::socket;

  secure_connection(boost::asio::io_context& io, tls_context context, const stream_options& options);

  void hear(stream_callbacks callbacks);
  void dial(const endpoint& to, const std::optional<address>& from);
  void greet(socket accepted);  // the handshake, as the listening side
  void start();                 // reading, after a handshake as the listening side
  bool send(std::span<const std::uint8_t> frame);
  void close();

  std::size_t unsent() const { return queue_.size() - sent_; }
  std::uint64_t bytes_in() const { return tls_ ? tls_->bytes_in() : 0; }
  std::uint64_t bytes_out() const { return tls_ ? tls_->bytes_out() : 0; }

 private:
  enum class state : std::uint8_t { fresh, connecting, shaking, proved, open, ended };

  void begin_handshake(tls_session::side which);
  void turn();
  void shake();
  bool take();
  void give();
  void rest(bool more);
  void await(socket::wait_type what, bool& waiting);
  void late();
  void finish(stream_end why);
  void leave();

  boost::asio::io_context& io_;
  tls_context context_;
  stream_options options_;
  socket socket_;
  alarm clock_;
  std::optional<tls_session> tls_;
  tls_session::side side_ = tls_session::side::dialled;
  std::optional<frame_reader> frames_;
  std::vector<std::uint8_t> queue_;
  std::size_t sent_ = 0;                          // of the queue
  std::shared_ptr<const stream_callbacks> tell_;  // shared, so that a callback may replace or drop them
  instant heard_{};
  state state_ = state::fresh;
  bool reading_ = false;
  bool writing_ = false;
  bool full_ = false;  // something had to wait for the kernel
};

boost::asio::ip::tcp::endpoint tcp_endpoint(const endpoint& where);
endpoint where_of(const boost::asio::ip::tcp::endpoint& there);

}  // namespace holdfast
