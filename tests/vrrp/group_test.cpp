#include "vrrp/election/group.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"

namespace holdfast {
namespace {

TEST(Group, TakesOverWithAllItsRoutersOnceAllAreSilent) {
  bench b;
  b.start();
  b.hear(150, 2s, 1);
  EXPECT_EQ(b.due(), 2s + 3s + skew) << "the router that was heard last decides";
  b.tell(wake{}, 3700ms);
  EXPECT_EQ(b.machine.is(), role::backup) << "one router's silence is not enough";
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::active);
  EXPECT_EQ(b.count<group::take_addresses>(), 2U);
  EXPECT_EQ(b.count<group::announce>(), 2U);
}

TEST(Group, YieldsWithAllItsRoutersWhenOneIsOverruled) {
  bench b;
  b.make_active();
  b.hear(150, 10s, 1);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "heard priority 150 from 10.0.0.9");
  EXPECT_EQ(b.count<group::release_addresses>(), 2U);
}

TEST(Group, FollowsALeavingActiveOnAllRouters) {
  bench b;
  b.start();
  b.hear(150, 2s, 0);
  b.hear(150, 2s, 1);
  b.hear(0, 3s, 0);
  EXPECT_EQ(b.due(), 3s + skew);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.why(), "10.0.0.9 left");
}

TEST(Group, LetsTheFirstRouterDecideBetweenEqualPriorities) {
  bench b;
  b.make_active();
  b.hear(100, 10s, 1);
  EXPECT_EQ(b.machine.is(), role::active) << "of two routers the addresses might disagree";
  b.hear(100, 11s, 0);
  EXPECT_EQ(b.machine.is(), role::backup);
}

TEST(Group, PreemptsNobodyWhileItsBalancerLacksWhatTheOthersKnow) {
  bench b;
  b.start();
  b.tell(group::synced{false}, 1s);
  for (duration t = 1s; t < 20s; t += 1s) {
    b.hear(50, t, 0);
    b.hear(50, t, 1);
  }
  EXPECT_EQ(b.machine.is(), role::backup);
  b.tell(group::synced{true}, 20s);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, TakesOverFromTheDeadWhateverItsBalancerKnows) {
  bench b;
  b.start();
  b.tell(group::synced{false}, 1s);
  b.hear(150, 2s, 0);
  b.hear(150, 2s, 1);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, AnnouncesAgainWhenAForeignAdvertIsRefused) {
  bench b;
  b.make_active();
  b.hear(50, 10s);
  EXPECT_EQ(b.count<group::announce>(), 2U);
  b.hear(50, 10s + 100ms);
  EXPECT_EQ(b.count<group::announce>(), 0U) << "not as often as the other one speaks";
  b.hear(0, 10s + 200ms);
  EXPECT_EQ(b.count<group::announce>(), 2U) << "it has given up, and announced itself until then";
  b.hear(50, 11s);
  EXPECT_EQ(b.count<group::announce>(), 2U);
}

TEST(Group, AnnouncesAgainWhenAnotherActiveNodeHasYieldedUnheard) {
  bench b;
  b.make_active();
  b.report(role::active, 50, 10s);
  EXPECT_EQ(b.machine.is(), role::active);
  b.report(role::backup, 50, 11s);
  EXPECT_EQ(b.count<group::announce>(), 2U);
  b.report(role::backup, 50, 12s);
  EXPECT_EQ(b.count<group::announce>(), 0U);
}

TEST(Group, LeavesOnAFaultAndComesBackAsBackup) {
  bench b;
  b.make_active();
  b.tell(group::judged{"balancer", fitness::fault, "balancer ended"}, 10s);
  EXPECT_EQ(b.machine.is(), role::fault);
  EXPECT_EQ(b.machine.why(), "balancer ended");
  EXPECT_EQ(b.count<group::release_addresses>(), 2U);
  EXPECT_EQ(b.machine.deadline(), std::nullopt);
  b.tell(group::judged{"eth0", fitness::fault, "eth0 has no carrier"}, 11s);
  b.tell(group::judged{"balancer", fitness::fit, ""}, 12s);
  EXPECT_EQ(b.machine.is(), role::fault) << "the worst of all judgements counts";
  b.tell(group::judged{"eth0", fitness::fit, ""}, 13s);
  EXPECT_EQ(b.machine.is(), role::backup);
}

TEST(Group, AdvertisesALowPriorityWhileDegraded) {
  bench b({.priority = 254});
  b.make_active();
  b.tell(group::judged{"balancer", fitness::degraded, "no server alive"}, 10s);
  EXPECT_EQ(b.machine.is(), role::active) << "better than nobody";
  EXPECT_EQ(b.machine.priority(), 4);
  b.hear(5, 11s);
  EXPECT_EQ(b.machine.is(), role::backup);
}

TEST(Group, TakesOverFromADegradedPeerEvenWithoutPreemption) {
  bench b({.preempt = false});
  b.start();
  b.report(role::active, 150, 1s);
  EXPECT_EQ(b.machine.is(), role::backup);
  b.report(role::active, 3, 2s, fitness::degraded);
  EXPECT_EQ(b.machine.is(), role::backup) << "can the front network carry it, and is it still so?";
  b.tell(group::peer_answered{}, 2s + 1ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  b.confirm(2s, 2s + 1ms);
  EXPECT_EQ(b.machine.is(), role::active);
  EXPECT_EQ(b.machine.why(), "lb2 is degraded");
}

TEST(Group, TakesOverAtOnceWhenThePeersAgentDies) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  b.tell(group::peer_gone{"lb2", group::ending::died}, 2s);
  EXPECT_EQ(b.machine.is(), role::active);
  EXPECT_EQ(b.machine.why(), "lb2's agent ended");
}

TEST(Group, PassesOverTheLastAdvertOfWhoHasGivenUp) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  b.hear(150, 1500ms);
  b.tell(group::peer_gone{"lb2", group::ending::died}, 2s);
  b.hear(150, 2s + group::late_advert - 1ms);
  EXPECT_EQ(b.machine.is(), role::active);
  b.hear(150, 2s + group::late_advert);
  EXPECT_EQ(b.machine.is(), role::backup) << "it is back";
}

TEST(Group, JudgesByAdvertsWhenTheWireIsLost) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  const duration before = b.due();
  b.tell(group::peer_gone{"lb2", group::ending::lost}, 2s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.due(), before + group::probe_patience) << "there is nobody to ask before";
}

TEST(Group, LeavesTheVacancyToTheBestOfThePeers) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  b.tell(group::peer_reported{"lb3", {role::backup, 120, fitness::fit}}, 1s);
  b.tell(group::peer_gone{"lb2", group::ending::died}, 2s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_LE(b.due(), 2s + skew) << "but doesn't wait long for it";
}

TEST(Group, TakesOverWhenThePeerGivesUpButNotWhenItYields) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  b.report(role::backup, 150, 2s);
  EXPECT_EQ(b.machine.is(), role::backup) << "it has heard somebody better";
  b.report(role::active, 150, 3s);
  b.hear(0, 4s);
  b.report(role::fault, 150, 4s);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, TakesOverWhenTheActivePeersAgentIsFrozen) {
  bench b;
  b.start();
  b.report(role::active, 150, 1s);
  const duration silence = b.due();
  b.tell(wake{}, silence);
  b.tell(group::peer_answered{}, silence + 1ms);  // its kernel does
  b.tell(wake{}, silence + group::probe_patience);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, AsksASilentPeerBeforeItsTimeIsUpAndLosesNoneByThat) {
  bench b;
  b.start();
  for (const std::size_t router : {0U, 1U}) b.hear(150, 2s, router);
  const duration up = b.due();
  b.report(role::active, 150, 2s);
  EXPECT_EQ(b.due(), up - group::probe_patience);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.count<group::probe_peer>(), 1U);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.due(), up);
  b.tell(wake{}, up);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, StepsDownAfterASleepWithoutAWord) {
  bench b;
  b.make_active();
  b.tell(group::overslept{1s}, 10s);
  EXPECT_EQ(b.machine.is(), role::active) << "nobody can have taken over yet";
  b.tell(group::overslept{10s}, 20s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.count<group::advertise>(), 0U);
  EXPECT_EQ(b.count<group::release_addresses>(), 2U);
}

TEST(Group, StandsDownUntilTold) {
  bench b;
  b.make_active();
  b.tell(group::told_to_release{}, 10s);
  EXPECT_EQ(b.machine.is(), role::released);
  b.tell(group::judged{"balancer", fitness::fault, "balancer ended"}, 11s);
  b.tell(group::judged{"balancer", fitness::fit, ""}, 12s);
  EXPECT_EQ(b.machine.is(), role::released);
  b.tell(group::told_to_take{}, 20s);
  EXPECT_EQ(b.machine.is(), role::active) << "nobody is heard: at once";
}

TEST(Group, DoesNotTakeFromAHigherPriority) {
  bench b;
  b.start();
  b.hear(150, 1s);
  b.tell(group::told_to_take{}, 1100ms);
  EXPECT_EQ(b.machine.is(), role::backup);
  b.hear(50, 2s);
  b.tell(group::told_to_take{}, 2100ms);
  EXPECT_EQ(b.machine.is(), role::active);
}

TEST(Group, WaitsBeforeItPreempts) {
  bench b({.preempt_delay = 10s});
  b.start();
  for (duration t = 1s; t < 10s; t += 1s) {
    b.hear(50, t, 0);
    b.hear(50, t, 1);
  }
  EXPECT_GT(b.due(), 12s);
  for (duration t = 10s; t <= 12s; t += 1s) {
    b.hear(50, t, 0);
    b.hear(50, t, 1);
  }
  EXPECT_LT(b.due(), 13s) << "from then on a lower priority is not listened to";
}

TEST(Group, PutsAnAddressBackUntilSomebodyInsists) {
  bench b;
  b.make_active();
  for (int i = 0; i < 4; ++i) {
    b.tell(group::addresses_removed{0, "192.0.2.80"}, 10s + i * 500ms);
    EXPECT_EQ(b.machine.is(), role::active);
    EXPECT_EQ(b.count<group::take_addresses>(), 1U);
    EXPECT_EQ(b.count<group::announce>(), 1U);
    EXPECT_EQ(b.count<group::noted>(), 1U);
  }
  b.tell(group::addresses_removed{0, "192.0.2.80"}, 12s);
  EXPECT_EQ(b.machine.is(), role::backup);
  EXPECT_EQ(b.machine.why(), "192.0.2.80 removed, for the 5th time by somebody else");
}

TEST(Group, CountsWhatIsRemovedAtOnceAsOneOccasion) {
  bench b;
  b.make_active();
  for (int i = 0; i < 40; ++i) {
    b.tell(group::addresses_removed{static_cast<std::size_t>(i % 2), "192.0.2.80"}, 10s + i * 10ms);
    EXPECT_EQ(b.machine.is(), role::active);
    EXPECT_EQ(b.count<group::take_addresses>(), 1U) << "put back each time";
    EXPECT_EQ(b.count<group::noted>(), i == 0 ? 1U : 0U);
  }
}

TEST(Group, StopsInOrderFromEveryRole) {
  for (const bool first_active : {false, true}) {
    bench b;
    first_active ? b.make_active() : b.start();
    b.tell(group::stopped{}, 10s);
    EXPECT_EQ(b.machine.is(), role::initialize);
    EXPECT_EQ(b.count<group::release_addresses>(), first_active ? 2U : 0U);
    EXPECT_EQ(b.machine.deadline(), std::nullopt);
  }
}

TEST(Group, OrdersLessThanItsListHoldsWithSixteenRouters) {
  bench b({.routers = std::vector<address>(max_vrrp_routers, address::v4(0x0a000001))});
  b.make_active();
  EXPECT_EQ(b.count<group::take_addresses>(), max_vrrp_routers);
  b.hear(200, 10s);
  EXPECT_EQ(b.count<group::release_addresses>(), max_vrrp_routers);
}

}  // namespace
}  // namespace holdfast
