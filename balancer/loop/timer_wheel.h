// Many timers, few of which ever run out: a wheel of buckets. Knows ids and times, and no clock.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/machine.h"

namespace holdfast {

// One timer an id; ids are small numbers (an array is as long as the largest). O(1), but for next(), which looks at 64
// words at most. A timer is told late by up to one tick, never early. After G. Varghese, T. Lauck: Hashed and
// hierarchical timing wheels, 1987; what lies beyond the horizon goes round again.
class timer_wheel {
 public:
  static constexpr duration tick = std::chrono::milliseconds(16);
  static constexpr std::uint32_t buckets = 4096;  // 65 s to the horizon

  explicit timer_wheel(instant now);

  void set(std::uint32_t id, instant due);  // in place of what was set
  void cancel(std::uint32_t id);            // also when none was set
  std::optional<instant> due(std::uint32_t id) const;

  // When expire() should be called next; none when nothing is set. May be early: a turn of the wheel.
  std::optional<instant> next() const;

  // At most so many ids whose time has come; they are no longer set. If there are more, next() has come, too. Valid
  // until the next call.
  const std::vector<std::uint32_t>& expire(instant now, std::size_t most = std::numeric_limits<std::size_t>::max());

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  struct timer {
    std::uint32_t before = none;
    std::uint32_t after = none;
    std::uint32_t bucket = none;  // none: not set
    instant due;
  };

  void link(std::uint32_t id);
  void unlink(std::uint32_t id);
  bool empty_bucket(std::uint32_t bucket, instant now, std::size_t most);

  std::int64_t turned_;  // the last tick whose bucket has been emptied
  std::array<std::uint32_t, buckets> first_;
  std::array<std::uint64_t, buckets / 64> filled_{};  // a bit for each bucket that holds something
  std::vector<timer> timers_;
  std::vector<std::uint32_t> expired_;
};

}  // namespace holdfast
