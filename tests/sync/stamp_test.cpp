#include "sync/stamp.h"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace holdfast {

namespace {

constexpr unix_ms noon = 1'700'000'000'000;
constexpr unix_ms hour = 3'600'000;

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
  EXPECT_TRUE(clock.see(theirs, noon));
  EXPECT_EQ(clock.tick(noon + 1), stamp_at(noon + 301)) << "and goes on from there as time does";
  EXPECT_TRUE(clock.see(stamp_at(noon - 300), noon)) << "an old one moves nothing";
  EXPECT_EQ(clock.tick(noon + 1), stamp_at(noon + 301) + 1);
}

TEST(HybridClock, FollowsAnHourIntoTheFuture) {
  hybrid_clock clock;
  const stamp ours = clock.tick(noon);
  const stamp theirs = stamp_at(noon + hour);
  EXPECT_TRUE(clock.see(theirs, noon + 10'000));
  EXPECT_GT(clock.tick(noon + 10'000), theirs);
  EXPECT_EQ(clock.tick(noon + 15'000), stamp_at(noon + hour + 5'000));
  EXPECT_EQ(clock.when(ours), noon) << "what was said before is as old as it was";
  EXPECT_EQ(clock.when(theirs), noon + 10'000) << "and the leap takes no time";
  EXPECT_EQ(clock.when(stamp_at(noon + hour + 5'000)), noon + 15'000);
}

TEST(HybridClock, ManyLittleLeapsAreALeap) {
  hybrid_clock clock;
  const stamp ours = clock.tick(noon);
  for (unix_ms ahead = 0; ahead < hour; ahead += 1'000) clock.see(stamp_at(noon + ahead), noon);
  EXPECT_LE(clock.when(ours), noon + clocks_agree);
  EXPECT_GE(clock.when(ours), noon - clocks_agree);
}

TEST(HybridClock, BelievesNoStampThatNoClockShows) {
  hybrid_clock clock;
  clock.tick(noon);
  EXPECT_FALSE(clock.see(stamp_at(latest_ms), noon));
  EXPECT_FALSE(clock.see(~stamp{0}, noon));
  EXPECT_EQ(clock.last(), stamp_at(noon));
  EXPECT_TRUE(clock.see(stamp_at(latest_ms) - 1, noon));
  EXPECT_EQ(clock.tick(noon), stamp_at(latest_ms)) << "and has room for what follows";
}

// One an hour ahead, one right: both are right about how long ago each of them was visited.
TEST(HybridClock, TwoThatMeetTellHowOldTheirStampsAre) {
  hybrid_clock fast, right;
  const stamp at_fast = fast.tick(noon + hour);
  const stamp at_right = right.tick(noon);
  const auto fast_says = fast.marks(noon + hour + 60'000), right_says = right.marks(noon + 60'000);
  fast.meet(right_says, noon + hour + 60'000);
  right.meet(fast_says, noon + 60'000);
  EXPECT_EQ(fast.when(at_fast), noon + hour);
  EXPECT_EQ(fast.when(at_right), noon + hour) << "by its own time";
  EXPECT_EQ(fast.when(stamp_at(noon + 60'500)), noon + hour + 60'500) << "and what is on its way";
  EXPECT_EQ(right.when(at_fast), noon);
  EXPECT_EQ(right.when(at_right), noon);
  EXPECT_GT(right.tick(noon + 60'000), fast.last());
  const auto again = right.marks(noon + 70'000);
  fast.meet(again, noon + hour + 70'000);
  right.meet(fast.marks(noon + hour + 70'000), noon + 70'000);
  EXPECT_EQ(fast.marks(noon + hour + 70'000).size(), 2U) << "to hear it again tells nothing new";
  EXPECT_EQ(right.marks(noon + 70'000).size(), 2U);
}

TEST(HybridClock, AThirdLearnsItFromEither) {
  hybrid_clock right, third;
  const stamp old = right.tick(noon);
  right.see(stamp_at(noon + hour), noon + 60'000);
  third.meet(right.marks(noon + 120'000), noon - 5 * hour);
  EXPECT_EQ(third.when(old), noon - 5 * hour - 120'000);
  EXPECT_EQ(third.when(right.last()), noon - 5 * hour - 60'000);
}

TEST(HybridClock, KeepsAFewLeapsAndTheLatestExactly) {
  hybrid_clock clock;
  std::vector<stamp> said;
  for (unix_ms i = 0; i < 20; ++i) {
    said.push_back(clock.tick(noon + i * 1'000));
    clock.see(stamp_at(noon + (i + 1) * hour), noon + i * 1'000);
  }
  const unix_ms now = noon + 20'000;
  EXPECT_EQ(clock.marks(now).size(), max_clock_marks);
  for (unix_ms i = 0; i < 20; ++i) EXPECT_GE(clock.when(said[i]), noon + i * 1'000) << "never older than it is";
  for (unix_ms i = 13; i < 20; ++i) EXPECT_EQ(clock.when(said[i]), noon + i * 1'000);
}

TEST(HybridClock, ARecalledStampIsEarlierThanAnyOfAClock) {
  EXPECT_TRUE(is_recalled(recalled(stamp_at(latest_ms) - 1)));
  EXPECT_FALSE(is_recalled(stamp_at(noon)));
  EXPECT_LT(recalled(stamp_at(noon)), recalled(stamp_at(noon) + 1'000));
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
        if (clock.see(theirs, now)) last = std::max(last, theirs);
      } else {
        const stamp next = clock.tick(now);
        ASSERT_GT(next, last) << "seed " << seed;
        ASSERT_GE(next, stamp_at(now)) << "seed " << seed;
        last = next;
      }
      ASSERT_LE(clock.marks(now).size(), max_clock_marks);
    }
  }
}

}  // namespace

}  // namespace holdfast
