#include "sync/stamp.h"

#include <gmock/gmock.h>

#include <random>

namespace holdfast {

namespace {

constexpr unix_ms noon = 1'700'000'000'000;

TEST(Stamp, HoldsMillisecondsAndACounter) {
  EXPECT_EQ(stamp_at(noon), 0x018b'cfe5'6800'0000U);
  EXPECT_EQ(ms_of(stamp_at(noon) + 0xffff), noon);
}

TEST(HybridClock, IsTheWallClockWhenThatMovesOn) {
  hybrid_clock clock;
  EXPECT_EQ(clock.last(), 0U);
  EXPECT_EQ(clock.tick(noon), stamp_at(noon));
  EXPECT_EQ(clock.tick(noon + 5), stamp_at(noon + 5));
  EXPECT_EQ(clock.last(), stamp_at(noon + 5));
}

TEST(HybridClock, CountsWithinAMillisecond) {
  hybrid_clock clock;
  clock.tick(noon);
  EXPECT_EQ(clock.tick(noon), stamp_at(noon) + 1);
  EXPECT_EQ(clock.tick(noon), stamp_at(noon) + 2);
  EXPECT_EQ(clock.tick(noon + 1), stamp_at(noon + 1));
}

TEST(HybridClock, GoesOnWhenTheWallClockIsSetBack) {
  hybrid_clock clock;
  clock.tick(noon);
  EXPECT_EQ(clock.tick(noon - 3'600'000), stamp_at(noon) + 1);
}

TEST(HybridClock, CarriesAFullCounterIntoTheMilliseconds) {
  hybrid_clock clock;
  stamp last = clock.tick(noon);
  for (int i = 0; i < 0xffff; ++i) last = clock.tick(noon);
  EXPECT_EQ(last, stamp_at(noon) + 0xffff);
  EXPECT_EQ(clock.tick(noon), stamp_at(noon + 1));
  EXPECT_EQ(clock.tick(noon + 1), stamp_at(noon + 1) + 1) << "later than what was borrowed";
}

TEST(HybridClock, IsLaterThanWhatItHasSeen) {
  hybrid_clock clock;
  clock.tick(noon);
  const stamp theirs = stamp_at(noon + 300) + 7;
  EXPECT_EQ(clock.see(theirs, noon), theirs);
  EXPECT_EQ(clock.tick(noon + 1), theirs + 1);
  EXPECT_EQ(clock.see(stamp_at(noon - 300), noon), stamp_at(noon - 300)) << "an old one is taken as it is";
  EXPECT_EQ(clock.tick(noon + 1), theirs + 2) << "and moves nothing";
}

TEST(HybridClock, FollowsNobodyFarIntoTheFuture) {
  hybrid_clock clock;
  const stamp furthest = stamp_at(noon + most_ahead);
  EXPECT_EQ(clock.see(furthest, noon), furthest);
  EXPECT_EQ(clock.see(furthest + 1, noon), furthest);
  EXPECT_EQ(clock.see(~stamp{0}, noon), furthest);
  EXPECT_EQ(clock.tick(noon), furthest + 1);
}

TEST(HybridClock, NeverRunsBackwardsWhateverHappens) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    hybrid_clock clock;
    stamp last = 0;
    for (int i = 0; i < 1'000; ++i) {
      const unix_ms now = noon + random() % 5'000;
      const stamp theirs = random() >> random() % 64;
      if (random() % 2 == 0) {
        const stamp taken = clock.see(theirs, now);
        ASSERT_LE(taken, theirs) << "seed " << seed;
        ASSERT_LE(ms_of(taken), now + most_ahead) << "seed " << seed;
        last = std::max(last, taken);
      } else {
        const stamp next = clock.tick(now);
        ASSERT_GT(next, last) << "seed " << seed;
        ASSERT_GE(next, stamp_at(now)) << "seed " << seed;
        last = next;
      }
    }
  }
}

}  // namespace

}  // namespace holdfast
