// A worker's view of its descriptors: edge-triggered epoll, every descriptor added once, for everything, and never
// changed. Knows nothing about what is behind them.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/descriptor_io.h"

namespace holdfast {

enum class watched : std::uint8_t { orders, listener, flow, dummy };

// Whose descriptor it is: a slot among those of its kind, and a stamp that tells this use of the slot from those before
// it, so that an event which has come too late is recognised.
struct ticket {
  static constexpr std::uint32_t stamps = 0xffffff;
  watched kind = watched::orders;
  std::uint32_t slot = 0;
  std::uint32_t stamp = 0;  // 24 bits
};

// What the kernel says of one descriptor.
struct readiness {
  ticket whose;
  bool readable = false;  // bytes, or an end, or an error
  bool writable = false;
  bool ended = false;   // the peer will send no more
  bool failed = false;  // reset, refused, timed out
  bool urgent = false;  // out-of-band data: a short read no longer means "drained"
};

class poller {
 public:
  static constexpr std::size_t batch = 256;

  poller();  // throws std::system_error

  // Until the descriptor is closed. False when the kernel has no room (errno).
  bool watch(int fd, ticket whose);

  // From now on under another ticket; what it is ready for is said anew.
  bool watch_as(int fd, ticket whose);

  // Only for descriptors that others hold, too: closing those is not the end of them.
  void forget(int fd);

  // What has changed since the last call, at most `batch`; none after that many milliseconds.
  std::span<const epoll_event> wait(int milliseconds);
  static readiness read(const epoll_event& e);

 private:
  bool control(int how, int fd, ticket whose);

  descriptor epoll_;
  std::array<epoll_event, batch> events_{};
};

inline readiness poller::read(const epoll_event& e) {
  const std::uint32_t what = e.events;
  return {.whose = {.kind = static_cast<watched>(static_cast<std::uint8_t>(e.data.u64 >> 24)),
                    .slot = static_cast<std::uint32_t>(e.data.u64 >> 32),
                    .stamp = static_cast<std::uint32_t>(e.data.u64) & ticket::stamps},
          .readable = (what & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
          .writable = (what & EPOLLOUT) != 0,
          .ended = (what & (EPOLLRDHUP | EPOLLHUP)) != 0,
          .failed = (what & EPOLLERR) != 0,
          .urgent = (what & EPOLLPRI) != 0};
}

}  // namespace holdfast
