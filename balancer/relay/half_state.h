// What is known of one side of a connection, besides its socket and the bytes that are held: values, which can go to
// another process.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "balancer/relay/server_window.h"

namespace holdfast {

struct half_state {
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t moved = 0;              // bytes that came from here and were sent to the other side
  std::uint64_t allowance = unlimited;  // bytes that may yet be read from here
  std::uint32_t preface = 0;            // of the held bytes, those in front that are ours and not this side's

  bool readable = false;   // the kernel may have something for us to read
  bool writable = false;   // ... and room for us to write
  bool hung_up = false;    // what is there to read is all that will come
  bool ended = false;      // it came to its end in order, and all has been read
  bool passed_on = false;  // ... and sent, and the other side knows of the end
  bool broken = false;     // reset, or failed otherwise: it takes nothing more, but may have said something before
  bool cut = false;        // ... and an end that is read here is none in order
  bool urgent = false;     // out-of-band data has been seen: a short read need not be the last
  bool nagling = false;    // TCP_NODELAY is wanted, and not yet set
  bool spoken_to = false;  // something has been sent to this side
  std::uint8_t full_reads = 0;
  window_growth window = window_growth::untouched;  // of a server

  bool operator==(const half_state&) const = default;
};

// All of it that another process needs to go on, with a descriptor of the same socket.
struct half_image {
  half_state state;
  std::string held;  // read from here, and not yet sent to the other side
};

}  // namespace holdfast
