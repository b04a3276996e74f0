// The server behind every proxy under measurement: answers GET /t with 2 bytes, /64k and /1m with as many, keeps the
// connection unless the request says "Connection: close". One thread, edge-triggered epoll, no allocation per request.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "tests/bench/options.h"
#include "tests/bench/socket_io.h"

namespace holdfast::bench {

namespace {

std::string make_reply(std::size_t size, bool close) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) +
         "\r\nConnection: " + (close ? "close" : "keep-alive") + "\r\n\r\n" + std::string(size, 'x');
}

struct replies {
  std::array<std::string, 2> tiny{make_reply(2, false), make_reply(2, true)};
  std::array<std::string, 2> middle{make_reply(64 << 10, false), make_reply(64 << 10, true)};
  std::array<std::string, 2> large{make_reply(1 << 20, false), make_reply(1 << 20, true)};

  const std::string& to(std::string_view request, bool close) const {
    if (request.starts_with("GET /64k ")) return middle[close];
    if (request.starts_with("GET /1m ")) return large[close];
    return tiny[close];
  }
};

class session {
 public:
  session(int fd, const replies& all) : fd_(fd), all_(&all) {}
  ~session() { close(fd_); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  // As far as it goes without waiting. False: the connection is over. ending: the client said it sends no more.
  bool go_on(bool ending) {
    for (;;) {
      if (left_.empty() && !read_request()) {
        const ssize_t got = recv(fd_, input_.data() + used_, input_.size() - used_, 0);
        if (got <= 0) return got < 0 && errno == EAGAIN;
        const bool drained = used_ + static_cast<std::size_t>(got) < input_.size();
        used_ += static_cast<std::size_t>(got);
        // A short read emptied the socket: another one would only cost a call to learn so, unless the end is to be
        // read.
        if (!read_request() && drained && !ending) return true;
      }
      while (!left_.empty()) {
        const ssize_t sent = send(fd_, left_.data(), left_.size(), 0);
        if (sent < 0) return errno == EAGAIN;
        left_.remove_prefix(static_cast<std::size_t>(sent));
        if (left_.empty() && last_) return false;
      }
    }
  }

 private:
  // Takes one whole request from the input and makes its reply what is left to send.
  bool read_request() {
    const std::string_view input(input_.data(), used_);
    const std::size_t end = input.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const std::string_view request = input.substr(0, end);
    last_ = request.find("\r\nConnection: close") != std::string_view::npos;
    left_ = all_->to(request, last_);
    used_ -= end + 4;
    std::memmove(input_.data(), input_.data() + end + 4, used_);
    return true;
  }

  int fd_;
  const replies* all_;
  std::array<char, 1024> input_;
  std::size_t used_ = 0;
  std::string_view left_;  // of the reply under way
  bool last_ = false;      // close after this reply
};

void accept_all(int poller, int listener, const replies& all) {
  for (int turn = 0; turn < 64; ++turn) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    watch(poller, fd, new session(fd, all));
  }
}

// send_buffer: bytes that wait in the kernel for a client who does not read; 0 = as many as the kernel likes.
[[noreturn]] void serve(std::uint32_t host, std::uint16_t port, std::uint32_t send_buffer) {
  const replies all;
  const int listener = listen_on(host, port);
  if (send_buffer != 0 && setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer) < 0)
    throw_errno("SO_SNDBUF");
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};  // level-triggered: what accept_all leaves in the queue is told again
  event.events = EPOLLIN;
  if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) throw_errno("epoll_ctl");
  std::array<epoll_event, 512> events;
  for (;;) {
    const int count = epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto* one = static_cast<session*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (one == nullptr) {
        accept_all(poller, listener, all);
      } else if (!one->go_on((events[static_cast<std::size_t>(i)].events & EPOLLRDHUP) != 0)) {
        delete one;
      }
    }
  }
}

}  // namespace

}  // namespace holdfast::bench

int main(int argc, char** argv) try {
  using namespace holdfast::bench;
  const options given(argc, argv, {"--host", "--port", "--send-buffer"});
  prepare_process();
  serve(given.host("--host", own_host), static_cast<std::uint16_t>(given.number("--port", 1, 65535, 8080)),
        given.number("--send-buffer", 0, 16 << 20, 0));
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_backend: %s\n", error.what());
  return 2;
}
