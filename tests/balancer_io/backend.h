// A server of tests: a thread that accepts, and one for each conversation.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/balancer_io/peer.h"

namespace holdfast {

class backend {
 public:
  using conversation = std::function<void(peer&)>;

  explicit backend(conversation talk, const endpoint& at = loopback()) : talk_(std::move(talk)) {
    const socket_address wanted(at);
    listener_.reset(socket(wanted.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    set_option(listener_.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    EXPECT_EQ(bind(listener_.get(), wanted.get(), wanted.length), 0) << last_error().message();
    EXPECT_EQ(listen(listener_.get(), 512), 0);
    where_ = at.path.empty() ? local_name(listener_.get()) : at;
    accepting_ = std::thread([this] { accept_loop(); });
  }
  ~backend() { stop(); }

  // No new conversations; those under way are waited for.
  void stop() {
    if (!accepting_.joinable()) return;
    stopping_ = true;
    shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
    listener_.reset();
    for (std::thread& t : talking_) t.join();
    talking_.clear();
  }

  const endpoint& where() const { return where_; }
  int conversations() const { return count_; }

 private:
  void accept_loop() {
    while (!stopping_) {
      descriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!fd) {
        poll(nullptr, 0, 1);  // the process has no descriptor left, for now
        continue;
      }
      ++count_;
      talking_.emplace_back([this, with = std::make_shared<peer>(std::move(fd))] {
        talk_(*with);
        with->close();
      });
    }
  }

  conversation talk_;
  descriptor listener_;
  endpoint where_;
  std::atomic<int> count_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> talking_;
  std::thread accepting_;
};

// A place that lets connections wait for ever: its queue is full.
class black_hole {
 public:
  black_hole() {
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    EXPECT_EQ(bind(listener_.get(), any.get(), any.length), 0);
    EXPECT_EQ(listen(listener_.get(), 0), 0);
    const socket_address at(where());
    for (int waiting = 0; waiting < 2;) {
      descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      EXPECT_NE(connect(fd.get(), at.get(), at.length), 0);
      pollfd ready{.fd = fd.get(), .events = POLLOUT, .revents = 0};
      if (poll(&ready, 1, 200) == 0) ++waiting;
      filling_.push_back(std::move(fd));
    }
  }
  endpoint where() const { return local_name(listener_.get()); }

 private:
  descriptor listener_;
  std::vector<descriptor> filling_;
};

inline void echo(peer& with) {
  for (;;) {
    std::string heard(64 << 10, '\0');
    const ssize_t read = recv(with.fd(), heard.data(), heard.size(), 0);
    if (read <= 0) return;
    if (!with.say(std::string_view(heard).substr(0, static_cast<std::size_t>(read)))) return;
  }
}

// Says its name to whoever has said a line.
inline backend::conversation says(std::string name) {
  return [name = std::move(name)](peer& with) {
    std::string heard;
    while (!heard.ends_with('\n')) {
      const std::string more = with.hear(1);
      if (more.empty()) return;
      heard += more;
    }
    with.say(name);
  };
}

}  // namespace holdfast
