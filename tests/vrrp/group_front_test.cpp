// What the front network must have proven before the role moves.
#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"
#include "vrrp/election/group.h"

namespace holdfast {
namespace {

TEST(Group, IsBlindWhenTheActivePeerAnswersOnBothPaths) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  const duration silence = b.due();
  b.tell(wake{}, silence);
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  EXPECT_EQ(b.machine.is(), role::backup);
  b.report(role::active, 150, silence + 1ms);
  b.tell(group::peer_answered{}, silence + 2ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_TRUE(b.machine.blind());
  EXPECT_GT(b.due(), silence + 3s);
  b.hear(150, silence + 3s);
  EXPECT_FALSE(b.machine.blind());
}

TEST(Group, TakesOverWhenTheFrontNetworkDoesNotReachTheActivePeerAnyMore) {
  bench b;
  b.start();
  for (const std::size_t router : {0U, 1U}) b.hear(150, 500ms, router);
  b.report(role::active, 150, 1s);
  const duration silence = b.due();
  b.tell(wake{}, silence);
  b.report(role::active, 150, silence + 1ms);
  b.tell(wake{}, silence + group::probe_patience);
  EXPECT_EQ(b.machine.is(), role::active);
  b.report(role::active, 150, silence + 1s);
  EXPECT_EQ(b.machine.is(), role::active) << "each serves those who can reach it";
}

TEST(Group, LeavesTheRoleToThePeerThatTheFrontNetworkHasNeverReached) {
  bench b;
  b.start();
  b.report(role::active, 50, 1s);
  for (int i = 0; i < 10; ++i) {
    b.tell(wake{}, b.due());
    EXPECT_EQ(b.count<group::probe_peer>(), 1U);
    b.report(role::active, 50, b.due() - 1ms);
    b.tell(wake{}, b.due());
    EXPECT_EQ(b.machine.is(), role::backup);
    EXPECT_EQ(b.count<group::noted>(), i == 0 ? 1U : 0U);
  }
  b.tell(wake{}, b.due());
  b.report(role::active, 50, b.due() - 2ms);
  b.tell(group::peer_answered{}, b.due() - 1ms);
  EXPECT_EQ(b.machine.why(), "preempts lb2");
}

TEST(Group, PreemptsOnceTheFrontNetworkCarriesBothWays) {
  bench b;
  b.start();
  for (const std::size_t router : {0U, 1U}) b.hear(50, 2s, router);
  const duration up = b.due();
  b.report(role::active, 50, 2s);
  EXPECT_EQ(b.due(), up - group::probe_patience) << "asked before its time is up";
  b.hear(50, b.due() - 1ms);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  b.hear(50, b.due() - 1ms);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::backup) << "it is heard, and does not hear us";
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  b.report(role::active, 50, b.due() - 1ms);
  b.tell(group::peer_answered{}, b.due() - 1ms);
  EXPECT_EQ(b.machine.why(), "preempts lb2");
}

TEST(Group, YieldsOverTheWireWhereAdvertsAreNotHeard) {
  bench b;
  b.make_active();
  b.report(role::active, 99, 10s);
  EXPECT_EQ(b.machine.is(), role::active);
  b.report(role::active, 150, 11s);
  EXPECT_EQ(b.machine.is(), role::active) << "where the front network does not carry it, we serve on";
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  b.report(role::active, 150, 11s + 10ms);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U) << "is being asked";
  b.tell(group::peer_answered{}, 11s + 11ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "lb2 is active with priority 150");
}

}  // namespace
}  // namespace holdfast
