#include "vrrp/election/tempo.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

const address front2 = address::v4(0x0a000002), front3 = address::v4(0x0a000003), foreign = address::v4(0x0a000009);

struct bench {
  explicit bench(tempo::parameters p = {}) : machine(std::move(p)) {}

  void tell(const tempo::event& e, duration when) {
    for (const auto& order : machine.on(e, instant(when))) {
      if (std::holds_alternative<tempo::report>(order)) ++reports;
      if (const auto* o = std::get_if<tempo::advertise_every>(&order)) said = *o;
    }
  }
  void report(duration when, pace is = pace::steady, const std::string& node = "lb2", address front = front2) {
    tell(tempo::reported{node, is, {front}}, when);
  }
  duration interval(duration when) {
    tell(wake{}, when);
    return machine.interval();
  }
  std::optional<duration> due() const {
    const auto when = machine.deadline();
    return when ? std::optional(when->time_since_epoch()) : std::nullopt;
  }

  tempo machine;
  int reports = 0;
  tempo::advertise_every said;
};

bench quick() {
  bench b;
  b.report(0s);
  EXPECT_EQ(b.interval(2s), 50ms);
  return b;
}

TEST(Tempo, IsSlowUntilTheWireKnowsAnotherNodeAndForAWhileAfter) {
  bench b;
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.interval(1h), 1s);
  EXPECT_EQ(b.machine.why(), "no other node is connected");
  EXPECT_EQ(b.machine.says(), pace::steady) << "or each would wait for the other";
  b.report(1h);
  EXPECT_EQ(b.due(), 1h + 2s);
  EXPECT_EQ(b.interval(1h + 1999ms), 1s);
  EXPECT_EQ(b.interval(1h + 2s), 50ms);
  EXPECT_EQ(b.said.interval, 50ms);
  EXPECT_EQ(b.said.why, "all nodes keep up");
  EXPECT_EQ(b.due(), std::nullopt);
}

TEST(Tempo, IsSlowAtOnceAndForAMinuteWhenAStrangerTakesPart) {
  bench b = quick();
  b.tell(tempo::heard{front2}, 10s);
  EXPECT_EQ(b.machine.interval(), 50ms) << "of a node that the wire knows";
  b.tell(tempo::heard{foreign}, 10s);
  EXPECT_EQ(b.said.interval, 1s);
  EXPECT_EQ(b.said.why, "10.0.0.9 is no node of ours");
  EXPECT_TRUE(b.said.alarms);
  EXPECT_EQ(b.machine.says(), pace::unsteady) << "the others may not hear it";
  EXPECT_EQ(b.reports, 1);
  b.tell(tempo::heard{foreign}, 20s);
  EXPECT_EQ(b.due(), 80s);
  EXPECT_EQ(b.interval(80s), 1s);
  EXPECT_EQ(b.machine.says(), pace::steady);
  EXPECT_EQ(b.interval(82s), 50ms);
}

TEST(Tempo, KnowsASpeakerAsSoonAsTheWireNamesIt) {
  bench b;
  b.tell(tempo::heard{front2}, 1s);
  b.tell(tempo::heard{front3}, 1s);
  b.report(2s);
  EXPECT_EQ(b.machine.why(), "10.0.0.3 is no node of ours");
  b.report(3s, pace::steady, "lb3", front3);
  EXPECT_EQ(b.interval(5s), 50ms);
}

TEST(Tempo, IsSlowWhileANodeDoesNotKeepUpOrSaysNothingOfIt) {
  bench b = quick();
  b.report(3s, pace::steady, "lb3", front3);
  b.report(4s, pace::unsteady);
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.machine.why(), "lb2 does not keep up, or hears a stranger");
  EXPECT_EQ(b.machine.says(), pace::steady) << "of ourselves";
  b.report(5s);
  EXPECT_EQ(b.interval(6999ms), 1s);
  EXPECT_EQ(b.interval(7s), 50ms);
  b.report(8s, pace::unsaid, "lb3", front3);
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.machine.why(), "lb3 is older, or its interval is given");
}

TEST(Tempo, PassesOverAReportThatANewerOneHasOvertaken) {
  bench b;
  b.tell(tempo::reported{"lb2", pace::unsteady, {front2}, 7}, 0s);
  b.tell(tempo::reported{"lb2", pace::steady, {front2}, 6}, 0s);
  EXPECT_EQ(b.interval(2s), 1s);
  b.tell(tempo::reported{"lb2", pace::steady, {front2}, 8}, 2s);
  EXPECT_EQ(b.interval(4s), 50ms);
}

TEST(Tempo, IsSlowWhileWeDoNotKeepUpOurselves) {
  bench b = quick();
  b.tell(tempo::overslept{99ms}, 10s);
  EXPECT_EQ(b.machine.interval(), 50ms) << "nobody has missed us";
  b.tell(tempo::overslept{120ms}, 10s);
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.machine.why(), "our loop woke 120 ms late");
  EXPECT_EQ(b.machine.says(), pace::unsteady);
  EXPECT_EQ(b.due(), 20s);
  EXPECT_EQ(b.interval(20s), 1s);
  EXPECT_EQ(b.machine.says(), pace::steady);
  EXPECT_EQ(b.interval(22s), 50ms);
}

TEST(Tempo, CountsALostNodeForAMinuteOrUntilItIsBack) {
  bench b = quick();
  b.report(3s, pace::steady, "lb3", front3);
  b.tell(tempo::gone{"lb3", true}, 10s);
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.machine.why(), "lb3 is lost");
  b.report(11s, pace::steady, "lb3", front3);
  EXPECT_EQ(b.interval(13s), 50ms);
  b.tell(tempo::gone{"lb3", true}, 20s);
  EXPECT_EQ(b.interval(80s), 1s);
  EXPECT_EQ(b.interval(82s), 50ms) << "it has been out of order for long, and the others are not to suffer";
}

TEST(Tempo, DoesNotCountANodeThatIsGoneForSure) {
  bench b = quick();
  b.report(3s, pace::steady, "lb3", front3);
  b.tell(tempo::gone{"lb3"}, 10s);
  EXPECT_EQ(b.machine.interval(), 50ms);
  b.tell(tempo::heard{front3}, 11s);
  EXPECT_EQ(b.machine.interval(), 1s) << "its next life, that the wire does not know yet";
  b.tell(tempo::gone{"lb2"}, 12s);
  EXPECT_EQ(b.machine.why(), "no other node is connected");
}

TEST(Tempo, IsAsSaidOtherwise) {
  bench b({.said = 100ms});
  b.report(0s);
  b.tell(tempo::heard{foreign}, 1s);
  EXPECT_EQ(b.interval(1h), 100ms);
  EXPECT_EQ(b.machine.why(), "");
  EXPECT_EQ(b.machine.says(), pace::unsaid);
  EXPECT_EQ(b.due(), std::nullopt);
  b.tell(tempo::changed{}, 1h);
  EXPECT_EQ(b.said.interval, 1s) << "what was said before is no proof of keeping up";
  EXPECT_EQ(b.interval(1h + 2s), 50ms) << "but a minute has passed";
}

TEST(Tempo, IsSlowWhereItCannotBeQuick) {
  bench b({.unable = "the wire is off"});
  b.report(0s);
  EXPECT_EQ(b.interval(1h), 1s);
  EXPECT_EQ(b.machine.why(), "the wire is off");
  EXPECT_EQ(b.machine.says(), pace::unsaid);
}

TEST(Tempo, RemembersSoManyStrangers) {
  bench b = quick();
  for (std::uint32_t i = 0; i < 1000; ++i) b.tell(tempo::heard{address::v4(i)}, 10s + 1s * i);
  EXPECT_EQ(b.machine.interval(), 1s);
  EXPECT_EQ(b.interval(10s + 1000s), 1s) << "some of them are of late";
}

}  // namespace
}  // namespace holdfast
