// The channel between the nodes: who may use it, what a bad link or a hanging node does to the clients, and that the
// tables are equal after all of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/clock_io.h"
#include "tests/lab/sync/cluster.h"
#include "tests/lab/sync/intruder.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

int count_of(const std::string& text, const std::string& what) {
  int count = 0;
  for (std::size_t from = 0; (from = text.find(what, from)) != std::string::npos; from += what.size()) ++count;
  return count;
}

// Each of them asks, one after the other: how long it took.
struct latency {
  duration median{}, worst{};
};
latency measure(cluster& c, const std::vector<address>& clients) {
  std::vector<duration> took;
  for (const address& client : clients) {
    const instant began = monotonic_now();
    const std::string who = ask(c.scene().crowd(), client, at(client.is_v4() ? virtual4 : virtual6, 80));
    took.push_back(monotonic_now() - began);
    EXPECT_TRUE(who.starts_with('s')) << client.text() << ' ' << who;
  }
  std::sort(took.begin(), took.end());
  return {took[took.size() / 2], took.back()};
}

TEST(Channel, KeepsBothTablesEqual) {
  cluster c;
  c.start();
  c.visit(c.strangers(1000));
  EXPECT_TRUE(c.equal()) << c.ctl(1, "cluster").text << c.ctl(2, "cluster").text << c.scene().said();
  EXPECT_GE(c.state(2).here, 1000);
}

// The nodes' priorities differ by `on NODE`, as they should; what is said on one of them only is a difference.
TEST(Channel, TellsWhereConfigurationsDiffer) {
  cluster c;
  c.start();
  const auto told = [&](int number) { return c.ctl(number, "cluster").text; };
  EXPECT_NE(told(1).find("no differences"), std::string::npos) << told(1);
  EXPECT_NE(told(2).find("no differences"), std::string::npos) << told(2);
  c.tell(1, "service web timeout 7s");
  for (const int number : {1, 2}) {
    EXPECT_TRUE(eventually([&] { return told(number).find("timeout 7s") != std::string::npos; }, 5s)) << told(number);
    EXPECT_EQ(told(number).find("priority 1"), std::string::npos) << told(number);
  }
  c.tell(2, "service web timeout 7s");
  for (const int number : {1, 2}) {
    EXPECT_TRUE(eventually([&] { return told(number).find("no differences") != std::string::npos; }, 5s))
        << told(number);
  }
}

TEST(Channel, IsNotThereForAnotherKey) {
  cluster c;
  const auto other = c.scene().files().write("other.key", std::string(64, 'a') + '\n');
  std::filesystem::permissions(other, std::filesystem::perms(0600));
  std::string elsewhere = c.file();
  elsewhere.replace(elsewhere.find(c.key().string()), c.key().string().size(), other.string());
  c.start(1);
  c.lb(2).start_our_balancer(elsewhere);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  const answers before = c.visit(c.strangers(50));
  EXPECT_EQ(served(before).size(), 50U);
  pass(5s);  // many calls
  for (const int number : {1, 2}) {
    const std::string said = c.lb(number).balancer().output();
    EXPECT_EQ(count_of(said, "cluster key"), 1) << said;
  }
  EXPECT_LE(c.state(2).here, 0);
  EXPECT_FALSE(c.state(1).in_sync);
}

// Its calls end no connection of the first one, are said once, and shown as long as they go on.
TEST(Channel, LeavesItsPlaceToNoSecondNodeOfThatName) {
  cluster c;
  c.start();
  for (std::uint64_t call = 1; call <= 20; ++call) {
    intruder second(c.scene().lb(1).machine(), c.key(), at("10.0.9.11", 7700));
    ASSERT_TRUE(second.opened()) << c.scene().said();
    second.say(sync_hello{.node = "lb2", .software = "0.0", .incarnation = call});
    EXPECT_TRUE(second.ended()) << call;
  }
  const std::string words = "a second node calls itself lb2: 10.0.9.11, beside 10.0.9.12";
  EXPECT_NE(c.ctl(1, "cluster").text.find(words), std::string::npos) << c.ctl(1, "cluster").text;
  EXPECT_TRUE(c.state(1).in_sync) << c.ctl(1, "cluster").text;
  const std::string said = c.lb(1).balancer().output();
  EXPECT_EQ(count_of(said, words), 1) << said;
  EXPECT_EQ(count_of(said, "sync=lost"), 0) << said;
}

TEST(Channel, IsNotThereWithoutAKey) {
  cluster c({.key = false});
  c.start(1);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  conversation caller(c.lb(2).machine(), address(), at("10.0.9.11", 7700));
  EXPECT_EQ(caller.trouble(), "(refused)");
  EXPECT_EQ(served(c.visit(c.strangers(50))).size(), 50U);
}

// A confirmation is awaited at most once for a client, and not at all once the other node is known to be silent.
TEST(Channel, AHangingPeerDoesNotSlowTheActiveNode) {
  cluster c;
  c.start();
  const std::vector<address> known = c.strangers(200);
  measure(c, known);
  const latency known_before = measure(c, known), new_before = measure(c, c.strangers(200));
  const long waited = c.state(1).timed_out;
  c.lb(2).balancer().freeze();
  const latency known_at_once = measure(c, known);
  const latency new_at_once = measure(c, c.strangers(100));
  pass(5s);
  const latency known_later = measure(c, known), new_later = measure(c, c.strangers(200));
  const auto show = [](const char* when, const latency& k, const latency& n) {
    std::printf("[  figure  ] standby %s: known clients %.2f / %.2f ms, new ones %.2f / %.2f ms (median / worst)\n",
                when, milliseconds(k.median), milliseconds(k.worst), milliseconds(n.median), milliseconds(n.worst));
  };
  show("well", known_before, new_before);
  show("frozen just now", known_at_once, new_at_once);
  show("frozen for 5 s", known_later, new_later);
  std::printf("[  figure  ] answers that left unconfirmed: %ld\n", c.state(1).timed_out - waited);
  EXPECT_LT(known_at_once.median, known_before.median + 5ms) << "known clients wait for nobody";
  EXPECT_LT(new_at_once.median, new_before.median + 40ms) << "more than 20 ms is not waited";
  EXPECT_LT(known_later.median, known_before.median + 5ms);
  EXPECT_LT(new_later.median, new_before.median + 5ms) << "a silent node is still waited for";
  EXPECT_THAT(c.scene().holders(virtual4), ::testing::ElementsAre("lb1"));
}

TEST(Channel, AFlappingLinkEndsInEqualTables) {
  cluster c;
  c.start();
  const std::vector<address> all = c.strangers(8000);
  arrivals load(c.scene().crowd(), all, 1000);
  for (int i = 0; i < 20; ++i) {
    if (i % 2 == 0)
      c.scene().sync().cut(c.lb(2).machine());
    else
      c.scene().sync().drop({"iifname lb2"});
    pass(150ms);
    c.scene().sync().heal(c.lb(2).machine());
    c.scene().sync().drop({});
    pass(150ms);
  }
  const answers before = load.wait();
  EXPECT_EQ(served(before).size(), all.size()) << c.scene().said();
  EXPECT_TRUE(c.synced()) << c.ctl(1, "cluster").text << c.scene().said();
  EXPECT_TRUE(c.equal()) << c.ctl(1, "cluster").text << c.ctl(2, "cluster").text << c.scene().said();
  EXPECT_EQ(c.state(2).here, c.state(1).here);
  c.lb(1).balancer().kill();
  ASSERT_TRUE(c.serves(2)) << c.scene().said();
  const answers after = c.visit(all);
  EXPECT_TRUE(compare(before, after).whole()) << strays(before, after);
}

TEST(Channel, AHundredThousandImportedClientsArriveOnTheOtherNode) {
  constexpr int count = 100'000;
  cluster c;
  c.start();
  const instant began = monotonic_now();
  c.tell(1, "clients import " + c.imported(count).string());
  const instant imported = monotonic_now();
  EXPECT_TRUE(eventually([&] { return c.state(2).here >= count; }, 20s)) << c.ctl(2, "cluster").text;
  const instant there = monotonic_now();
  EXPECT_TRUE(c.equal()) << c.ctl(1, "cluster").text << c.scene().said();
  std::printf(
      "[  figure  ] %d clients: imported in %.0f ms, on the other node %.0f ms later, found equal after %.0f ms\n",
      count, milliseconds(imported - began), milliseconds(there - imported), milliseconds(monotonic_now() - there));
}

}  // namespace
}  // namespace holdfast::lab
