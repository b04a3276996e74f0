#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <deque>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/socket_address_io.h"
#include "tests/lab/sync/arrivals.h"
#include "tests/lab/vrrp/pair.h"

namespace holdfast::lab {
namespace {

constexpr std::string_view question = "GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n";

struct reply {
  std::string server;  // "" = not all of it has come
  std::string trouble;
};

reply read_reply(const std::string& text) {
  const std::size_t end = text.find("\r\n\r\n");
  const std::size_t length = text.find("Content-Length: ");
  if (end == std::string::npos || length > end) return {{}, "(half)"};
  if (!text.starts_with("HTTP/1.1 200")) return {{}, "(status " + text.substr(9, 3) + ')'};
  const std::size_t size = std::strtoul(text.c_str() + length + 16, nullptr, 10);
  if (text.size() < end + 4 + size) return {{}, "(half)"};
  return {text.substr(end + 4, size), {}};
}

// Those who are asking.
class visitors {
 public:
  explicit visitors(answers& told) : told_(told), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  void begin(const address& client, instant now) {
    const socket_address to(client.is_v4() ? at(virtual4, 80) : at(virtual6, 80));
    visitor v{.client = client,
              .fd = descriptor(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
              .began = now};
    if (bind_source(v.fd.get(), client) < 0 || (::connect(v.fd.get(), to.get(), to.length) < 0 && errno != EINPROGRESS))
      return tell(v, "(unreachable)");
    epoll_event want{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u64 = first_ + all_.size()}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, v.fd.get(), &want);
    all_.push_back(std::move(v));
  }

  void serve(duration limit, instant now) {
    std::array<epoll_event, 256> events{};
    const int ms = static_cast<int>(limit / 1ms);
    const int n = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), ms);
    for (int i = 0; i < n; ++i) move_on(all_.at(events.at(static_cast<std::size_t>(i)).data.u64 - first_));
    for (; !all_.empty(); all_.pop_front(), ++first_) {
      visitor& oldest = all_.front();
      if (oldest.fd && now - oldest.began < arrivals::patience) break;
      if (oldest.fd) tell(oldest, "(timeout)");
    }
  }

  bool none() const { return all_.empty(); }

 private:
  struct visitor {
    address client;
    descriptor fd;  // none once it is told
    instant began{};
    bool asked = false;
    std::string heard = {};
  };

  void move_on(visitor& v) {
    if (!v.fd) return;
    if (!v.asked) {
      const ssize_t sent = ::send(v.fd.get(), question.data(), question.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
      if (sent < 0) return tell(v, errno == ECONNREFUSED ? "(refused)" : "(reset)");
      v.asked = true;
    }
    std::array<char, 4096> room{};
    while (true) {
      const ssize_t n = ::recv(v.fd.get(), room.data(), room.size(), 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return tell(v, n < 0 ? "(reset)" : "(closed)");
      v.heard.append(room.data(), static_cast<std::size_t>(n));
      if (!read_reply(v.heard).server.empty()) return tell(v, {});
    }
  }

  void tell(visitor& v, std::string trouble) {
    if (!v.heard.empty()) {
      const reply got = read_reply(v.heard);
      trouble = got.server.empty() ? got.trouble : got.server;
    }
    told_[v.client] = trouble;
    // By itself: a program that another thread is about to start still has the socket, which so isn't closed yet.
    if (v.fd) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, v.fd.get(), nullptr);
    v.fd.reset();
  }

  answers& told_;
  descriptor epoll_;
  std::deque<visitor> all_;  // in the order in which they came
  std::uint64_t first_ = 0;  // number of the first of them
};

}  // namespace

arrivals::arrivals(const host& where, std::vector<address> clients, int per_second)
    : thread_([this, &where, all = std::move(clients), per_second] { run(where, all, per_second); }) {}

answers arrivals::wait() {
  if (thread_.joinable()) thread_.join();
  return told_;
}

answers arrivals::stop() {
  stopping_ = true;
  return wait();
}

void arrivals::run(const host& where, const std::vector<address>& clients, int per_second) {
  where.enter();
  file_limit();
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), -10);  // others come at their rate however busy we are
  visitors inside(told_);
  const instant start = monotonic_now();
  std::size_t come = 0;
  while ((come < clients.size() && !stopping_) || !inside.none()) {
    const instant now = monotonic_now();
    const double seconds = std::chrono::duration<double>(now - start).count();
    const auto due = std::min(clients.size(), static_cast<std::size_t>(std::ceil(seconds * per_second)));
    for (; come < due && !stopping_; ++come) inside.begin(clients[come], now);
    begun_ = static_cast<int>(come);
    inside.serve(1ms, now);
  }
}

std::vector<address> served(const answers& all) {
  std::vector<address> who;
  for (const auto& [client, answer] : all)
    if (!answer.starts_with('(') || answer == "(half)") who.push_back(client);
  return who;
}

loyalty& loyalty::operator+=(const loyalty& more) {
  clients += more.clients;
  stayed += more.stayed;
  return *this;
}

loyalty compare(const answers& before, const answers& after) {
  loyalty sum;
  for (const address& client : served(before)) {
    const auto later = after.find(client);
    ++sum.clients;
    sum.stayed += later != after.end() && later->second == before.at(client);
  }
  return sum;
}

std::string strays(const answers& before, const answers& after) {
  std::string text;
  int most = 10;
  for (const address& client : served(before)) {
    const auto later = after.find(client);
    const std::string now = later == after.end() ? "(not asked)" : later->second;
    if (now == before.at(client) || most-- <= 0) continue;
    text += client.text() + ' ' + before.at(client) + " -> " + now + '\n';
  }
  return text;
}

}  // namespace holdfast::lab
