#include "base/loop/notify_io.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>

#include "base/clock_io.h"

namespace holdfast {

namespace {

constexpr duration status_interval = std::chrono::seconds(2);

// "" when there is none; there is none afterwards.
std::string take_variable(const char* name) {
  const char* found = std::getenv(name);
  std::string text = found == nullptr ? "" : found;
  unsetenv(name);
  return text;
}

std::optional<std::int64_t> number_in(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value <= 0) return std::nullopt;
  return value;
}

descriptor call(const std::string& name) {
  sockaddr_un where{};
  const bool known = name.starts_with('/') || name.starts_with('@');
  if (!known || name.size() >= sizeof where.sun_path) return {};
  where.sun_family = AF_UNIX;
  name.copy(where.sun_path, name.size());
  if (name.front() == '@') where.sun_path[0] = '\0';
  descriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (!fd || connect(fd.get(), reinterpret_cast<const sockaddr*>(&where), size) != 0) return {};
  return fd;
}

std::int64_t microseconds(duration d) { return std::chrono::duration_cast<std::chrono::microseconds>(d).count(); }

}  // namespace

notifier notifier::from_environment() {
  notifier made;
  made.socket_ = call(take_variable("NOTIFY_SOCKET"));
  const auto within = number_in(take_variable("WATCHDOG_USEC"));
  const std::string whose = take_variable("WATCHDOG_PID");
  const bool ours = whose.empty() || number_in(whose) == getpid();
  if (made.socket_ && within && ours) made.watchdog_ = std::chrono::microseconds(*within);
  return made;
}

void notifier::ready() {
  if (stopping_) return;
  stage_ = "READY=1\n";
  send();
}

void notifier::reloading() {
  if (stopping_) return;
  stage_ = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds(monotonic_now().time_since_epoch())) + '\n';
  send();
}

void notifier::stopping(duration at_most) {
  stopping_ = true;
  stage_ = "STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds(at_most)) + '\n';
  send();
}

void notifier::status(const std::string& sentence) {
  status_ = "STATUS=" + sentence + '\n';
  send();
}

void notifier::alive() {
  alive_ = "WATCHDOG=1\n";
  send();
}

void notifier::retry() {
  if (!(stage_ + status_ + alive_).empty()) send();
}

void notifier::send() {
  const std::string all = stage_ + status_ + alive_;
  if (!socket_ || ::send(socket_.get(), all.data(), all.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
  for (std::string* sent : {&stage_, &status_, &alive_}) sent->clear();
}

// A quarter: a look that comes late, or finds somebody who has not quite gone round, does no harm yet.
supervision::supervision(boost::asio::io_context& io, notifier to, questions ask)
    : to_(std::move(to)),
      ask_(std::move(ask)),
      pause_(std::min(status_interval, to_.watchdog().value_or(status_interval) / 4)),
      next_(io, [this] { look(); }) {
  if (to_.has_manager()) next_.set(monotonic_now());
}

void supervision::look() {
  const instant now = monotonic_now();
  if (!std::exchange(began_, true)) to_.ready();
  if (now >= next_status_) {
    next_status_ = now + status_interval;
    std::string sentence = ask_.status();
    if (sentence != said_) to_.status(said_ = std::move(sentence));
  }
  if (to_.watchdog() && ask_.alive()) to_.alive();
  to_.retry();
  next_.set(now + pause_);
}

}  // namespace holdfast
