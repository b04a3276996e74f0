// `vrrp standby`: let another node be active, and follow it without preempting.
#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"

namespace holdfast {
namespace {

TEST(Standby, IsABackupThatDoesNotPreempt) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  EXPECT_EQ(b.machine.is(), role::released);
  EXPECT_EQ(b.count<group::release_addresses>(), 2U);
  EXPECT_EQ(b.count<group::advertise>(), 2U) << "the others learn of it at once";
  b.hear(50, 10100ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "10.0.0.9 is active");
  for (duration t = 11s; t < 30s; t += 1s) {
    b.hear(50, t, 0);
    b.hear(50, t, 1);
  }
  EXPECT_GT(b.due(), 31s) << "a lower priority is listened to";
  b.tell(group::told_to_take{}, 30s);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Standby, EndsWhenTheOtherIsGone) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  b.report(role::active, 50, 10001ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "lb2 is active");
  b.tell(group::peer_gone{"lb2", group::ending::died}, 20s);
  EXPECT_EQ(b.machine.is(), role::active);
  b.hear(50, 21s);
  EXPECT_EQ(b.machine.is(), role::active) << "it is no standby any more";
  EXPECT_TRUE(b.machine.preempts(at(21s)));
}

TEST(Standby, EndsIfNobodyTakesOver) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  EXPECT_EQ(b.due(), 10s + 3s + skew);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::backup);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Standby, FollowsARelease) {
  bench b;
  b.start();
  b.tell(group::told_to_release{}, 1s);
  b.tell(group::told_to_stand_by{}, 2s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_FALSE(b.machine.preempts(at(2s)));
}

TEST(Standby, GivesWayToARelease) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  b.tell(group::told_to_release{}, 10001ms);
  b.hear(50, 11s);
  EXPECT_EQ(b.machine.is(), role::released);
  EXPECT_EQ(b.machine.deadline(), std::nullopt);
}

TEST(Standby, IsForWhoIsFit) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  b.tell(group::judged{"balancer", fitness::fault, "balancer ended"}, 10001ms);
  b.hear(50, 11s);
  EXPECT_EQ(b.machine.is(), role::fault);
}

TEST(Standby, IsOverOnceTheGroupHasStopped) {
  bench b;
  b.make_active();
  b.tell(group::told_to_stand_by{}, 10s);
  b.tell(group::stopped{}, 11s);
  b.hear(50, 12s);
  EXPECT_EQ(b.machine.is(), role::initialize);
  EXPECT_EQ(b.machine.deadline(), std::nullopt);
}

TEST(Standby, IsAReleaseForAnOwner) {
  bench b({.priority = 255});
  b.start();
  ASSERT_EQ(b.machine.is(), role::active);
  b.tell(group::told_to_stand_by{}, 10s);
  b.hear(50, 11s);
  EXPECT_EQ(b.machine.is(), role::released);
}

}  // namespace
}  // namespace holdfast
