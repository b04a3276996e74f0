// Words over the wire that are older than what they speak of.
#include <gmock/gmock.h>

#include "tests/vrrp/made_group.h"
#include "vrrp/election/group.h"

namespace holdfast {
namespace {

constexpr bool heard_leaving = true;

struct follower : bench {
  explicit follower(bool leaving = false) {
    start();
    say(1, role::active, 1s);
    hear(150, 1500ms);
    if (leaving) hear(0, 1900ms);
  }
  void say(std::uint64_t number, role is, duration when) {
    tell(group::peer_reported{"lb2", {is, 150, fitness::fit}, number}, when);
  }
  bool active() const { return machine.is() == role::active; }
};

struct leader : bench {
  leader() {
    make_active();
    tell(group::peer_reported{"lb2", {role::active, 150, fitness::fit}, 7}, 10s);
  }
};

TEST(GroupWords, DoesNotYieldToAnAnswerFromBeforeItWasActive) {
  leader b;
  b.confirm(3s, 10s, 7);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U);
  b.confirm(10s, 10s, 7);
  EXPECT_EQ(b.count<group::probe_peer>(), 1U) << "where the front network carries it, it yields";
}

TEST(GroupWords, DoesNotYieldToAnAnswerWhoseReportIsStillOnItsWay) {
  leader b;
  b.confirm(10s, 10s, 8);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U);
}

TEST(GroupWords, DoesNotYieldToAnAnswerFromBeforeItSlept) {
  leader b;
  b.tell(group::overslept{1s}, 11s);
  b.confirm(10s, 11s, 7);
  EXPECT_EQ(b.count<group::probe_peer>(), 0U);
}

TEST(GroupWords, PassesOverAReportThatANewerOneHasOvertaken) {
  follower b(heard_leaving);
  b.say(3, role::active, 2s);
  b.say(2, role::released, 2s);
  EXPECT_FALSE(b.active());
  EXPECT_EQ(b.machine.peers().at("lb2").is, role::active);
}

TEST(GroupWords, TakesOverAtOnceWhenTheAdvertsSayTheSame) {
  follower b(heard_leaving);
  b.say(2, role::released, 1900ms);
  EXPECT_TRUE(b.active());
}

TEST(GroupWords, AsksWhoIsStillHeardWhetherItHasGivenUp) {
  follower b;
  b.say(2, role::released, 2s);
  EXPECT_FALSE(b.active());
  EXPECT_EQ(b.count<group::ask_peer>(), 1U);
  b.confirm(1900ms, 2s, 1);
  EXPECT_FALSE(b.active()) << "of another report";
  b.confirm(1900ms, 2s, 2);
  EXPECT_FALSE(b.active()) << "to a question of before";
  b.confirm(2s, 2001ms, 2);
  EXPECT_TRUE(b.active());
}

TEST(GroupWords, BelievesAdvertsRatherThanALateWord) {
  follower b;
  b.say(2, role::released, 2s);
  b.hear(150, 2001ms);
  b.confirm(2s, 2002ms, 2);
  EXPECT_FALSE(b.active());
}

TEST(GroupWords, TakesOverFromWhoGaveUpAndThenEnds) {
  follower b;
  b.say(2, role::released, 2s);
  b.tell(group::peer_gone{"lb2", group::ending::left}, 2001ms);
  EXPECT_TRUE(b.active());
}

TEST(GroupWords, BelievesAdvertsRatherThanALateFarewell) {
  follower b;
  b.tell(group::peer_gone{"lb2", group::ending::left}, 2s);
  EXPECT_FALSE(b.active());
}

TEST(GroupWords, AnEndIsNoVacancyWhenWeHaveBeenActiveSinceItsLastWord) {
  follower b;
  b.tell(wake{}, b.due());
  b.tell(wake{}, b.due());
  ASSERT_TRUE(b.active());
  b.hear(150, 6s);
  ASSERT_FALSE(b.active());
  b.tell(group::peer_gone{"lb2", group::ending::died}, 6001ms);
  EXPECT_FALSE(b.active());
}

TEST(GroupWords, AsksAnewAfterASleep) {
  follower b;
  const duration ask = b.due();
  b.tell(wake{}, ask);
  ASSERT_EQ(b.count<group::probe_peer>(), 1U);
  b.tell(group::overslept{1s}, ask + 1s);
  b.tell(wake{}, ask + 1s);
  EXPECT_FALSE(b.active()) << "the answer has not been read yet";
}

}  // namespace
}  // namespace holdfast
