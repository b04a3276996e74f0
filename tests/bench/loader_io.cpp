// The clients: as many connections at once as told, each asking again as soon as it is answered (or, with --short 1,
// opening a new connection for each request). Counts while a window is open: says "start" on standard output when it
// opens, one line of JSON when it closes. A request that fails, ever, is counted as failed and its reason kept.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/reply_reader.h"
#include "tests/bench/socket_io.h"

namespace holdfast::bench {

namespace {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint32_t first_source = 0x7f100000;  // 127.16.0.0: the first of the source addresses
constexpr std::uint64_t max_failures = 1000;        // then there is nothing left to measure

struct plan {
  std::uint16_t port;
  bool short_lived;
  std::uint32_t connections;
  std::uint32_t milliseconds;  // length of the window
  std::uint32_t requests;      // not 0: no window, but so many requests, from the source addresses in their order
  std::uint32_t sources;       // addresses that connections come from, at random; 0 = 127.0.0.1 alone
  std::string path;
};

struct client {
  int fd = -1;
  bool connected = false;
  bool answered = false;  // a first time before the window opens, then a first time in it
  reply_reader reply;
};

class loader {
 public:
  explicit loader(const plan& what);
  void run();

 private:
  void open(client& one);
  void ask(client& one);
  void heard(client& one, std::uint32_t events);
  void drain(client& one, bool ending);
  void answered(client& one);
  void fail(client& one, const std::string& why);
  std::uint32_t next_source();
  bool finished(steady::time_point now);
  void start_window(steady::time_point now);
  void print() const;

  plan plan_;
  std::string request_;
  int poller_ = -1;
  std::vector<client> clients_;
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
  std::uint32_t silent_ = 0;  // clients without an answer so far
  std::uint64_t done_ = 0, bytes_ = 0, failed_ = 0, opened_ = 0;
  std::uint64_t random_ = 0x9e3779b97f4a7c15;
  std::string why_;
  bool counting_ = false;
  steady::time_point begin_ = steady::now(), settled_{}, start_{}, end_{};
};

loader::loader(const plan& what)
    : plan_(what),
      request_("GET " + what.path + " HTTP/1.1\r\nHost: bench\r\n" + (what.short_lived ? "Connection: close\r\n" : "") +
               "\r\n"),
      poller_(epoll_create1(EPOLL_CLOEXEC)),
      clients_(what.connections),
      silent_(what.connections) {}

void loader::run() {
  for (auto& one : clients_) open(one);
  std::array<epoll_event, 1024> events;
  while (!finished(steady::now())) {
    const int count = epoll_wait(poller_, events.data(), static_cast<int>(events.size()), 20);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      heard(*static_cast<client*>(event.data.ptr), event.events);
    }
    if (failed_ >= max_failures) break;
  }
  end_ = steady::now();
  print();
}

bool loader::finished(steady::time_point now) {
  if (plan_.requests != 0) return done_ >= plan_.requests || now - begin_ > 600s;
  if (counting_) {
    // A short window on a busy machine waits for the last client; one that starves shows as silent.
    const auto over = now - start_ - std::chrono::milliseconds(plan_.milliseconds);
    return over >= 10s || (over >= 0s && silent_ == 0);
  }
  if (silent_ != 0) return now - begin_ > 20s;
  if (settled_ == steady::time_point{}) settled_ = now;
  if (now - settled_ >= 300ms) start_window(now);
  return false;
}

void loader::start_window(steady::time_point now) {
  counting_ = true;
  done_ = bytes_ = 0;
  silent_ = plan_.connections;
  for (auto& one : clients_) one.answered = false;
  start_ = now;
  std::puts("start");
  std::fflush(stdout);
}

std::uint32_t loader::next_source() {
  if (plan_.sources == 0) return 0;
  if (plan_.requests != 0) return first_source + static_cast<std::uint32_t>(opened_++ % plan_.sources);
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return first_source + static_cast<std::uint32_t>(random_ % plan_.sources);
}

void loader::open(client& one) {
  if (one.fd >= 0) close(one.fd);
  one.connected = false;
  one.fd = start_connect(own_host, plan_.port, next_source());
  watch(poller_, one.fd, &one);
}

void loader::ask(client& one) {
  one.reply.restart();
  const ssize_t sent = send(one.fd, request_.data(), request_.size(), 0);
  if (sent != static_cast<ssize_t>(request_.size())) fail(one, "request not taken");
}

void loader::heard(client& one, std::uint32_t events) {
  if (!one.connected) {
    if ((events & EPOLLERR) != 0) return fail(one, "not connected");
    if ((events & EPOLLOUT) == 0) return;
    one.connected = true;
    ask(one);
  }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    drain(one, (events & (EPOLLRDHUP | EPOLLHUP)) != 0);
  }
}

void loader::drain(client& one, bool ending) {
  for (;;) {
    const ssize_t got = recv(one.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0) return errno == EAGAIN ? void() : fail(one, std::strerror(errno));
    if (got == 0) {
      if (!plan_.short_lived || !one.reply.whole()) return fail(one, "closed before the end of a reply");
      answered(one);
      return open(one);
    }
    bytes_ += static_cast<std::uint64_t>(got);
    const auto now = one.reply.take({buffer_.data(), static_cast<std::size_t>(got)});
    if (now == reply_reader::outcome::wrong) return fail(one, "not the reply of the backend");
    if (now == reply_reader::outcome::whole && !plan_.short_lived) {
      answered(one);
      ask(one);
    }
    if (static_cast<std::size_t>(got) < buffer_.size() && !ending) return;
  }
}

void loader::answered(client& one) {
  ++done_;
  if (!one.answered) --silent_;
  one.answered = true;
}

void loader::fail(client& one, const std::string& why) {
  ++failed_;
  if (why_.empty()) why_ = why;
  if (failed_ < max_failures) open(one);
}

void loader::print() const {
  const auto first = plan_.requests != 0 ? begin_ : start_;
  const double seconds = std::chrono::duration<double>(end_ - first).count();
  const std::uint64_t silent = plan_.requests != 0 ? 0 : silent_;
  std::printf(R"({"requests":%llu,"bytes":%llu,"failed":%llu,"silent":%llu,"seconds":%.6f,"why":"%s"})"
              "\n",
              static_cast<unsigned long long>(done_), static_cast<unsigned long long>(bytes_),
              static_cast<unsigned long long>(failed_), static_cast<unsigned long long>(silent), seconds, why_.c_str());
  std::fflush(stdout);
}

plan read_plan(const options& given) {
  return {.port = static_cast<std::uint16_t>(given.number("--port", 1, 65535, 8080)),
          .short_lived = given.number("--short", 0, 1, 0) == 1,
          .connections = given.number("--connections", 1, 10'000, 64),
          .milliseconds = given.number("--milliseconds", 10, 600'000, 2000),
          .requests = given.number("--requests", 0, 16'000'000, 0),
          .sources = given.number("--sources", 0, 1 << 20, 0),
          .path = given.text("--path", "/t")};
}

}  // namespace

}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  using namespace holdfast::bench;
  const options given(argc, argv,
                      {"--port", "--short", "--connections", "--milliseconds", "--requests", "--sources", "--path"});
  const plan what = read_plan(given);
  prepare_process();
  loader(what).run();
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_loader: %s\n", error.what());
  return 2;
}
