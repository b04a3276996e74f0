#include "balancer/loop/poller_io.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/ensure.h"

namespace holdfast {

poller::poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

bool poller::control(int how, int fd, ticket whose) {
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
  wanted.data.u64 =
      std::uint64_t{whose.slot} << 32 | static_cast<std::uint64_t>(whose.kind) << 24 | (whose.stamp & ticket::stamps);
  return epoll_ctl(epoll_.get(), how, fd, &wanted) == 0;
}

bool poller::watch(int fd, ticket whose) { return control(EPOLL_CTL_ADD, fd, whose); }

bool poller::watch_as(int fd, ticket whose) { return control(EPOLL_CTL_MOD, fd, whose); }

void poller::forget(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<const epoll_event> poller::wait(int milliseconds) {
  // Not epoll_wait(), which is a cancellation point: see receive() in socket_io.h.
  const long count = syscall(SYS_epoll_wait, epoll_.get(), events_.data(), batch, milliseconds);
  ensure(count >= 0 || errno == EINTR);
  return {events_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
}

}  // namespace holdfast
