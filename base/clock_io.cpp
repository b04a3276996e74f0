#include "base/clock_io.h"

#include <time.h>

#include <algorithm>
#include <array>

namespace holdfast {

namespace {

std::chrono::nanoseconds since_start_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

instant monotonic_now() { return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()); }

instant coarse_now() { return instant(since_start_of(CLOCK_MONOTONIC_COARSE)); }

wall_time wall_now() { return std::chrono::system_clock::now(); }

wall_time coarse_wall_now() { return wall_time(since_start_of(CLOCK_REALTIME_COARSE)); }

std::string local_time_text() {
  const time_t now = std::chrono::system_clock::to_time_t(wall_now());
  tm parts{};
  localtime_r(&now, &parts);
  std::array<char, 20> text{};
  return {text.data(), strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

std::uint64_t steady_ms() {
  constexpr std::uint64_t earliest = std::uint64_t{1} << 40, latest = std::uint64_t{1} << 43;
  const auto ms = [](auto since) { return static_cast<std::uint64_t>(since / std::chrono::milliseconds(1)); };
  static const std::uint64_t at_zero =
      std::clamp(ms(wall_now().time_since_epoch()), earliest, latest) - ms(coarse_now().time_since_epoch());
  return at_zero + ms(coarse_now().time_since_epoch());
}

}  // namespace holdfast
