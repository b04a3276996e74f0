#include <gtest/gtest.h>

#include "base/clock_io.h"

namespace holdfast {
namespace {

TEST(Clock, NeverRunsBackwards) {
  const instant first = monotonic_now();
  EXPECT_LE(first, monotonic_now());
  const auto ms = steady_ms();
  EXPECT_LE(ms, steady_ms());
}

TEST(Clock, IsLateByATickAtMostWhereThatIsEnough) {
  const instant coarse = coarse_now();
  EXPECT_LE(coarse, monotonic_now());
  EXPECT_GT(coarse_now() + std::chrono::seconds(1), monotonic_now());
  const wall_time coarse_wall = coarse_wall_now();
  EXPECT_LE(coarse_wall, wall_now());
  EXPECT_GT(coarse_wall_now() + std::chrono::seconds(1), wall_now());
}

TEST(Clock, CountsFrom1970) { EXPECT_GT(steady_ms(), std::uint64_t{1} << 40) << "after 2005"; }

}  // namespace
}  // namespace holdfast
