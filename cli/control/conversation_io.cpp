#include "cli/control/conversation_io.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>

#include <atomic>
#include <tuple>

#include "cli/control/control_request.h"

namespace holdfast {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t line_end = 2;                // "\r\n"
constexpr std::size_t discarded_most = 64 * 1024;  // of what a caller goes on saying after its line

std::string in_seconds(std::chrono::milliseconds time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s" : std::to_string(time.count()) + " ms";
}

}  // namespace

conversation::conversation(socket s, caller who, const control_limits& limits,
                           std::shared_ptr<const handler_type> handler, std::function<void(conversation&)> ended)
    : socket_(std::move(s)),
      alarm_(socket_.get_executor()),
      who_(std::move(who)),
      limits_(limits),
      handler_(std::move(handler)),
      ended_(std::move(ended)),
      buffer_(limits.line + line_end, '\0') {}

void conversation::start() {
  error_code failed;
  if (socket_.non_blocking(true, failed)) return close();
  until_ = asio::steady_timer::clock_type::now() + limits_.to_finish;
  arm(limits_.to_say);
  read();
}

void conversation::close() {
  if (state_ == state::closed) return;
  state_ = state::closed;
  error_code ignored;
  std::ignore = socket_.close(ignored);
  alarm_.cancel();
  ended_(*this);
}

void conversation::read() {
  socket_.async_read_some(asio::buffer(buffer_) + heard_,
                          [self = shared_from_this()](error_code failed, std::size_t n) {
                            if (self->state_ != state::listening) return;
                            if (failed && failed != asio::error::eof) return self->close();
                            self->heard(n, failed == asio::error::eof);
                          });
}

void conversation::heard(std::size_t bytes, bool end) {
  const std::string_view line = std::string_view(buffer_).substr(0, heard_ + bytes);
  const std::size_t newline = line.find('\n', heard_);
  heard_ = line.size();
  if (end && line.empty()) return close();
  const bool whole = newline != line.npos || end;
  std::size_t length = std::min(newline, line.size());
  if (length > 0 && line[length - 1] == '\r') --length;
  if (length > limits_.line) {
    return say(misunderstood("the line is too long: expected at most " + std::to_string(limits_.line) + " bytes"));
  }
  if (!whole) {
    if (asio::steady_timer::clock_type::now() >= until_) {
      return say(refused("the line has no end: expected it within " + in_seconds(limits_.to_finish)));
    }
    arm(limits_.to_say);
    return read();
  }
  heard_ = length;
  ask();
}

void conversation::ask() {
  state_ = state::waiting;
  arm(limits_.to_answer);
  // Whoever lets go of the ticket unanswered has answered, too. Any thread may do so.
  struct ticket {
    std::weak_ptr<conversation> to;
    asio::any_io_executor on;
    std::atomic<bool> used = false;

    void use(reply what) {
      if (!used.exchange(true)) answer(to, on, std::move(what));
    }
    ~ticket() { use(refused("the command was dropped without an answer")); }
  };
  const auto held = std::make_shared<ticket>();
  held->to = weak_from_this();
  held->on = socket_.get_executor();
  const asked line_said = take_apart(line());
  caller who = who_;
  who.json = line_said.json;
  (*handler_)(who, line_said.command, [held](reply what) { held->use(std::move(what)); });
}

void conversation::answer(const std::weak_ptr<conversation>& to, const asio::any_io_executor& on, reply what) {
  if (to.expired()) return;  // and with it, perhaps, what `on` runs on
  asio::dispatch(on, [to, what = std::move(what)] {
    const auto self = to.lock();
    if (self != nullptr && self->state_ == state::waiting) self->say(what);
  });
}

void conversation::say(const reply& what) {
  error_code ignored;
  std::ignore = socket_.cancel(ignored);  // a read may be under way
  answer_ = take_apart(line()).json ? render_wire(what) : render_pen(what);
  state_ = state::writing;
  arm(limits_.to_take);
  write();
}

// Tries at once, so that a short answer has left before say() returns: what was answered arrives even if we stop now.
void conversation::write() {
  while (written_ < answer_.size()) {
    error_code failed;
    const std::size_t bytes = socket_.write_some(asio::buffer(answer_) + written_, failed);
    if (failed == asio::error::would_block) {
      socket_.async_wait(socket::wait_write, [self = shared_from_this()](error_code gone) {
        if (self->state_ != state::writing) return;
        if (gone) return self->close();
        self->write();
      });
      return;
    }
    if (failed) return close();
    written_ += bytes;
    arm(limits_.to_take);
  }
  part();
}

// Closing while the caller's bytes are unread would reset the connection and could destroy the answer on its way.
void conversation::part() {
  if (state_ != state::parting) {
    state_ = state::parting;
    answer_ = {};
    written_ = 0;
    error_code ignored;
    std::ignore = socket_.shutdown(socket::shutdown_send, ignored);
  }
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code end, std::size_t bytes) {
    if (self->state_ != state::parting) return;
    self->written_ += bytes;
    if (end || self->written_ > discarded_most) return self->close();
    self->part();
  });
}

void conversation::arm(std::chrono::milliseconds after) {
  alarm_.expires_after(after);
  alarm_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled || self->alarm_.expiry() > asio::steady_timer::clock_type::now()) return;
    self->late();
  });
}

// Some scripts end no line, and wait for the answer with the connection open.
void conversation::silent() {
  if (heard_ == 0) return say(refused("nothing heard: expected a line within " + in_seconds(limits_.to_say)));
  ask();
}

void conversation::late() {
  switch (state_) {
    case state::listening: return silent();
    case state::waiting: return say(refused("no answer within " + in_seconds(limits_.to_answer)));
    case state::writing:
    case state::parting: return close();
    case state::closed: return;
  }
}

}  // namespace holdfast
