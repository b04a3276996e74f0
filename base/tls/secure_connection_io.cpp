#include "base/tls/secure_connection_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <tuple>

#include "base/clock_io.h"
#include "base/ensure.h"

namespace holdfast {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t share = 256 << 10;  // bytes read before others have their turn
constexpr int probes = 2;                 // of the kernel, unanswered: lost

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

void dress(int fd, const stream_options& options) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options.user_timeout.count()));
  if (options.keep_alive == std::chrono::seconds::zero()) return;
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(options.keep_alive.count()));
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, static_cast<int>(options.keep_alive.count()));
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

// Closing with unread bytes would reset the connection, and could destroy the last words on their way.
void throw_away_unread(int fd) {
  std::array<char, 4096> unread;
  for (int i = 0; i < 64 && recv(fd, unread.data(), unread.size(), MSG_DONTWAIT) > 0; ++i) continue;
}

}  // namespace

tcp::endpoint tcp_endpoint(const endpoint& where) {
  if (where.host.is_v4()) return {asio::ip::address_v4(where.host.v4_value()), where.port};
  return {asio::ip::address_v6(where.host.bytes()), where.port};
}

endpoint where_of(const tcp::endpoint& there) {
  const asio::ip::address a = there.address();
  const address host = a.is_v4() ? address::v4(a.to_v4().to_uint()) : address(a.to_v6().to_bytes());
  return {.host = host, .port = there.port(), .path = {}};
}

secure_connection::secure_connection(asio::io_context& io, tls_context context, const stream_options& options)
    : io_(io), context_(std::move(context)), options_(options), socket_(io), clock_(io, [this] { late(); }) {}

void secure_connection::hear(stream_callbacks callbacks) {
  tell_ = std::make_shared<const stream_callbacks>(std::move(callbacks));
}

void secure_connection::dial(const endpoint& to, const std::optional<address>& from) {
  state_ = state::connecting;
  clock_.set(monotonic_now() + options_.connect_limit);
  const tcp::endpoint there = tcp_endpoint(to);
  error_code failed;
  socket_.open(there.protocol(), failed);
  if (!failed && from) socket_.bind(tcp_endpoint({.host = *from, .port = 0, .path = {}}), failed);
  if (failed) return finish(stream_end::lost);
  dress(socket_.native_handle(), options_);
  socket_.async_connect(there, [self = shared_from_this()](error_code why) {
    if (self->state_ != state::connecting) return;
    if (why) return self->finish(end_of(why.value()));
    self->begin_handshake(tls_session::side::dialled);
  });
}

void secure_connection::greet(socket accepted) {
  socket_ = std::move(accepted);
  dress(socket_.native_handle(), options_);
  begin_handshake(tls_session::side::accepted);
}

void secure_connection::begin_handshake(tls_session::side which) {
  error_code failed;
  socket_.native_non_blocking(true, failed);
  if (failed) return finish(stream_end::lost);
  state_ = state::shaking;
  side_ = which;
  clock_.set(monotonic_now() + options_.handshake_limit);
  tls_.emplace(context_, which, socket_.native_handle());
  asio::post(io_, [self = shared_from_this()] { self->turn(); });
}

void secure_connection::start() {
  if (state_ != state::proved) return;  // it has begun
  state_ = state::open;
  heard_ = monotonic_now();
  if (options_.silence != duration::zero()) clock_.set(heard_ + options_.silence);
  asio::post(io_, [self = shared_from_this()] { self->turn(); });
}

void secure_connection::turn() {
  if (state_ == state::shaking) return shake();
  if (state_ != state::open) return;
  const bool more = take();
  if (state_ == state::open) give();
  if (state_ == state::open) rest(more);
}

void secure_connection::shake() {
  const bool proved = tls_->shake();
  if (tls_->end()) return finish(*tls_->end());
  if (!proved) return rest(false);
  state_ = state::proved;
  clock_.set(std::nullopt);
  frames_.emplace(options_.frame_limit);  // not earlier: whoever has proved nothing gets no memory
  if (side_ == tls_session::side::dialled) start();
  const auto tell = tell_;
  tell->opened();
}

// Reads and hands on frames until nothing is left or our share is used up; the latter is true.
bool secure_connection::take() {
  for (std::size_t taken = 0; taken < share;) {
    const std::size_t bytes = tls_->read(frames_->room());
    if (bytes == 0) {
      if (tls_->end()) finish(*tls_->end());
      return false;
    }
    taken += bytes;
    heard_ = monotonic_now();
    frames_->filled(bytes);
    while (const auto frame = frames_->next()) {
      const auto tell = tell_;
      tell->received(*frame);
      if (state_ != state::open) return false;
    }
    if (frames_->broken()) {
      finish(stream_end::protocol);
      return false;
    }
  }
  return true;
}

void secure_connection::give() {
  while (sent_ < queue_.size()) {
    const std::size_t taken = tls_->write(std::span(queue_).subspan(sent_));
    if (taken == 0) break;
    sent_ += taken;
  }
  if (tls_->end()) return finish(*tls_->end());
  if (sent_ < queue_.size()) {
    full_ = true;
    return;
  }
  queue_.clear();
  sent_ = 0;
  if (!full_) return;
  full_ = false;
  const auto tell = tell_;
  tell->drained();
}

void secure_connection::rest(bool more) {
  if (more)
    asio::post(io_, [self = shared_from_this()] { self->turn(); });
  else
    await(socket::wait_read, reading_);
  if (tls_->wants_write()) await(socket::wait_write, writing_);
}

void secure_connection::await(socket::wait_type what, bool& waiting) {
  if (waiting) return;
  waiting = true;
  socket_.async_wait(what, [self = shared_from_this(), &waiting](error_code) {
    waiting = false;
    self->turn();
  });
}

bool secure_connection::send(std::span<const std::uint8_t> frame) {
  if (state_ != state::open) return false;
  ensure(frame.size() <= options_.frame_limit);
  if (unsent() + frame_header_size + frame.size() > options_.queue_limit) {
    finish(stream_end::slow);
    return false;
  }
  if (sent_ > queue_.size() / 2) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
  const auto header = frame_header(frame.size());
  queue_.insert(queue_.end(), header.begin(), header.end());
  queue_.insert(queue_.end(), frame.begin(), frame.end());
  if (full_) return true;  // the loop goes on with it when the kernel has room
  give();
  if (state_ == state::open && tls_->wants_write()) await(socket::wait_write, writing_);
  return state_ == state::open;
}

// A time limit is over. If our own loop was late, what came meanwhile counts.
void secure_connection::late() {
  const auto self = shared_from_this();
  const state before = state_;
  turn();
  if (state_ != before) return;
  if (state_ == state::open && monotonic_now() - heard_ < options_.silence)
    clock_.set(heard_ + options_.silence);
  else
    finish(stream_end::lost);
}

void secure_connection::finish(stream_end why) {
  if (state_ == state::ended) return;
  leave();
  asio::post(io_, [self = shared_from_this(), why] {
    if (const auto tell = std::exchange(self->tell_, nullptr)) tell->ended(why);
  });
}

void secure_connection::close() {
  tell_ = nullptr;
  if (state_ != state::ended) leave();
}

void secure_connection::leave() {
  const bool said = tls_ && state_ >= state::proved;
  state_ = state::ended;
  clock_.set(std::nullopt);
  if (said) tls_->part();
  error_code ignored;
  if (socket_.is_open() && said) throw_away_unread(socket_.native_handle());
  std::ignore = socket_.close(ignored);
}

}  // namespace holdfast
