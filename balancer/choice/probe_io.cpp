#include "balancer/choice/probe_io.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>

#include "balancer/loop/socket_io.h"
#include "balancer/relay/connect_io.h"
#include "balancer/relay/http_head.h"

namespace holdfast {

namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using boost::system::error_code;

// Keeps itself alive through the handlers that are under way.
class probe : public std::enable_shared_from_this<probe> {
 public:
  probe(asio::io_context& io, std::shared_ptr<const pool> of, std::function<void(probe_outcome, std::string)> done)
      : socket_(io), timer_(io), of_(std::move(of)), done_(std::move(done)) {}

  void start(const endpoint& where, duration limit) {
    request_ = "GET " + check().path + " HTTP/1.0\r\nHost: " + (where.path.empty() ? where.text() : "localhost") +
               "\r\nUser-Agent: holdfast-check\r\nConnection: close\r\n\r\n";
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this()](error_code stopped) {
      if (!stopped) self->finish(probe_outcome::failed, "no answer in time");
    });
    started_connect started = start_connect(where, of_->policy, false);
    if (!started.fd) return fail_soon(started.error);
    error_code failed;
    socket_.assign({socket_address(where).family(), 0}, started.fd.get(), failed);
    if (failed) return fail_soon(failed.value());
    static_cast<void>(started.fd.release());
    socket_.async_wait(asio::socket_base::wait_write, [self = shared_from_this()](error_code stopped) {
      if (!stopped) self->connected();
    });
  }

 private:
  const check_settings& check() const { return of_->policy.check; }

  void fail_soon(int error) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), error] { self->fail(error); });
  }

  void connected() {
    if (const int error = connect_error(socket_.native_handle()); error != 0) return fail(error);
    if (check().how == check_kind::tcp) return finish(probe_outcome::passed, {});
    ask();
  }

  void fail(int error, const std::string& at = {}) {
    const std::string why = error_code(error, boost::system::system_category()).message();
    finish(is_our_trouble(error) ? probe_outcome::spoiled : probe_outcome::failed, at + why);
  }

  void ask() {
    asio::async_write(socket_, asio::buffer(request_), [self = shared_from_this()](error_code failed, std::size_t) {
      if (failed) return self->fail(failed.value());
      self->read();
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code failed, std::size_t size) {
      if (failed == asio::error::eof) return self->finish(probe_outcome::failed, "no status line");
      if (failed) return self->fail(failed.value(), "no status line: ");
      self->judge(std::string_view(self->buffer_.data(), size));
    });
  }

  void judge(std::string_view piece) {
    const auto status = head_.feed(piece);
    if (!status) return finish(probe_outcome::failed, "not an HTTP answer");
    if (!*status) return read();
    const std::uint16_t code = **status;
    const bool alive = code >= check().expect_low && code <= check().expect_high;
    if (alive) return finish(probe_outcome::passed, {});
    finish(probe_outcome::failed, "status " + std::to_string(code));
  }

  void finish(probe_outcome how, std::string why) {
    if (!done_) return;
    error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
    std::exchange(done_, nullptr)(how, std::move(why));
  }

  stream_protocol::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<const pool> of_;
  std::function<void(probe_outcome, std::string)> done_;
  std::string request_;
  status_line_decoder head_;
  std::array<char, 1024> buffer_{};
};

}  // namespace

void probe_server(asio::io_context& io, const endpoint& where, std::shared_ptr<const pool> of, duration limit,
                  std::function<void(probe_outcome, std::string)> done) {
  std::make_shared<probe>(io, std::move(of), std::move(done))->start(where, limit);
}

}  // namespace holdfast
