// New clients: at a steady rate, each from an address of its own, each with one request over one connection. Says
// "start" on standard output when a fifth of a second has passed, one line of JSON at the end; times from the call
// until the first byte of the reply. TERM ends it early. With --log it writes a line for each client that had a reply,
//   ADDRESS
// and with --ask-socket for some of them when another node came to know of it, in microseconds since the connection
// was there: of the first byte of the reply, of the last question answered no (-1: none), of the first answered yes
// (-1: never):
//   ADDRESS REPLY NO YES
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/asker_io.h"
#include "tests/bench/options.h"
#include "tests/bench/reply_reader.h"
#include "tests/bench/socket_io.h"

namespace holdfast::bench {

namespace {

using namespace std::chrono_literals;

constexpr auto warm_up = 200ms;
constexpr std::string_view request = "GET /t HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";

volatile std::sig_atomic_t told_to_end = 0;

struct plan {
  std::uint32_t host;
  std::uint16_t port;
  std::uint32_t first;  // address; the next client has the next one
  std::uint32_t rate;   // clients a second
  std::uint32_t milliseconds;
  std::string log;
  std::optional<question> ask;
};

struct client {
  int fd = -1;
  bool failed = false;
  steady::time_point called, connected, replied;
  reply_reader reply;
};

class crowd {
 public:
  explicit crowd(plan what);
  void run();

 private:
  bool whole() const { return told_to_end != 0 || (next_ == clients_.size() && ended_ == next_); }
  void call_those_due(steady::time_point now);
  std::chrono::nanoseconds until_next(steady::time_point now) const;
  void heard(client& one, std::uint32_t events);
  void drain(client& one);
  void end(client& one, const char* trouble);
  std::uint32_t address_of(const client& one) const {
    return plan_.first + static_cast<std::uint32_t>(&one - clients_.data());
  }
  void write_log();
  void print() const;

  plan plan_;
  int poller_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<client> clients_;  // all there will be: their places don't change
  std::optional<asker> asker_;
  std::size_t next_ = 0, ended_ = 0, failed_ = 0;
  const char* why_ = "";
  std::vector<char> buffer_ = std::vector<char>(16 << 10);
  steady::time_point begin_ = steady::now(), start_{}, end_{};
  std::size_t before_start_ = 0;  // so many had ended
};

crowd::crowd(plan what)
    : plan_(std::move(what)),
      clients_(static_cast<std::size_t>(plan_.rate * std::uint64_t{plan_.milliseconds} / 1000)) {
  if (plan_.ask) asker_.emplace(*plan_.ask);
}

void crowd::run() {
  std::array<epoll_event, 512> events;
  begin_ = steady::now();
  while (!whole()) {
    auto now = steady::now();
    if (now - begin_ > std::chrono::milliseconds(plan_.milliseconds) + 10s) break;  // somebody had no reply
    if (start_ == steady::time_point{} && now - begin_ >= warm_up) {
      start_ = now;
      before_start_ = ended_;
      std::puts("start");
      std::fflush(stdout);
    }
    call_those_due(now);
    const auto wait = std::clamp<std::chrono::nanoseconds>(until_next(steady::now()), 0ns, 20ms);
    const timespec patience{.tv_sec = 0, .tv_nsec = wait.count()};
    const int count = epoll_pwait2(poller_, events.data(), static_cast<int>(events.size()), &patience, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      heard(*static_cast<client*>(event.data.ptr), event.events);
    }
  }
  end_ = steady::now();
  print();
  if (!plan_.log.empty()) write_log();
}

// The nth is due n / rate seconds after the first. Who is late comes at once: the rate is kept.
std::chrono::nanoseconds crowd::until_next(steady::time_point now) const {
  if (next_ == clients_.size()) return 20ms;
  return begin_ + std::chrono::nanoseconds(next_ * 1'000'000'000 / plan_.rate) - now;
}

void crowd::call_those_due(steady::time_point now) {
  for (int turn = 0; turn < 64 && next_ < clients_.size() && until_next(now) <= 0ns; ++turn) {
    client& one = clients_[next_++];
    one.called = steady::now();
    one.fd = start_connect(plan_.host, plan_.port, address_of(one));
    watch(poller_, one.fd, &one);
  }
}

void crowd::heard(client& one, std::uint32_t events) {
  if (one.fd < 0) return;
  if (one.connected == steady::time_point{}) {
    if ((events & EPOLLERR) != 0) return end(one, "not connected");
    if ((events & EPOLLOUT) == 0) return;
    one.connected = steady::now();
    if (asker_ && asker_->idle()) asker_->look_for(address_of(one));
    if (send(one.fd, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) {
      return end(one, "request not taken");
    }
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) drain(one);
}

void crowd::drain(client& one) {
  for (;;) {
    const ssize_t got = recv(one.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0) return errno == EAGAIN ? void() : end(one, std::strerror(errno));
    if (got == 0) return end(one, one.reply.whole() ? nullptr : "closed before the end of a reply");
    if (one.replied == steady::time_point{}) one.replied = steady::now();
    if (one.reply.take({buffer_.data(), static_cast<std::size_t>(got)}) == reply_reader::outcome::wrong) {
      return end(one, "not the reply of the backend");
    }
  }
}

void crowd::end(client& one, const char* trouble) {
  close(one.fd);
  one.fd = -1;
  ++ended_;
  if (trouble == nullptr) return;
  one.failed = true;
  if (failed_++ == 0) why_ = trouble;
}

void crowd::write_log() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(plan_.log.c_str(), "w"), std::fclose);
  if (!file) throw_errno("open " + plan_.log);
  if (!asker_) {
    for (const auto& one : clients_) {
      if (one.replied != steady::time_point{}) std::fprintf(file.get(), "%s\n", dotted(address_of(one)).c_str());
    }
    return;
  }
  for (const auto& found : asker_->finish()) {
    const client& one = clients_[found.client - plan_.first];
    if (one.replied == steady::time_point{}) continue;
    const auto after = [&one](steady::time_point when) {
      return when == steady::time_point{} ? -1.0
                                          : std::chrono::duration<double, std::micro>(when - one.connected).count();
    };
    std::fprintf(file.get(), "%s %.1f %.1f %.1f\n", dotted(found.client).c_str(), after(one.replied),
                 after(found.last_no), after(found.yes));
  }
}

void crowd::print() const {
  std::vector<double> waited;
  for (const auto& one : clients_) {
    if (one.replied == steady::time_point{}) continue;
    waited.push_back(std::chrono::duration<double, std::micro>(one.replied - one.called).count());
  }
  std::sort(waited.begin(), waited.end());
  const auto quantile = [&waited](double q) {
    return waited.empty() ? 0 : waited[static_cast<std::size_t>(q * static_cast<double>(waited.size() - 1))];
  };
  std::printf(R"({"clients":%zu,"answered":%zu,"failed":%zu,"silent":%zu,"seconds":%.6f,"requests":%zu,)"
              R"("median_us":%.1f,"p99_us":%.1f,"why":"%s"})"
              "\n",
              clients_.size(), waited.size(), failed_, next_ - ended_,
              std::chrono::duration<double>(end_ - start_).count(), ended_ - before_start_, quantile(0.5),
              quantile(0.99), why_);
  std::fflush(stdout);
}

plan read_plan(const options& given) {
  plan what{.host = given.host("--host", own_host),
            .port = static_cast<std::uint16_t>(given.number("--port", 1, 65535, 8080)),
            .first = given.host("--first", own_host),
            .rate = given.number("--rate", 1, 100'000, 2000),
            .milliseconds = given.number("--milliseconds", 10, 600'000, 2000),
            .log = given.text("--log", ""),
            .ask = {}};
  const question ask{.socket = given.text("--ask-socket", ""),
                     .line = given.text("--ask-line", ""),
                     .known = given.text("--ask-known", "")};
  if (!ask.socket.empty()) what.ask = ask;
  return what;
}

}  // namespace

}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  using namespace holdfast::bench;
  const options given(argc, argv,
                      {"--host", "--port", "--first", "--rate", "--milliseconds", "--log", "--ask-socket", "--ask-line",
                       "--ask-known"});
  const plan what = read_plan(given);
  prepare_process();
  prctl(PR_SET_TIMERSLACK, 1);  // else every client comes 50 us late
  std::signal(SIGTERM, [](int) { told_to_end = 1; });
  crowd(what).run();
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_newcomers: %s\n", error.what());
  return 2;
}
