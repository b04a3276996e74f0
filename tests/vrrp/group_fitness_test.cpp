// When an active node gives way for what its peers may suffer from as well.
#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"

namespace holdfast {

namespace {

TEST(GroupFitness, GivesWayToAPeerWhoseLaterLookWasBetter) {
  bench b;
  b.make_active();
  b.report_look(9s, 9s);
  b.lose_servers(10s, 11s);
  EXPECT_EQ(b.machine.how(), fitness::fit) << "nothing is known of the peer since";
  EXPECT_EQ(b.machine.priority(), 100);
  b.report_look(12s, 12s);
  EXPECT_EQ(b.machine.priority(), 100) << "we have not looked since";
  b.look(false, 13s);
  EXPECT_EQ(b.machine.how(), fitness::degraded);
  EXPECT_EQ(b.machine.priority(), 2);
  EXPECT_EQ(b.machine.why_unfit(), "no server alive");
  EXPECT_EQ(b.count<group::report>(), 1U);
}

TEST(GroupFitness, DoesNotHeedALookOfBefore) {
  bench b;
  b.make_active();
  b.lose_servers(10s, 11s);
  b.report_look(9900ms, 12s);
  b.report_look(10s + worth::look_error, 13s);
  b.look(false, 14s);
  EXPECT_EQ(b.machine.priority(), 100);
}

TEST(GroupFitness, HoldsOnWhileThePeerIsDegradedOrDoesNotLook) {
  bench b;
  b.make_active();
  b.lose_servers(10s, 11s);
  b.report_look(12s, 12s, fitness::degraded);
  b.look(false, 14s);
  EXPECT_EQ(b.machine.priority(), 100);
  b.report(role::backup, 50, 15s);
  b.look(false, 100s);
  EXPECT_EQ(b.machine.priority(), 100);
}

// The servers are back, which it has noticed first.
TEST(GroupFitness, HoldsOnWhenItsOwnNextLookIsGood) {
  bench b;
  b.make_active();
  b.report_look(9s, 9s);
  b.lose_servers(10s, 11s);
  b.look(false, 19s);
  b.report_look(20s, 20s);
  b.look(true, 21s);
  b.tell(group::judged{"balancer", fitness::fit, "balancer healthy"}, 22s);
  EXPECT_EQ(b.machine.priority(), 100);
  b.look(false, 30s);
  EXPECT_EQ(b.machine.priority(), 100);
}

TEST(GroupFitness, HoldsOnWhenThePeerLosesThemBeforeItLooksAgain) {
  bench b;
  b.make_active();
  b.report_look(9s, 9s);
  b.lose_servers(10s, 11s);
  b.report_look(12s, 12s);
  b.report_look(12s, 13s, fitness::degraded);
  b.look(false, 14s);
  EXPECT_EQ(b.machine.priority(), 100);
}

// Both had no worker left, and this one is the first to be well again.
struct recovering : bench {
  explicit recovering(bool deaf = false) {
    make_active();
    report(role::active, 50, 9s);
    report(role::fault, 50, 10s);
    tell(group::judged{.about = "it", .how = fitness::fault, .why = "worker 0 silent", .deaf = deaf}, 11s);
  }
  void recover(bool deaf = false) {
    tell(group::judged{.about = "it", .how = fitness::fit, .why = "", .deaf = deaf}, 12s);
  }
};

TEST(GroupFitness, IsActiveAtOnceAgainWhereNobodyElseIs) {
  recovering b;
  b.recover();
  EXPECT_EQ(b.machine.is(), role::active);
  EXPECT_EQ(b.machine.why(), "nobody is active");
}

TEST(GroupFitness, WaitsForItsTimeWhereSomebodyMayBeActive) {
  const auto waits = [](const auto& meanwhile, bool deaf = false) {
    recovering b(deaf);
    meanwhile(b);
    b.recover(deaf);
    return b.machine.is() == role::backup && b.due() > 14s;
  };
  EXPECT_TRUE(waits([](bench& b) { b.report(role::active, 50, 11500ms); }));
  EXPECT_TRUE(waits([](bench& b) { b.report(role::backup, 150, 11500ms); })) << "that one may be sooner";
  EXPECT_TRUE(waits([](bench& b) { b.tell(group::peer_gone{"lb2"}, 11500ms); })) << "nobody says so";
  EXPECT_TRUE(waits([](bench& b) { b.hear(50, 11500ms); })) << "a stranger";
  EXPECT_TRUE(waits([](bench&) {}, true)) << "it did not listen";
  EXPECT_FALSE(waits([](bench& b) { b.hear(50, 11500ms), b.hear(0, 11600ms); })) << "who has left";
}

TEST(GroupFitness, IsPatientWithoutTheWire) {
  bench b;
  b.make_active();
  b.lose_servers(10s, 11s);
  b.tell(wake{}, 11s + worth::unsaid_patience - 1ms);
  EXPECT_EQ(b.machine.priority(), 100);
  EXPECT_LE(b.due(), 11s + worth::unsaid_patience);
  b.tell(wake{}, 11s + worth::unsaid_patience);
  EXPECT_EQ(b.machine.priority(), 2);
  b.tell(group::judged{"balancer", fitness::fit, ""}, 20s);
  EXPECT_EQ(b.machine.priority(), 100) << "as active it moves nothing";
}

TEST(GroupFitness, IsPatientWithItsReturnAsABackupWithoutTheWire) {
  bench b({.priority = 200});
  b.start();
  b.hear(100, 1s);
  b.lose_servers(1s, 2s);
  EXPECT_EQ(b.machine.priority(), 4) << "as backup it moves nothing";
  for (duration t = 3s; t < 20s; t += 1s) b.hear(100, t);
  b.tell(group::judged{"balancer", fitness::fit, ""}, 20s);
  EXPECT_EQ(b.machine.priority(), 4);
  for (duration t = 20s; t <= 24s; t += 1s) b.hear(100, t);
  EXPECT_EQ(b.machine.priority(), 200);
}

TEST(GroupFitness, IsAsQuickAsEverForWhatIsItsOwn) {
  bench b;
  b.make_active();
  b.report_look(9s, 9s);
  b.tell(group::judged{"balancer", fitness::degraded, "balancer has no listener"}, 10s);
  EXPECT_EQ(b.machine.priority(), 2);
}

TEST(GroupFitness, SleepMakesEveryWordOld) {
  bench b;
  b.make_active();
  b.report_look(9s, 9s);
  b.lose_servers(10s, 11s);
  b.report_look(12s, 12s);
  b.tell(group::overslept{1s}, 14s);
  b.report_look(13s, 14s);
  b.look(false, 15s);
  EXPECT_EQ(b.machine.priority(), 100);
}

TEST(GroupFitness, ABackupReportsEveryNewLook) {
  bench b;
  b.start();
  b.look(true, 1s);
  EXPECT_EQ(b.count<group::report>(), 1U);
  EXPECT_EQ(b.machine.view().alive_at, at(1s));
  b.tell(group::looked{true, at(1s)}, 2s);
  EXPECT_EQ(b.count<group::report>(), 0U) << "told again";
}

}  // namespace

}  // namespace holdfast
