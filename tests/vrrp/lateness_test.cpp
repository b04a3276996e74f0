#include "vrrp/election/lateness.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

const instant start{1h};

TEST(Lateness, CountsFromTheTimeThatWasSet) {
  lateness of(start);
  EXPECT_EQ(of.look(start + 100ms, start + 150ms), 50ms);
  EXPECT_EQ(of.count(), 1U);
  EXPECT_EQ(of.most(), 50ms);
}

TEST(Lateness, ForgivesALittle) {
  lateness of(start);
  EXPECT_EQ(of.look(start + 100ms, start + 109ms), std::nullopt);
  EXPECT_EQ(of.look(start + 200ms, start + 150ms), std::nullopt) << "woken by something else, before its time";
  EXPECT_EQ(of.look(std::nullopt, start + 10s), std::nullopt) << "nothing was due";
  EXPECT_EQ(of.count(), 0U);
}

TEST(Lateness, TellsTheSameSleepOnce) {
  lateness of(start);
  EXPECT_EQ(of.look(start, start + 1s), 1s);
  EXPECT_EQ(of.look(start, start + 1s + 5ms), std::nullopt) << "it is the same due time, still not dealt with";
  EXPECT_EQ(of.look(start, start + 1s + 25ms), 20ms);
  EXPECT_EQ(of.most(), 1s);
  EXPECT_EQ(of.count(), 2U);
}

}  // namespace
}  // namespace holdfast
