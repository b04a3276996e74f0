// When the kernel may widen the receive window of a server. While we read fast it does so, to a megabyte at once;
// should the client stall, all of that waits in our buffers. So the window of a long reply stays as it is until its
// client has taken enough to be no idler.
#pragma once

#include <cstdint>

namespace holdfast {

enum class window_growth : std::uint8_t { untouched, stopped, free };

enum class window_step : std::uint8_t {
  none,
  stop,  // its growth
  ask    // how much of what was sent to the client is still under way; then client_takes()
};

constexpr std::uint64_t not_small = 16 << 10;      // of a server's reply
constexpr std::uint64_t surely_taken = 128 << 10;  // by the client's program, and not by its kernel alone

// moved: bytes from this server that were sent to the client.
constexpr window_step next_step(window_growth now, std::uint64_t moved) {
  if (now == window_growth::free || moved < not_small) return window_step::none;
  if (now == window_growth::untouched) return window_step::stop;
  return moved < surely_taken ? window_step::none : window_step::ask;
}

// under_way: of `moved`, what the client's host has not acknowledged.
constexpr bool client_takes(std::uint64_t moved, std::uint64_t under_way) { return moved >= surely_taken + under_way; }

}  // namespace holdfast
