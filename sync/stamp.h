// Time as all nodes of a cluster understand it: a hybrid logical clock (Kulkarni, Demirbas et al., "Logical Physical
// Clocks", 2014). It is near the wall clock, never runs backwards, and two stamps of one clock are never equal.
#pragma once

#include <algorithm>
#include <cstdint>

namespace holdfast {

// Milliseconds since 1970 in the upper 48 bits, a counter in the lower 16. 0 = never.
using stamp = std::uint64_t;
using unix_ms = std::uint64_t;

constexpr unix_ms ms_of(stamp s) { return s >> 16; }
constexpr stamp stamp_at(unix_ms when) { return when << 16; }

inline constexpr unix_ms most_ahead = 1000;  // ms that a stamp of somebody else may be ahead of our wall clock

class hybrid_clock {
 public:
  // The next stamp of our own, later than all that was given out or seen.
  stamp tick(unix_ms now) { return last_ = std::max(last_ + 1, stamp_at(now)); }

  // A stamp of another node: ours will be later. One too far ahead is clamped to `most_ahead` from now; what counts
  // instead is returned.
  stamp see(stamp theirs, unix_ms now) {
    const stamp taken = std::min(theirs, stamp_at(now + most_ahead));
    last_ = std::max(last_, taken);
    return taken;
  }

  stamp last() const { return last_; }

 private:
  stamp last_ = 0;
};

}  // namespace holdfast
