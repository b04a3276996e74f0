#include "balancer/cluster/news_pace.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

TEST(NewsPace, DoesNotRestAfterNothing) { EXPECT_EQ(rest_after(0), 0s); }

TEST(NewsPace, RestsLongerTheMoreWereTold) {
  EXPECT_EQ(rest_after(1), 200us);
  EXPECT_EQ(rest_after(4), 800us);
}

TEST(NewsPace, RestsTwoMillisecondsAtMost) {
  EXPECT_EQ(rest_after(10), 2ms);
  EXPECT_EQ(rest_after(11), 2ms);
  EXPECT_EQ(rest_after(~std::uint64_t{0}), 2ms);
}

// Clients of a steady rate come while the thread rests: each is told alone up to 5,000 a second, then several at a
// time.
TEST(NewsPace, TellsManyAtATimeWhereManyCome) {
  const auto told_at_a_time = [](std::int64_t rate) {
    std::uint64_t told = 1;
    for (int round = 0; round < 100; ++round) {
      told = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rest_after(told) * rate / 1s));
    }
    return told;
  };
  EXPECT_EQ(told_at_a_time(100), 1U);
  EXPECT_EQ(told_at_a_time(5'000), 1U);
  EXPECT_EQ(told_at_a_time(50'000), 100U);
  EXPECT_EQ(told_at_a_time(1'000'000), 2'000U);
}

}  // namespace

}  // namespace holdfast
