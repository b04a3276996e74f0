// A node that has started again knows nothing: it takes the addresses only once it knows what the other does. And what
// both knew can outlive both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/clock_io.h"
#include "tests/lab/socket_address_io.h"
#include "tests/lab/sync/cluster.h"
#include "tests/lab/vrrp/drill.h"
#include "tests/lab/vrrp/judge.h"

namespace holdfast::lab {
namespace {

using ::testing::HasSubstr;

constexpr int big = 150'000;  // clients: telling of them takes a moment

// lb2 has the higher priority, was active, and has died; lb1 serves, with a big table, and 500 real clients.
class Restart : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.start();
    cluster_.lb(2).kill_all();
    ASSERT_TRUE(cluster_.serves(1)) << cluster_.scene().said();
    cluster_.tell(1, "clients import " + cluster_.imported(big).string());
    before_ = cluster_.visit(cluster_.strangers(500));
    EXPECT_EQ(served(before_).size(), 500U);
  }
  // All clients come round and round until it has the addresses, and once more.
  answers ask_until_taken(int taker) {
    answers worst = before_;
    const auto round = [&] {
      for (const auto& [client, who] : cluster_.visit(served(before_), 2000))
        if (who != before_.at(client) && !who.starts_with('(')) worst[client] = who;
    };
    const std::string name = cluster_.lb(taker).name();
    const bool taken = eventually(
        [&] {
          round();
          return cluster_.scene().holders(virtual4) == std::vector{name};
        },
        60s);
    EXPECT_TRUE(taken) << cluster_.scene().said();
    round();
    return worst;
  }

  cluster cluster_{{.priority = {100, 150}}};
  answers before_;
};

TEST_F(Restart, TheHigherPriorityIsPatientUntilItKnowsAll) {
  const judge heard(cluster_.scene().front());
  const instant began = monotonic_now();
  cluster_.start(2);
  const answers after = ask_until_taken(2);
  EXPECT_TRUE(compare(before_, after).whole()) << strays(before_, after) << cluster_.scene().said();
  const auto first = first_of(heard.adverts(), "lb2", began);
  ASSERT_TRUE(first) << cluster_.scene().said();
  EXPECT_GE(cluster_.state(2).here, big + 500);
  std::printf("[  figure  ] a node that had forgotten %d clients was active again %.0f ms after its start\n", big,
              milliseconds(first->when - began));
}

// Only the channel can tell it, so it must not take over while that is cut. When it can, it may.
TEST_F(Restart, TheHigherPriorityWaitsForTheChannel) {
  cluster_.scene().sync().drop({"iifname lb2"});
  cluster_.start(2);
  pass(4s);
  EXPECT_THAT(cluster_.scene().holders(virtual4), ::testing::ElementsAre("lb1")) << cluster_.scene().said();
  cluster_.scene().unsilence();
  const answers after = ask_until_taken(2);
  EXPECT_TRUE(compare(before_, after).whole()) << strays(before_, after) << cluster_.scene().said();
}

// But service goes before memory: with nobody else alive it serves.
TEST_F(Restart, WithNobodyElseItServesAtOnce) {
  cluster_.start(2);
  cluster_.lb(1).kill_all();
  EXPECT_TRUE(cluster_.serves(2)) << cluster_.scene().said();
}

TEST(Memory, OutlivesBothNodes) {
  cluster c({.remembers = true});
  c.start();
  c.tell(1, "clients import " + c.imported(big).string());
  const answers before = c.visit(c.strangers(500));
  ASSERT_TRUE(c.equal()) << c.scene().said();
  for (const int number : {2, 1}) c.stop(number);
  const instant began = monotonic_now();
  c.start();
  std::printf("[  figure  ] both nodes were up again with %ld clients, and in sync, after %.0f ms\n", c.state(2).here,
              milliseconds(monotonic_now() - began));
  EXPECT_GE(c.state(1).here, big + 500);
  EXPECT_GE(c.state(2).here, big + 500);
  const answers after = c.visit(served(before));
  EXPECT_TRUE(compare(before, after).whole()) << strays(before, after) << c.scene().said();
}

// What a node finds on its disk is old: of what has happened since, the other node knows better.
TEST(Memory, YieldsToWhatHappenedMeanwhile) {
  cluster c({.priority = {100, 150}, .remembers = true});
  c.start();
  const answers before = c.visit(c.strangers(60));
  ASSERT_TRUE(c.equal()) << c.scene().said();
  c.stop(2);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  c.tell(1, "service web server 0 drain");
  for (const auto& [client, server] : before)
    if (server == "s0") c.tell(1, "service web client " + client.text() + " forget");
  const answers moved = c.visit(served(before));
  EXPECT_EQ(count_by_server(moved).count("s0"), 0U);
  EXPECT_GE(differences(before, moved), 10);
  c.start(2);
  ASSERT_TRUE(c.serves(2, 30s)) << c.scene().said();
  const answers after = c.visit(served(before));
  EXPECT_TRUE(compare(moved, after).whole()) << strays(moved, after) << c.scene().said();
}

// Both programs of lb1 say once why they talk to nobody, and do as soon as they can.
void expect_to_meet_after(cluster& c, const std::string& trouble, const std::function<void()>& cure) {
  c.start(1);
  c.start(2);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  pass(2s);
  for (const program* p : {&c.lb(1).balancer(), &c.lb(1).agent()}) {
    const std::string said = p->output(), off = p == &c.lb(1).agent() ? "wire=off" : "sync=off";
    EXPECT_THAT(said, HasSubstr(trouble));
    EXPECT_EQ(said.find(off), said.rfind(off)) << "said once\n" << said;
  }
  cure();
  EXPECT_TRUE(c.synced()) << "without a reload\n" << c.scene().said();
  EXPECT_TRUE(eventually([&] { return c.lb(2).agent().output().find("wire=connected node=lb1") != std::string::npos; }))
      << c.scene().said();
}

TEST(LateStart, OfANodeWhoseAddressComesLate) {
  cluster c;
  c.lb(1).machine().remove("sync0", "10.0.9.11/24");
  expect_to_meet_after(c, "Cannot assign requested address",
                       [&] { c.lb(1).machine().address("sync0", "10.0.9.11/24"); });
}

TEST(LateStart, OfANodeWhosePortsAreInUse) {
  cluster c;
  std::vector<descriptor> others;
  for (const std::uint16_t port : {7700, 7701}) {
    const socket_address at(lab::at("10.0.9.11", port));
    others.push_back(c.lb(1).machine().socket(AF_INET, SOCK_STREAM));
    ASSERT_EQ(bind(others.back().get(), at.get(), at.length), 0);
    ASSERT_EQ(listen(others.back().get(), 1), 0);
  }
  expect_to_meet_after(c, "Address already in use", [&] { others.clear(); });
}

}  // namespace
}  // namespace holdfast::lab
