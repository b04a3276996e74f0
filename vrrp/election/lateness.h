// Whether our loop wakes when it should: whoever woke late learns that before all else, for what it was about to do
// belongs to another time. Reads no clock.
#pragma once

#include <cstdint>
#include <optional>

#include "base/machine.h"

namespace holdfast {

class lateness {
 public:
  static constexpr duration tolerance{std::chrono::milliseconds(10)};

  explicit lateness(instant start) : looked_(start) {}

  // We are awake now, and should have been at `due` (none: no time was set). How late that is, if it is more than the
  // tolerance. What was before the last look doesn't count: we were awake then.
  std::optional<duration> look(std::optional<instant> due, instant now);

  std::uint64_t count() const { return count_; }  // how often we were late
  duration most() const { return most_; }

 private:
  instant looked_;
  std::uint64_t count_ = 0;
  duration most_{};
};

}  // namespace holdfast
