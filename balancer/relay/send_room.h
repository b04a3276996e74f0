// How much a socket takes now, by what the kernel says of its send buffer. Knows no socket.
#pragma once

#include <cstddef>

namespace holdfast {

struct send_buffer {
  std::size_t unsent = 0;       // not yet on its way
  std::size_t most_unsent = 0;  // TCP_NOTSENT_LOWAT
  std::size_t used = 0;         // in the kernel's own count, with what it needs besides
  std::size_t limit = 0;        // SO_SNDBUF, in the same count
};

// Bytes, about: where some are unsent, what is missing to `most_unsent`; while all is on its way, what is free of the
// buffer, less the eighth that the kernel needs besides.
constexpr std::size_t room_in(const send_buffer& b) {
  if (b.unsent > 0) return b.unsent < b.most_unsent ? b.most_unsent - b.unsent : 0;
  return b.used < b.limit ? (b.limit - b.used) / 8 * 7 : 0;
}

}  // namespace holdfast
