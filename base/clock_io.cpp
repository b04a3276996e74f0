#include "base/clock_io.h"

#include <time.h>

namespace holdfast {

instant monotonic_now() { return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()); }

instant coarse_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

wall_time wall_now() { return std::chrono::system_clock::now(); }

std::uint64_t wall_ms() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

}  // namespace holdfast
