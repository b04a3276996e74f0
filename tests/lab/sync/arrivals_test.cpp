// The judges of this laboratory, tried where everybody knows the verdict: one node keeps its clients, and two that
// share nothing lose them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock_io.h"
#include "tests/lab/sync/cluster.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

TEST(Arrivals, ComeAtTheirRateAndReturnToTheirServers) {
  cluster c({.key = false});
  c.start(1);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  const std::vector<address> all = c.strangers(4000);
  const instant began = monotonic_now();
  const answers first = c.visit(all, 2000);
  const double seconds = milliseconds(monotonic_now() - began) / 1000;
  EXPECT_EQ(served(first).size(), all.size()) << c.scene().said();
  EXPECT_EQ(count_by_server(first).size(), 3U);
  EXPECT_GT(seconds, 1.9);
  EXPECT_LT(seconds, 4);
  const answers again = c.visit({all.rbegin(), all.rend()}, 2000);
  EXPECT_TRUE(compare(first, again).whole()) << strays(first, again);
}

// Between fork and exec a program has all our sockets: what is closed meanwhile isn't closed yet.
TEST(Arrivals, AreNotDisturbedByProgramsThatStart) {
  cluster c({.key = false});
  c.start(1);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  const std::vector<address> all = c.strangers(8000);
  arrivals load(c.scene().crowd(), all, 4000);
  for (int i = 0; i < 200; ++i) c.ctl(1, "status");
  EXPECT_EQ(served(load.wait()).size(), all.size()) << c.scene().said();
}

TEST(Arrivals, ToldWhoGotNoReply) {
  cluster c({.key = false});
  c.start(1);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  c.lb(1).kill_all();
  const answers none = c.visit(c.strangers(100));
  EXPECT_EQ(none.size(), 100U);
  EXPECT_TRUE(served(none).empty());
}

TEST(Arrivals, LoseTheirServersWhereNothingIsShared) {
  cluster c({.key = false});
  for (const int number : {1, 2}) c.start(number);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  const std::vector<address> all = c.strangers(1000);
  const answers before = c.visit(all);
  c.lb(1).balancer().kill();
  ASSERT_TRUE(c.serves(2)) << c.scene().said();
  const answers after = c.visit({all.rbegin(), all.rend()});
  EXPECT_EQ(served(after).size(), all.size());
  const loyalty kept = compare(before, after);
  EXPECT_GT(kept.percent(), 20) << "not even by luck";
  EXPECT_LT(kept.percent(), 50);
  EXPECT_FALSE(strays(before, after).empty());
}

}  // namespace
}  // namespace holdfast::lab
