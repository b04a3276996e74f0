#include "tests/bench/socket_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

namespace holdfast::bench {

namespace {

sockaddr_in name_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(host);
  return name;
}

void turn_on(int fd, int level, int option) {
  const int on = 1;
  if (setsockopt(fd, level, option, &on, sizeof on) < 0) throw_errno("setsockopt");
}

int make_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw_errno("socket");
  turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  return fd;
}

}  // namespace

void throw_errno(std::string_view what) { throw std::system_error(errno, std::generic_category(), std::string(what)); }

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) < 0) throw_errno("getrlimit");
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) < 0) throw_errno("setrlimit");
}

int listen_on(std::uint32_t host, std::uint16_t port) {
  const int fd = make_socket();
  turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in name = name_of(host, port);
  if (bind(fd, std::bit_cast<const sockaddr*>(&name), sizeof name) < 0) throw_errno("bind");
  if (listen(fd, 4096) < 0) throw_errno("listen");
  return fd;
}

int start_connect(std::uint32_t host, std::uint16_t port, std::uint32_t source) {
  const int fd = make_socket();
  if (source != 0) {
    // The port is chosen at connect, when both ends are known: else a source has only 28,000 of them for everybody.
    turn_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    const sockaddr_in own = name_of(source, 0);
    if (bind(fd, std::bit_cast<const sockaddr*>(&own), sizeof own) < 0) throw_errno("bind to source address");
  }
  const sockaddr_in name = name_of(host, port);
  if (connect(fd, std::bit_cast<const sockaddr*>(&name), sizeof name) < 0 && errno != EINPROGRESS) {
    throw_errno("connect");
  }
  return fd;
}

void watch(int poller, int fd, void* who) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = who;
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) throw_errno("epoll_ctl");
}

}  // namespace holdfast::bench
