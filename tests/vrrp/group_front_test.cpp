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
  b.confirm(silence, silence + 1ms);
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
  b.confirm(silence, silence + 1ms);
  b.tell(wake{}, silence + group::probe_patience);
  EXPECT_EQ(b.machine.is(), role::active);
  b.report(role::active, 150, silence + 1s);
  b.confirm(silence + 1s, silence + 1s);
  EXPECT_EQ(b.machine.is(), role::active) << "each serves those who can reach it";
}

TEST(Group, LeavesTheRoleToThePeerThatTheFrontNetworkHasNeverReached) {
  bench b;
  b.start();
  b.report(role::active, 50, 1s);
  for (int i = 0; i < 10; ++i) {
    const duration asks = b.due();
    b.tell(wake{}, asks);
    EXPECT_EQ(b.count<group::probe_peer>(), 1U);
    b.confirm(asks, b.due() - 1ms);
    b.tell(wake{}, b.due());
    EXPECT_EQ(b.machine.is(), role::backup);
    EXPECT_EQ(b.count<group::noted>(), i == 0 ? 1U : 0U);
  }
  const duration asks = b.due();
  b.tell(wake{}, asks);
  b.confirm(asks, b.due() - 2ms);
  b.tell(group::peer_answered{}, b.due() - 1ms);
  EXPECT_EQ(b.machine.is(), role::backup) << "not before its time";
  b.tell(wake{}, b.due());
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
  const duration asks = b.due();
  b.tell(wake{}, asks);
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  b.confirm(asks, b.due() - 1ms);
  b.tell(group::peer_answered{}, b.due() - 1ms);
  EXPECT_EQ(b.machine.is(), role::backup) << "not before its time";
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.why(), "preempts lb2");
}

TEST(Group, YieldsOverTheWireWhereAdvertsAreNotHeard) {
  bench b;
  b.make_active();
  b.report(role::active, 99, 10s);
  b.confirm(10s, 10s);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U);
  b.report(role::active, 150, 11s);
  EXPECT_EQ(b.count<group::ask_peer>(), 1U) << "it may have been so before we were";
  b.confirm(11s, 11s);
  EXPECT_EQ(b.machine.is(), role::active) << "where the front network does not carry it, we serve on";
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  b.confirm(11s, 11s + 10ms);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U) << "is being asked";
  b.tell(group::peer_answered{}, 11s + 11ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "lb2 is active with priority 150");
}

group::peer_view seen(role is, std::uint8_t priority, front_proof front) {
  return {.is = is, .priority = priority, .how = fitness::fit, .front = front};
}

TEST(GroupFront, IsAskedOfTheWatchedAddressByWhoIsActive) {
  bench b({.watches = true});
  b.make_active();
  const duration asks = b.due();
  b.tell(wake{}, asks);
  while (b.count<group::probe_watch>() == 0) b.tell(wake{}, b.due());
  b.tell(group::watch_answered{}, b.due() - group::watch_patience / 2);
  EXPECT_EQ(b.machine.view().front, front_proof::untried);
  EXPECT_EQ(b.count<group::report>(), 0U) << "nobody is in doubt";
}

// Asks as often as it takes until it says that the front network has failed.
void let_fail(bench& b) {
  for (int i = 0; i < 20 && b.machine.view().front != front_proof::failed; ++i) b.tell(wake{}, b.due());
  ASSERT_EQ(b.machine.view().front, front_proof::failed);
  EXPECT_EQ(b.count<group::report>(), 1U);
}

TEST(GroupFront, IsGivenUpToWhoIsReachedThere) {
  bench b({.watches = true});
  b.make_active();
  b.report(role::backup, 50, 5s);
  let_fail(b);
  EXPECT_EQ(b.machine.is(), role::active) << "better than nobody";
  b.tell(group::peer_reported{"lb2", seen(role::backup, 50, front_proof::failed)}, 10s);
  EXPECT_EQ(b.machine.is(), role::active) << "it is not reached either";
  b.tell(group::peer_reported{"lb2", seen(role::backup, 50, front_proof::proven)}, 11s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "lb2 is reached on the front network, and we are not");
  EXPECT_EQ(b.machine.view().front, front_proof::failed) << "which tells lb2 to take over";
}

TEST(GroupFront, ThatAnswersAgainIsKept) {
  bench b({.watches = true});
  b.make_active();
  b.report(role::backup, 50, 5s);
  let_fail(b);
  const duration again = b.due();
  b.tell(group::watch_answered{}, again);
  EXPECT_EQ(b.machine.view().front, front_proof::untried);
  b.tell(group::peer_reported{"lb2", seen(role::backup, 50, front_proof::proven)}, again + 1ms);
  EXPECT_EQ(b.count<group::probe_watch>(), 1U) << "lb2 does not reach us: who is it?";
  b.tell(group::watch_answered{}, again + 2ms);
  EXPECT_EQ(b.machine.view().front, front_proof::proven);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(GroupFront, IsProvenToAnActivePeerThatHasFailed) {
  bench b({.watches = true});
  b.start();
  b.hear(150, 500ms, 0);
  b.hear(150, 500ms, 1);
  b.tell(group::peer_reported{"lb2", seen(role::active, 150, front_proof::failed)}, 1s);
  EXPECT_EQ(b.count<group::probe_watch>(), 1U);
  b.tell(group::watch_answered{}, 1s + 1ms);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.view().front, front_proof::proven);
  EXPECT_EQ(b.count<group::report>(), 1U);
  b.tell(group::peer_reported{"lb2", seen(role::backup, 150, front_proof::failed)}, 1200ms);
  b.confirm(1200ms, 1201ms);
  EXPECT_EQ(b.machine.is(), role::active);
  EXPECT_EQ(b.machine.why(), "lb2 is not reached on the front network");
}

TEST(GroupFront, WaitsForTheVerdictOfAnActivePeerThatItDoesNotReach) {
  bench b({.watches = true});
  b.start();
  b.hear(150, 500ms, 0);
  b.hear(150, 500ms, 1);
  b.report(role::active, 150, 1s);
  const auto ask = [&](bool watch) {
    const duration asks = b.due();
    b.tell(wake{}, asks);
    ASSERT_EQ(b.count<group::probe_watch>(), 1U);
    b.confirm(asks, b.due() - 2ms);
    if (watch) b.tell(group::watch_answered{}, b.due() - 1ms);
    b.tell(wake{}, b.due());
  };
  ask(false);
  EXPECT_EQ(b.machine.is(), role::backup) << "nobody answers: it is us";
  EXPECT_EQ(b.machine.view().front, front_proof::failed);
  ask(true);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.view().front, front_proof::proven);
  ask(true);
  EXPECT_EQ(b.machine.is(), role::active) << "it is of an older version, which says nothing";
}

}  // namespace
}  // namespace holdfast
