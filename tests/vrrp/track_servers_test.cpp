// What servers that die, return, or come and go make of a balancer.
#include "tests/vrrp/made_track.h"

namespace holdfast {

namespace {

TEST(Track, IsDegradedWithoutListenerOrLiveServer) {
  balancer b;
  b.start();
  condition now = well;
  now.servers_alive = 0;
  EXPECT_FALSE(b.tell(now));
  b.last(1s);
  EXPECT_EQ(b.is(), fitness::degraded);
  EXPECT_EQ(b.why(), "no server alive");
  now.listeners = 0;
  EXPECT_TRUE(b.tell(now)) << "at once";
  EXPECT_EQ(b.is(), fitness::degraded);
  EXPECT_EQ(b.why(), "balancer has no listener");
  now = well;
  now.servers_alive = 1;
  EXPECT_TRUE(b.tell(now));
  EXPECT_EQ(b.why(), "no server alive") << "not yet for long";
  b.last(1s);
  EXPECT_EQ(b.is(), fitness::fit);
}

TEST(Track, SaysSinceWhenNoServerIsAlive) {
  balancer b;
  b.start();
  condition now = well;
  now.servers_alive = 0;
  const instant began = b.now;
  b.tell(now);
  b.last(1s);
  EXPECT_EQ(b.judge.verdict().since, began);
  b.tell(well);
  b.last(1s);
  EXPECT_EQ(b.judge.verdict().since, std::nullopt);
}

TEST(Track, DoesNotHeedServersThatComeAndGo) {
  balancer b;
  b.start();
  condition none = well;
  none.servers_alive = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(b.tell(i % 2 == 0 ? none : well));
    b.last(i % 2 == 0 ? 990ms : 10ms);
    ASSERT_EQ(b.is(), fitness::fit) << i;
  }
  b.tell(none);
  b.last(1s);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(b.tell(i % 2 == 0 ? well : none));
    b.last(i % 2 == 0 ? 990ms : 10ms);
    ASSERT_EQ(b.is(), fitness::degraded) << i;
  }
}

TEST(Track, WaitsAsLongForServersAsItIsTold) {
  balancer b({.degrade_after = 0s});
  b.start();
  condition none = well;
  none.servers_alive = 0;
  EXPECT_TRUE(b.tell(none));
  EXPECT_EQ(b.is(), fitness::degraded);
  EXPECT_TRUE(b.tell(well));
}

// What it said before we slept may have ceased to be true since: that time does not count.
TEST(Track, DoesNotCountItsOwnSleepAgainstServers) {
  balancer b;
  b.start();
  condition none = well;
  none.servers_alive = 0;
  b.tell(none);
  b.now += 5s;
  b.tell(track::overslept{5s});
  b.beat_all();
  EXPECT_FALSE(b.tell(wake{}));
  EXPECT_EQ(b.is(), fitness::fit);
  b.last(1s);
  EXPECT_EQ(b.is(), fitness::degraded);
}

TEST(Track, ForgetsServersWithTheBalancerThatKnewThem) {
  balancer b;
  condition none = well;
  none.servers_alive = 0;
  b.start(none);
  b.last(1s);
  b.tell(track::ended{});
  b.start(none);
  EXPECT_EQ(b.is(), fitness::fit) << "the new one has not looked for long";
}

}  // namespace

}  // namespace holdfast
