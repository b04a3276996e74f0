// The time budget of one part of a worker's turn.
#pragma once

#include "base/clock_io.h"

namespace holdfast {

inline constexpr duration slice = std::chrono::milliseconds(1);       // of a loop that looks after many
inline constexpr duration bulk_slice = std::chrono::milliseconds(3);  // of those that move bytes without end

// How long a loop may go on in one turn. It begins when it is first asked, so that a loop without work costs nothing.
class time_slice {
 public:
  explicit time_slice(duration length) : length_(length) {}
  bool over() {
    const instant now = monotonic_now();
    if (ends_ == instant()) ends_ = now + length_;
    return now >= ends_;
  }

 private:
  duration length_;
  instant ends_{};
};

}  // namespace holdfast
