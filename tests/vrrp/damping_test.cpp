#include "vrrp/election/damping.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

instant at(duration since_start) { return instant(1h) + since_start; }

TEST(Damping, HoldsWhoeverBecameActiveThreeTimesInAMinute) {
  damping d;
  EXPECT_FALSE(d.count(at(0s)));
  EXPECT_FALSE(d.count(at(20s)));
  EXPECT_FALSE(d.held_until());
  EXPECT_EQ(d.count(at(60s)), damping::first_hold);
  EXPECT_EQ(d.held_until(), at(60s) + damping::first_hold);
  d.end_at(at(60s) + damping::first_hold - 1ns);
  EXPECT_TRUE(d.held_until());
  d.end_at(at(60s) + damping::first_hold);
  EXPECT_FALSE(d.held_until());
  EXPECT_FALSE(d.count(at(121s))) << "the second was too long ago";
}

TEST(Damping, HoldsEverLongerUpToFiveMinutes) {
  damping d;
  d.count(at(0s));
  d.count(at(1s));
  duration expected = damping::first_hold;
  for (int n = 2; n < 10; ++n) {
    EXPECT_EQ(d.count(at(n * 1s)), expected);
    expected = std::min(2 * expected, damping::longest_hold);
  }
  EXPECT_EQ(expected, damping::longest_hold);
}

TEST(Damping, BeginsAnewAfterTenQuietMinutesOrWhenItForgets) {
  damping d;
  for (int n = 0; n < 5; ++n) d.count(at(n * 1s));
  d.count(at(11min));
  d.count(at(11min + 1s));
  EXPECT_EQ(d.count(at(11min + 2s)), damping::first_hold);
  d.forget();
  EXPECT_FALSE(d.held_until());
  EXPECT_FALSE(d.count(at(11min + 3s)));
}

TEST(Damping, HoldsWhoeverIsToldTo) {
  damping d;
  d.hold(at(30s));
  EXPECT_EQ(d.held_until(), at(30s));
}

}  // namespace

}  // namespace holdfast
