#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/clock_io.h"
#include "tests/lab/socket_address_io.h"
#include "tests/lab/vrrp/pulse.h"

namespace holdfast::lab {
namespace {

constexpr std::string_view question = "GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n";
constexpr std::string_view good_answer = "HTTP/1.1 200";
constexpr std::size_t most_at_once = 400;

enum class stage { connecting, asked, answered, failed, over };

struct attempt {
  descriptor fd;
  instant began;
  stage at = stage::connecting;
};

// What poll said about it; where it stands after that.
stage go_on(const attempt& a) {
  std::array<char, 2048> buffer{};
  if (a.at == stage::connecting) {
    const ssize_t sent = ::send(a.fd.get(), question.data(), question.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return stage::connecting;
    return sent == static_cast<ssize_t>(question.size()) ? stage::asked : stage::failed;
  }
  const ssize_t n = ::recv(a.fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return a.at;
  if (a.at == stage::answered) return n > 0 ? stage::answered : stage::over;
  if (n <= 0) return stage::failed;
  return std::string_view(buffer.data(), static_cast<std::size_t>(n)).starts_with(good_answer) ? stage::answered
                                                                                               : stage::failed;
}

}  // namespace

// Those under way. Each is told once: answered or failed.
class pulse::attempts {
 public:
  attempts(const endpoint& to, duration patience, report& told)
      : to_(to), patience_(patience), told_(told), last_answer_(monotonic_now()) {}

  void begin(instant now) {
    ++told_.asked;
    attempt a{descriptor(::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), now,
              stage::connecting};
    if (all_.size() >= most_at_once || (::connect(a.fd.get(), to_.get(), to_.length) < 0 && errno != EINPROGRESS))
      return fail(now);
    all_.push_back(std::move(a));
  }

  void wait(duration limit) {
    waiting_.clear();
    for (const attempt& a : all_)
      waiting_.push_back({a.fd.get(), static_cast<short>(a.at == stage::connecting ? POLLOUT : POLLIN), 0});
    const auto ns = std::max(limit, duration(0)).count();
    const timespec t{ns / 1'000'000'000, ns % 1'000'000'000};
    ::ppoll(waiting_.data(), waiting_.size(), &t, nullptr);
    const instant now = monotonic_now();
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (waiting_[i].revents != 0) move_on(all_[i], now);
    for (attempt& a : all_)
      if (now - a.began > patience_) give_up(a, now);
    std::erase_if(all_, [](const attempt& a) { return a.at == stage::failed || a.at == stage::over; });
  }

  void end(instant now) { note_gap(now); }

 private:
  void move_on(attempt& a, instant now) {
    const stage before = std::exchange(a.at, go_on(a));
    if (before != stage::answered && a.at == stage::answered) answer(now);
    if (a.at == stage::failed) fail(now);
  }
  void give_up(attempt& a, instant now) {
    if (a.at == stage::connecting || a.at == stage::asked) fail(now);
    a.at = stage::over;
  }
  void answer(instant now) {
    ++told_.answered;
    note_gap(now);
    last_answer_ = now;
    first_failure_.reset();
  }
  void fail(instant now) {
    ++told_.failed;
    told_.last_failure = now;
    if (!first_failure_) first_failure_ = now;
    told_.refused_for = std::max(told_.refused_for, now - *first_failure_);
  }
  void note_gap(instant now) {
    if (now - last_answer_ <= told_.longest_gap) return;
    told_.longest_gap = now - last_answer_;
    told_.gap_began = last_answer_;
  }

  socket_address to_;
  duration patience_;
  report& told_;
  instant last_answer_;
  std::optional<instant> first_failure_;  // since the last answer
  std::vector<attempt> all_;
  std::vector<pollfd> waiting_;
};

pulse::pulse(const host& where, const endpoint& to, duration every, duration patience)
    : thread_([this, &where, to, every, patience] { run(where, to, every, patience); }) {}

pulse::~pulse() { stop(); }

pulse::report pulse::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return report_;
}

void pulse::run(const host& where, const endpoint& to, duration every, duration patience) {
  where.enter();
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), -15);  // a late prober measures itself
  attempts all(to, patience, report_);
  instant next = monotonic_now();
  while (!stopping_) {
    const instant now = monotonic_now();
    if (now >= next) {
      report_.lateness = std::max(report_.lateness, now - next);
      all.begin(now);
      next = std::max(next + every, now);  // what was missed stays missed
    }
    all.wait(next - monotonic_now());
    answered_ = report_.answered;
  }
  all.end(monotonic_now());
}

}  // namespace holdfast::lab
