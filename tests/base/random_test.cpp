#include "base/random.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

TEST(Random, IsSplitmix64) {
  std::uint64_t state = 0;
  EXPECT_EQ(next_random(state), 0xe220a8397b1dcdafU);
  EXPECT_EQ(next_random(state), 0x6e789e6aa1b965f4U);
}

TEST(Random, JittersBetweenHalfAndAll) {
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    const duration pause = jittered(duration(1000), state);
    EXPECT_GE(pause, duration(500));
    EXPECT_LE(pause, duration(1000));
  }
}

}  // namespace

}  // namespace holdfast
