#include "vrrp/agent/notes.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

const router_key here{"eth0", 51, false};
const address them = *address::parse("192.0.2.9");

TEST(Notes, SayWhoseAdvertsAreWrong) {
  EXPECT_EQ(other_addresses_note(them, here).what,
            "192.0.2.9 advertises other addresses with id 51 on eth0: does another cluster use this id?");
  EXPECT_EQ(stranger_note(them, here).what,
            "192.0.2.9 on eth0 is no node of ours, and its adverts with id 51 are refused: does another cluster use "
            "this id?");
  EXPECT_EQ(stranger_note(them, here).facts, "adverts=refused from=192.0.2.9 cause=stranger");
  EXPECT_EQ(refusal_note(them, here, "checksum").what, "adverts refused on eth0: checksum, from 192.0.2.9");
}

TEST(Notes, SayWhoElseHasAnAddress) {
  const mac_address mac{2, 0, 0, 0xaa, 0xbb, 0xcc};
  EXPECT_EQ(conflict_note(them, false, mac, here).what,
            "conflict: 192.0.2.9 is also at 02:00:00:aa:bb:cc on eth0: another machine answers for it");
  EXPECT_EQ(conflict_note(them, true, mac, here).what.substr(0, 43), "conflict: 192.0.2.9, our own address, is al");
}

TEST(Notes, AlarmWhereSomethingIsLost) {
  EXPECT_FALSE(ended_note(3, true).alarms);
  EXPECT_TRUE(ended_note(3, false).alarms);
  EXPECT_EQ(ended_note(3, false).what,
            "3 connections to the addresses that leave were ended, not all: there was no more time");
  EXPECT_FALSE(gone_note("lb2", group::ending::left, "").alarms);
  EXPECT_TRUE(gone_note("lb2", group::ending::died, "").alarms);
}

TEST(Notes, SayHowAnAgentHasGone) {
  EXPECT_EQ(gone_note("lb2", group::ending::died, "").what, "lb2's agent ended");
  EXPECT_EQ(gone_note("lb2", group::ending::left, "").facts, "wire=left node=lb2");
  EXPECT_EQ(gone_note("lb2", group::ending::lost, "silence").what, "lb2's agent is lost: silence");
  EXPECT_EQ(gone_note("lb2", group::ending::lost, "silence").facts, "wire=lost node=lb2 why=\"silence\"");
  EXPECT_EQ(connected_note("lb2", "1.2").facts, "wire=connected node=lb2 version=1.2");
}

TEST(Notes, SayTimesInMilliseconds) {
  EXPECT_EQ(late_note(1500ms).what, "our loop woke 1500 ms late");
  const auto note = rhythm_note({.interval = 50ms, .why = "all are quick"});
  EXPECT_EQ(note.what, "adverts every 50 ms: all are quick");
  EXPECT_EQ(note.facts, "interval=50ms");
}

TEST(Notes, CountWhatTheyDoNotName) {
  EXPECT_EQ(names_of(std::vector{them}), "192.0.2.9");
  EXPECT_EQ(names_of(std::vector{them, here.six ? them : address::v4(1), address::v4(2)}), "192.0.2.9 and 2 more");
}

TEST(Notes, AreLinesOfTheLogAndEventsOfTheHistory) {
  const group::moved moved{.from = role::backup, .to = role::active, .why = "lb2 left"};
  EXPECT_EQ(log_line("front", moved), "group=front from=backup to=active why=\"lb2 left\"");
  const event_record e = record_of("front", moved, wall_time(1h), instant(5s));
  EXPECT_EQ(e.to, "active");
  EXPECT_EQ(e.monotonic, 5s);
  const group::noted noted{"a sentence", "fact=1"};
  EXPECT_EQ(log_line("front", noted), "group=front fact=1 why=\"a sentence\"");
  EXPECT_EQ(log_line("", noted), "fact=1") << "of the agent as a whole";
  EXPECT_EQ(record_of("", noted, wall_time(1h), instant(5s)).why, "a sentence");
}

TEST(SaidOnce, ForgetsASentenceAfterAMinute) {
  said_once said;
  EXPECT_TRUE(said.is_news("a", instant(1h)));
  EXPECT_FALSE(said.is_news("a", instant(1h + 60s)));
  EXPECT_TRUE(said.is_news("b", instant(1h)));
  EXPECT_TRUE(said.is_news("a", instant(1h + 61s)));
}

TEST(SaidOnce, KnowsNoMoreThanItsLimit) {
  said_once said;
  for (std::size_t i = 0; i < said_once::most; ++i) EXPECT_TRUE(said.is_news(std::to_string(i), instant(1h)));
  EXPECT_FALSE(said.is_news("one more", instant(1h))) << "whoever makes up sentences fills no log";
}

}  // namespace
}  // namespace holdfast
