// Nodes whose wall clocks are apart, and are set while they run. The clients judge: nobody meets another server for it,
// and what an operator says last is done, on whichever node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/lab/sync/cluster.h"
#include "tests/places.h"

namespace holdfast::lab {
namespace {

using ::testing::HasSubstr;

class Clocks : public ::testing::Test {
 protected:
  explicit Clocks(const arrangement& a = {}) : cluster_(a) {
    for (const int number : {1, 2}) set(number, 0s);
  }

  void start(int number) {
    ::setenv("LD_PRELOAD", (own_build() + "/tests/lab/sync/libskewed_clock.so").c_str(), 1);
    ::setenv("SKEWED_CLOCK", clock_of(number).c_str(), 1);
    ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);  // the clock comes before the sanitizer, if there is one
    cluster_.start(number);
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("SKEWED_CLOCK");
    ::unsetenv("ASAN_OPTIONS");
  }
  void set(int number, duration ahead) {
    const std::int64_t ms = ahead / 1ms;
    std::fstream file(clock_of(number), std::ios::in | std::ios::out | std::ios::binary);
    if (!file) file.open(clock_of(number), std::ios::out | std::ios::binary);
    file.write(reinterpret_cast<const char*>(&ms), sizeof ms);
  }
  std::string clock_of(int number) const { return clocks_.path() / ("clock" + std::to_string(number)); }

  // On this node an operator gives a client of s1 another server.
  void pin_somebody(int number) {
    const auto somebody = std::ranges::find(before_, "s1", &answers::value_type::second);
    ASSERT_NE(somebody, before_.end()) << "s1 has no clients";
    pin(number, somebody->first, 2);
  }
  void pin(int number, const address& client, int server) {
    const std::string name = std::to_string(server), row = R"("server":")" + name + '"';
    cluster_.tell(number, "service web client " + client.text() + " pin " + name);
    before_.at(client) = "s" + name;
    const auto knows = [&](int where) {
      return cluster_.tell(where, "--json client " + client.text()).find(row) != std::string::npos;
    };
    EXPECT_TRUE(eventually([&] { return knows(1) && knows(2); })) << cluster_.tell(1, "--json client " + client.text());
  }
  // What this node says last counts, whatever the other has said before.
  void pin_the_same(int number) {
    pin(3 - number, before_.begin()->first, 1);
    pin(number, before_.begin()->first, 0);
    pin(3 - number, before_.begin()->first, 2);
  }
  bool drains(int number) const {
    return cluster_.tell(number, "service web servers").find("drain") != std::string::npos;
  }
  void drain(int number) {
    cluster_.tell(number, "service web server 2 drain");
    EXPECT_TRUE(eventually([&] { return drains(1) && drains(2); })) << cluster_.scene().said();
  }
  void enable(int number) {
    cluster_.tell(number, "service web server 2 enable");
    EXPECT_TRUE(eventually([&] { return !drains(1) && !drains(2); })) << cluster_.scene().said();
  }
  void drain_on_one_and_enable_on_the_other(int number) {
    drain(number);
    EXPECT_EQ(count_by_server(cluster_.visit(cluster_.strangers(30))).count("s2"), 0U) << "it is drained";
    enable(3 - number);
    EXPECT_GT(count_by_server(cluster_.visit(cluster_.strangers(30)))["s2"], 0) << "it is enabled";
  }
  void all_is_as_it_was(const char* when) {
    const answers now = cluster_.visit(served(before_));
    EXPECT_TRUE(compare(before_, now).whole()) << when << ": " << strays(before_, now) << cluster_.scene().said();
    EXPECT_TRUE(cluster_.synced()) << when << ": " << cluster_.scene().said();
    EXPECT_TRUE(cluster_.equal()) << when << ": " << cluster_.scene().said();
  }
  void hand_over(int from) {
    cluster_.tell(from, "cluster switchover");
    ASSERT_TRUE(cluster_.serves(3 - from)) << cluster_.scene().said();
  }
  // Said on one node, of both: who is new goes elsewhere on either.
  void hand_over_drained(int from) {
    drain(3 - from);
    hand_over(from);
    EXPECT_EQ(count_by_server(cluster_.visit(cluster_.strangers(30))).count("s2"), 0U) << "it is drained";
    enable(from);
  }
  std::string at_a_glance(int number) const { return cluster_.tell(number, "cluster"); }

  scratch clocks_;
  cluster cluster_;
  answers before_;
};

// How far lb2's clock is ahead when the nodes start: in seconds.
class ClocksApart : public Clocks, public ::testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    set(2, std::chrono::seconds(GetParam()));
    for (const int number : {1, 2}) start(number);
    ASSERT_TRUE(cluster_.serves(1) && cluster_.synced()) << cluster_.scene().said();
    for (const int number : {1, 2}) cluster_.tell(number, "service web tracking 600s");
    before_ = cluster_.visit(cluster_.strangers(200));
    ASSERT_EQ(served(before_).size(), 200U);
  }
};

TEST_P(ClocksApart, AndSetRightMoveNobody) {
  const std::string warning = "the clocks differ by " + std::to_string(GetParam()) + " s: lb2 is ahead";
  if (GetParam() >= 10) {
    EXPECT_TRUE(eventually([&] { return at_a_glance(1).find(warning) != std::string::npos; })) << at_a_glance(1);
    EXPECT_THAT(cluster_.scene().said(), HasSubstr("sync=clocks"));
  }
  all_is_as_it_was("apart");
  pin_somebody(1);
  pin_the_same(2);
  for (const int number : {1, 2}) drain_on_one_and_enable_on_the_other(number);
  hand_over_drained(1);
  all_is_as_it_was("on the node that is ahead");
  pin_somebody(1);

  set(2, 0s);
  all_is_as_it_was("set right");
  EXPECT_TRUE(eventually([&] { return at_a_glance(1).find("the clocks differ") == std::string::npos; }));
  pin_somebody(2);
  for (const int number : {1, 2}) pin_the_same(number);
  for (const int number : {1, 2}) drain_on_one_and_enable_on_the_other(number);
  hand_over_drained(2);
  all_is_as_it_was("on the first again");

  set(1, 2h);
  set(2, -3h);
  pin_somebody(2);
  all_is_as_it_was("hours apart, the other way");
  for (const int number : {1, 2}) set(number, 0s);
  cluster_.stop(2);
  start(2);
  ASSERT_TRUE(cluster_.synced()) << cluster_.scene().said();
  hand_over(1);
  all_is_as_it_was("on the node that has started anew");
}

// As after a boot with a wrong clock on all machines of a rack: nothing said in the future outweighs what comes.
TEST_F(Clocks, ThatAreAnHourAheadOnBothAndSetRightOneAfterTheOtherMoveNobody) {
  for (const int number : {1, 2}) set(number, 1h);
  for (const int number : {1, 2}) start(number);
  ASSERT_TRUE(cluster_.serves(1) && cluster_.synced()) << cluster_.scene().said();
  before_ = cluster_.visit(cluster_.strangers(200));
  pin(1, before_.begin()->first, 1);
  drain(1);
  for (const int number : {1, 2}) {
    set(number, 0s);
    pin_the_same(number);
    all_is_as_it_was("one more is set right");
    EXPECT_TRUE(drains(1) && drains(2)) << cluster_.scene().said();
  }
  enable(2);
  hand_over(1);
  all_is_as_it_was("on the other");
  cluster_.stop(1);
  start(1);
  ASSERT_TRUE(cluster_.synced()) << cluster_.scene().said();
  hand_over(2);
  all_is_as_it_was("on the node that has started anew");
}

INSTANTIATE_TEST_SUITE_P(BySeconds, ClocksApart, ::testing::Values(3, 30, 3600));

class ClocksBefore : public Clocks {
 protected:
  ClocksBefore() : Clocks({.remembers = true}) {}
};

// lb1 served alone with a clock a day ahead, and remembers it; then lb2 did, with a right one.
TEST_F(ClocksBefore, AFileOfTheFutureMovesNobody) {
  set(1, 24h);
  start(1);
  ASSERT_TRUE(cluster_.serves(1)) << cluster_.scene().said();
  const std::vector<address> clients = served(cluster_.visit(cluster_.strangers(200)));
  cluster_.stop(1);
  set(1, 0s);
  start(2);
  ASSERT_TRUE(cluster_.serves(2)) << cluster_.scene().said();
  before_ = cluster_.visit(clients);
  start(1);
  ASSERT_TRUE(cluster_.synced() && cluster_.serves(1)) << cluster_.scene().said();
  EXPECT_THAT(cluster_.scene().said(), HasSubstr("clients_ahead="));
  all_is_as_it_was("on the node with the file");
  pin_somebody(2);
  all_is_as_it_was("pinned");
}

}  // namespace
}  // namespace holdfast::lab
