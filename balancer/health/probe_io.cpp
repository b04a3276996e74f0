#include "balancer/health/probe_io.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>

#include "balancer/sockets/connect_io.h"
#include "balancer/sockets/socket_io.h"
#include "base/ensure.h"
#include "protocols/http/http_head.h"

namespace holdfast {

namespace {

namespace asio = boost::asio;
using asio::generic::stream_protocol;
using boost::system::error_code;

// Keeps itself alive through the handlers that are under way.
class probe : public std::enable_shared_from_this<probe> {
 public:
  probe(asio::io_context& io, probe_target where, std::shared_ptr<const pool> of,
        std::function<void(probe_outcome, std::string)> done)
      : socket_(io), timer_(io), where_(std::move(where)), of_(std::move(of)), done_(std::move(done)) {}

  void start(duration limit) {
    share_ = limit / static_cast<int>(where_.at.size());
    ask_next();
  }

 private:
  const check_settings& check() const { return of_->policy.check; }
  bool local() const { return !at_.path.empty(); }

  std::optional<address> source() const {
    return probe_source(*of_, of_->source_moves ? own_addresses() : std::set<address>());
  }

  // f, unless the wait was given up for another place, or for good.
  template <class F>
  auto heed(F f) {
    return [self = shared_from_this(), asked = next_, f](error_code stopped) {
      if (!stopped && asked == self->next_ && self->done_) f(*self);
    };
  }

  void ask_next() {
    at_ = probe_place(check(), where_.at[next_++]);
    head_ = {};
    timer_.expires_after(share_);
    timer_.async_wait([self = shared_from_this(), asked = next_](error_code stopped) {
      if (!stopped && asked == self->next_) self->end(probe_outcome::failed, "no answer in time");
    });
    started_connect started = start_connect(at_, of_->policy, source(), false);
    if (!started.fd) return fail_soon(started.error, started.at);
    error_code failed;
    socket_.assign({socket_address(at_).family(), 0}, started.fd.get(), failed);
    if (failed) return fail_soon(failed.value(), connect_step::prepare);
    static_cast<void>(started.fd.release());
    socket_.async_wait(asio::socket_base::wait_write, heed([](probe& p) { p.connected(); }));
  }

  void fail_soon(int error, connect_step at) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), asked = next_, error, at] {
      if (asked == self->next_) self->fail(error, at);
    });
  }

  void connected() {
    if (const int error = connect_error(socket_.native_handle()); error != 0) return fail(error, connect_step::wait);
    if (check().how == check_kind::tcp) return end(probe_outcome::passed, {});
    ask();
  }

  // What is neither ours nor the server's fails, too: a check asks whether the server can be had from here.
  void fail(int error, connect_step at, const std::string& during = {}) {
    const std::string why = error_code(error, boost::system::system_category()).message();
    const bool is_ours = blame_for(error, at, local()) == blame::ours;
    end(is_ours ? probe_outcome::spoiled : probe_outcome::failed, during + why);
  }

  void ask() {
    request_ = probe_request(check(), at_, where_.host);
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this(), asked = next_](error_code failed, std::size_t) {
                        if (asked != self->next_ || !self->done_) return;
                        if (failed) return self->fail(failed.value(), connect_step::wait);
                        self->read();
                      });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this(), asked = next_](error_code failed, std::size_t size) {
                              if (asked != self->next_ || !self->done_) return;
                              if (failed == asio::error::eof) return self->end(probe_outcome::failed, "no status line");
                              if (failed) return self->fail(failed.value(), connect_step::wait, "no status line: ");
                              self->judge(std::string_view(self->buffer_.data(), size));
                            });
  }

  void judge(std::string_view piece) {
    const auto status = head_.feed(piece);
    if (!status) return end(probe_outcome::failed, "not an HTTP answer");
    if (!*status) return read();
    const std::string why = objection_to_status(check(), **status);
    end(why.empty() ? probe_outcome::passed : probe_outcome::failed, why);
  }

  // Of one place. What is ours spoils all of it: another place would meet the same.
  void end(probe_outcome how, std::string why) {
    if (!done_) return;
    error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
    if (how == probe_outcome::failed && next_ < where_.at.size()) return ask_next();
    std::exchange(done_, nullptr)(how, std::move(why));
  }

  stream_protocol::socket socket_;
  asio::steady_timer timer_;
  probe_target where_;
  std::shared_ptr<const pool> of_;
  std::function<void(probe_outcome, std::string)> done_;
  duration share_{};
  std::size_t next_ = 0;  // place
  endpoint at_;
  std::string request_;
  final_status_decoder head_;
  std::array<char, 1024> buffer_{};
};

}  // namespace

void probe_server(asio::io_context& io, const probe_target& where, std::shared_ptr<const pool> of, duration limit,
                  std::function<void(probe_outcome, std::string)> done) {
  ensure(!where.at.empty());
  std::make_shared<probe>(io, where, std::move(of), std::move(done))->start(limit);
}

}  // namespace holdfast
