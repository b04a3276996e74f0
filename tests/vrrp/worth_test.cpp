#include "vrrp/election/worth.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

instant at(duration since_start) { return instant(1h) + since_start; }

// A node as active, with one backup that says of itself when it found a server alive.
class seen_worth {
 public:
  fitness weigh(duration when) {
    machine.compare(where, peers, at(when));
    machine.weigh(where, peers, at(when));
    return machine.how();
  }
  fitness judge(const worth::judged& e, duration when) {
    machine.judge(e, at(when));
    return weigh(when);
  }
  fitness lose_servers(duration since) {
    return judge({"servers", fitness::degraded, "no server alive", at(since)}, since);
  }
  void peer_is_well(duration alive_at, fitness how = fitness::fit) {
    peers["lb2"] = {.is = role::backup, .how = how, .alive_at = at(alive_at)};
  }

  router_state where = router_state::active;
  peer_views peers;
  worth machine;
};

TEST(Worth, IsThatOfTheWorstJudgement) {
  seen_worth node;
  EXPECT_EQ(node.weigh(0s), fitness::fit);
  EXPECT_EQ(node.judge({"balancer", fitness::degraded, "no listener"}, 1s), fitness::degraded);
  EXPECT_EQ(node.judge({"eth0", fitness::fault, "no carrier"}, 2s), fitness::fault);
  EXPECT_EQ(node.machine.why_unfit(), "no carrier");
  EXPECT_EQ(node.judge({"eth0", fitness::fit, ""}, 3s), fitness::degraded);
  EXPECT_EQ(node.machine.why_unfit(), "no listener");
  EXPECT_EQ(node.judge({"balancer", fitness::fit, ""}, 4s), fitness::fit);
  EXPECT_EQ(node.machine.why_unfit(), "");
}

TEST(Worth, HoldsOnAsActiveUntilAPeersLaterLookWasBetterAndOursWasNot) {
  seen_worth node;
  node.peer_is_well(9s);
  EXPECT_EQ(node.lose_servers(10s), fitness::fit) << "nothing is known of the peer since";
  node.peer_is_well(10s + worth::look_error);
  EXPECT_EQ(node.weigh(11s), fitness::fit) << "clocks may differ so much";
  node.peer_is_well(11s);
  EXPECT_EQ(node.weigh(12s), fitness::fit) << "we have not looked since";
  EXPECT_FALSE(node.machine.look({false, at(12s)}));
  EXPECT_EQ(node.weigh(12s), fitness::degraded);
  node.peers.clear();
  EXPECT_EQ(node.weigh(13s), fitness::degraded) << "it has given way";
}

TEST(Worth, HoldsOnForAPeerThatIsDegradedItself) {
  seen_worth node;
  node.lose_servers(10s);
  node.peer_is_well(11s, fitness::degraded);
  node.machine.look({false, at(12s)});
  EXPECT_EQ(node.weigh(12s), fitness::fit);
}

TEST(Worth, DoesNotHoldOnAsBackup) {
  seen_worth node;
  node.where = router_state::backup;
  node.peer_is_well(0s);
  EXPECT_EQ(node.lose_servers(10s), fitness::degraded);
  EXPECT_FALSE(node.machine.due(node.where, node.peers));
}

TEST(Worth, WaitsForPatienceWithoutTheWire) {
  seen_worth node;
  EXPECT_EQ(node.lose_servers(10s), fitness::fit);
  EXPECT_EQ(node.machine.due(node.where, node.peers), at(10s) + worth::unsaid_patience);
  EXPECT_EQ(node.weigh(10s + worth::unsaid_patience), fitness::degraded);

  seen_worth backup;
  backup.where = router_state::backup;
  backup.lose_servers(10s);
  EXPECT_EQ(backup.judge({"servers", fitness::fit, ""}, 20s), fitness::degraded);
  EXPECT_EQ(backup.machine.why_unfit(), "well again, but are the others?");
  EXPECT_EQ(backup.machine.due(backup.where, backup.peers), at(20s) + worth::unsaid_patience);
  EXPECT_EQ(backup.weigh(20s + worth::unsaid_patience), fitness::fit);
}

TEST(Worth, TakesWhatWasSaidBeforeItSleptForOld) {
  seen_worth node;
  node.lose_servers(10s);
  node.peer_is_well(11s);
  node.machine.slept(at(20s));
  node.machine.look({false, at(21s)});
  EXPECT_EQ(node.weigh(21s), fitness::fit);
}

TEST(Worth, TellsNewsOfLooksOnce) {
  worth machine;
  EXPECT_TRUE(machine.look({true, at(1s)}));
  EXPECT_FALSE(machine.look({true, at(1s)}));
  EXPECT_TRUE(machine.look({true, at(2s)}));
  EXPECT_EQ(machine.alive_at(), at(2s));
  EXPECT_FALSE(machine.look({false, at(3s)}));
}

}  // namespace

}  // namespace holdfast
