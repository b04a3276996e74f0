#include "base/tls/secure_stream_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>

#include "base/ensure.h"
#include "base/tls/secure_connection_io.h"

namespace holdfast {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int waiting_most = 128;                   // callers whom the kernel lets wait
constexpr std::chrono::milliseconds breather{100};  // after the system refused us a descriptor

}  // namespace

secure_stream::secure_stream(std::shared_ptr<secure_connection> open) : connection_(std::move(open)) {}

secure_stream& secure_stream::operator=(secure_stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  connection_ = std::move(other.connection_);
  return *this;
}

secure_stream secure_stream::dial(asio::io_context& io, const tls_context& context, const stream_options& options,
                                  const endpoint& to, const std::optional<address>& from, stream_callbacks callbacks) {
  auto made = std::make_shared<secure_connection>(io, context, options);
  made->hear(std::move(callbacks));
  made->dial(to, from);
  return secure_stream(std::move(made));
}

void secure_stream::start(stream_callbacks callbacks) {
  ensure(connection_ != nullptr);
  connection_->hear(std::move(callbacks));
  connection_->start();
}

bool secure_stream::send(std::span<const std::uint8_t> frame) {
  return connection_ != nullptr && connection_->send(frame);
}

void secure_stream::close() {
  if (const auto open = std::exchange(connection_, nullptr)) open->close();
}

std::size_t secure_stream::unsent() const { return connection_ != nullptr ? connection_->unsent() : 0; }
std::uint64_t secure_stream::bytes_in() const { return connection_ != nullptr ? connection_->bytes_in() : 0; }
std::uint64_t secure_stream::bytes_out() const { return connection_ != nullptr ? connection_->bytes_out() : 0; }

struct secure_listener::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& context, tls_context key, const stream_options& o, listener_callbacks c, std::size_t most)
      : io(context), tls(std::move(key)), options(o), tell(std::move(c)), callers_most(most), door(io), pause(io) {}

  struct caller {
    std::shared_ptr<secure_connection> connection;
    endpoint from;
  };

  asio::io_context& io;
  tls_context tls;
  stream_options options;
  listener_callbacks tell;
  std::size_t callers_most;
  tcp::acceptor door;
  asio::steady_timer pause;
  std::list<caller> callers;  // who have proved nothing yet, the oldest first

  void accept_next() {
    door.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
      if (!self->door.is_open()) return;
      if (!failed) self->greet(std::move(socket));
      if (!self->door.is_open()) return;
      if (!failed || failed == asio::error::connection_aborted) return self->accept_next();
      self->pause.expires_after(breather);
      self->pause.async_wait([self](error_code) {
        if (self->door.is_open()) self->accept_next();
      });
    });
  }

  void greet(tcp::socket socket) {
    error_code gone;
    const auto there = socket.remote_endpoint(gone);
    if (gone) return;
    if (callers.size() >= callers_most) {
      const caller oldest = std::move(callers.front());
      callers.pop_front();
      oldest.connection->close();
      tell.turned_away(oldest.from, stream_end::refused);
    }
    const auto made = std::make_shared<secure_connection>(io, tls, options);
    const auto at = callers.insert(callers.end(), {.connection = made, .from = where_of(there)});
    made->hear({.opened = [this, at] { admit(at); },
                .received = {},  // nothing is read before the start
                .ended = [this, at](stream_end why) { turn_away(at, why); }});
    made->greet(std::move(socket));
  }

  void admit(std::list<caller>::iterator at) {
    const caller proved = std::move(*at);
    callers.erase(at);
    tell.accepted(secure_stream(proved.connection), proved.from);
  }

  void turn_away(std::list<caller>::iterator at, stream_end why) {
    const endpoint from = at->from;
    callers.erase(at);
    tell.turned_away(from, why);
  }

  void stop() {
    door = tcp::acceptor(io);
    pause.cancel();
    for (const caller& c : callers) c.connection->close();
    callers.clear();
  }
};

secure_listener::secure_listener(asio::io_context& io, tls_context context, const stream_options& options,
                                 listener_callbacks callbacks, std::size_t callers)
    : impl_(std::make_shared<impl>(io, std::move(context), options, std::move(callbacks), callers)) {
  ensure(callers > 0);
}

result<endpoint, std::string> secure_listener::listen(const endpoint& where) {
  const tcp::endpoint wanted = tcp_endpoint(where);
  tcp::acceptor fresh(impl_->io);
  error_code failed;
  const bool six = wanted.protocol() == tcp::v6();
  const bool listening = !fresh.open(wanted.protocol(), failed) &&
                         !fresh.set_option(tcp::acceptor::reuse_address(true), failed) &&
                         !(six && fresh.set_option(asio::ip::v6_only(false), failed)) && !fresh.bind(wanted, failed) &&
                         !fresh.listen(waiting_most, failed);
  if (!listening) return failure{"can't listen on " + where.text() + ": " + failed.message()};
  const auto bound = fresh.local_endpoint(failed);
  impl_->door = std::move(fresh);
  impl_->accept_next();
  return endpoint{.host = where.host, .port = bound.port(), .path = {}};
}

void secure_listener::stop() { impl_->stop(); }

}  // namespace holdfast
