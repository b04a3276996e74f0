#include "vrrp/election/wire_peer.h"

#include <gmock/gmock.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

instant at(duration since_start) { return instant(1h) + since_start; }

wire_hello hello_of(const std::string& node) { return {.node = node, .software = "9.9"}; }

// Each order in a word.
std::string text(const wire_message& what) {
  if (std::holds_alternative<wire_hello>(what)) return "say hello";
  if (std::holds_alternative<wire_report>(what)) return "say report";
  if (std::holds_alternative<wire_farewell>(what)) return "say farewell";
  if (std::holds_alternative<wire_ping>(what)) return "say ping";
  return std::holds_alternative<wire_pong>(what) ? "say pong" : "say what?";
}
std::string text(const wire_news& what) {
  if (std::holds_alternative<wire_connected>(what)) return "connected";
  if (std::holds_alternative<wire_heard>(what)) return "heard";
  if (std::holds_alternative<wire_answered>(what)) return "answered";
  if (std::holds_alternative<wire_died>(what)) return "died";
  if (std::holds_alternative<wire_left>(what)) return "left";
  if (const auto* lost = std::get_if<wire_lost>(&what)) return "lost: " + lost->why;
  return "failed: " + std::get<wire_failed>(what).why;
}
std::vector<std::string> texts(const wire_peer::effects& orders) {
  std::vector<std::string> out;
  for (const auto& order : orders) {
    if (std::holds_alternative<wire_peer::dial>(order)) out.emplace_back("dial");
    if (std::holds_alternative<wire_peer::hang_up>(order)) out.emplace_back("hang up");
    if (const auto* s = std::get_if<wire_peer::say>(&order)) out.push_back(text(s->what));
    if (const auto* t = std::get_if<wire_peer::tell>(&order)) out.push_back(text(t->what));
  }
  return out;
}

// lb1's view of lb2, which it calls, or lb3's, which is called; in virtual time.
class seen {
 public:
  explicit seen(const std::string& by = "lb1", std::uint64_t seed = 1)
      : machine(hello_of(by), "lb2", wire_limits{}, seed, now), calls(by == "lb1") {}

  std::vector<std::string> on(const wire_peer::event& e) { return texts(machine.on(e, now)); }
  std::vector<std::string> hear(wire_message what) { return on(wire_peer::received{std::move(what)}); }
  std::vector<std::string> end(stream_end why) { return on(wire_peer::ended{why}); }
  std::vector<std::string> wait() {
    now = std::max(now, machine.deadline().value());
    return on(wake{});
  }
  void connect() {
    if (calls) {
      EXPECT_THAT(wait(), ElementsAre("dial"));
      EXPECT_THAT(on(wire_peer::opened{}), ElementsAre("say hello"));
      EXPECT_THAT(hear(hello_of("lb2")), ElementsAre("connected", "say ping"));
    } else {
      EXPECT_THAT(on(wire_peer::called{hello_of("lb2")}), ElementsAre("say hello", "connected", "say ping"));
    }
  }

  instant now = at(0s);
  wire_peer machine;
  bool calls;
};

TEST(WirePeer, CallsWhoeverHasTheGreaterName) {
  seen lb2;
  EXPECT_EQ(lb2.machine.deadline(), at(0s));
  lb2.connect();
  EXPECT_TRUE(lb2.machine.connected());
  EXPECT_EQ(lb2.machine.software(), "9.9");
  EXPECT_EQ(lb2.machine.since(), at(0s));
}

TEST(WirePeer, WaitsToBeCalledByWhoeverHasTheSmallerName) {
  seen lb2("lb3");
  EXPECT_FALSE(lb2.machine.deadline());
  lb2.connect();
  EXPECT_TRUE(lb2.machine.connected());
  lb2.end(stream_end::closed);
  EXPECT_FALSE(lb2.machine.deadline());
}

TEST(WirePeer, MayNotCallWhenWeCall) {
  EXPECT_EQ(seen("lb1").machine.objection(hello_of("lb2")), "it says that its name is lb2, whom we call");
  EXPECT_EQ(seen("lb3").machine.objection(hello_of("lb2")), "");
}

TEST(WirePeer, PingsEveryHalfSecondAndMeasures) {
  seen lb2;
  lb2.connect();
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 500ms);
  const auto sent = static_cast<std::uint64_t>(lb2.now.time_since_epoch().count());
  lb2.now += 3ms;
  EXPECT_THAT(lb2.hear(wire_pong{sent + 3'000'001}), IsEmpty());
  EXPECT_FALSE(lb2.machine.round_trip()) << "nobody asked that";
  EXPECT_THAT(lb2.hear(wire_pong{sent}), ElementsAre("answered"));
  EXPECT_EQ(lb2.machine.round_trip(), 3ms);
  EXPECT_EQ(lb2.machine.heard(), lb2.now);
  EXPECT_THAT(lb2.wait(), ElementsAre("say ping"));
}

TEST(WirePeer, AnswersAPingWithWhatItSaid) {
  seen lb2;
  lb2.connect();
  const auto orders = lb2.machine.on(wire_peer::received{wire_ping{77}}, lb2.now);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(std::get<wire_peer::say>(orders.at(0)).what, wire_message(wire_pong{77}));
}

TEST(WirePeer, PassesReportsOnAndSkipsWhatItDoesNotKnow) {
  seen lb2;
  lb2.connect();
  EXPECT_THAT(lb2.hear(wire_report{}), ElementsAre("heard"));
  EXPECT_THAT(lb2.hear(wire_unknown{9}), IsEmpty());
  EXPECT_THAT(lb2.hear(hello_of("lb2")), IsEmpty());
  EXPECT_TRUE(lb2.machine.connected());
}

TEST(WirePeer, DiesByAnEndWithoutAWord) {
  for (const char* by : {"lb1", "lb3"}) {
    seen lb2(by);
    lb2.connect();
    EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre("died"));
    EXPECT_FALSE(lb2.machine.connected());
    EXPECT_FALSE(lb2.machine.since());
    EXPECT_EQ(lb2.machine.trouble(), "its agent died");
    EXPECT_THAT(lb2.end(stream_end::closed), IsEmpty());
  }
}

TEST(WirePeer, IsLostByEveryOtherEnd) {
  using enum stream_end;
  for (const stream_end why : {parted, lost, refused, not_authenticated, protocol, slow}) {
    seen lb2;
    lb2.connect();
    EXPECT_THAT(lb2.end(why), ElementsAre("lost: " + std::string(describe(why))));
    EXPECT_EQ(lb2.machine.trouble(), describe(why));
  }
}

TEST(WirePeer, IsNotDeadBeforeItWasConnected) {
  seen lb2;
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre("failed: the connection was closed without a word"));
  lb2.wait();
  lb2.on(wire_peer::opened{});
  EXPECT_THAT(lb2.end(stream_end::closed), IsEmpty()) << "the same again";
}

TEST(WirePeer, IsNotDeadWhenItWasSilentForAWhile) {
  for (const auto& [silence, verdict] : {std::pair{1000ms, "died"}, std::pair{1001ms, "lost"}}) {
    seen lb2;
    lb2.connect();
    lb2.hear(wire_report{});
    const instant end = lb2.now + silence;
    while (lb2.machine.deadline() < end) lb2.wait();
    lb2.now = end;
    EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre(HasSubstr(verdict)));
  }
}

TEST(WirePeer, IsNotDeadWhenWeStoodStill) {
  seen lb2;
  lb2.connect();
  lb2.now = *lb2.machine.deadline() + 1001ms;
  EXPECT_THAT(lb2.hear(wire_report{}), ElementsAre("heard")) << "it had come while we stood still";
  EXPECT_THAT(lb2.wait(), ElementsAre("say ping"));
  EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre(HasSubstr("lost")));
}

TEST(WirePeer, IsDeadAgainOnceWeHaveRunOnTimeForAWhile) {
  seen lb2;
  lb2.connect();
  lb2.now = *lb2.machine.deadline() + 1001ms;
  lb2.wait();
  for (int i = 0; i < 2; ++i) {
    lb2.wait();
    lb2.hear(wire_report{});
  }
  EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre("died"));
}

TEST(WirePeer, DoesNotDoubtForALittleDelay) {
  seen lb2;
  lb2.connect();
  lb2.now = *lb2.machine.deadline() + 400ms;
  EXPECT_THAT(lb2.end(stream_end::closed), ElementsAre("died"));
}

TEST(WirePeer, LeavesByItsFarewell) {
  seen lb2;
  lb2.connect();
  EXPECT_THAT(lb2.hear(wire_farewell{}), ElementsAre("hang up", "left"));
  EXPECT_THAT(lb2.end(stream_end::closed), IsEmpty());
  EXPECT_EQ(lb2.machine.trouble(), "its agent left");
}

TEST(WirePeer, IsCalledAgainAfterEveryEnd) {
  seen lb2;
  for (int i = 0; i < 3; ++i) {
    lb2.connect();
    lb2.end(stream_end::closed);
    EXPECT_GE(*lb2.machine.deadline() - lb2.now, 25ms);
    EXPECT_LE(*lb2.machine.deadline() - lb2.now, 50ms);
  }
}

TEST(WirePeer, IsCalledEverMoreRarelyUpToOnceASecond) {
  duration least = 1h, most = 0s;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    seen lb2("lb1", seed);
    for (duration pause = 50ms; pause < 5s; pause *= 2) {
      lb2.wait();
      lb2.end(stream_end::refused);
      const duration waited = *lb2.machine.deadline() - lb2.now;
      EXPECT_LE(waited, std::min<duration>(pause, 1s));
      EXPECT_GE(waited, std::min<duration>(pause, 1s) / 2);
      if (pause < 1s) continue;
      least = std::min(least, waited);
      most = std::max(most, waited);
    }
  }
  EXPECT_LE(least, 510ms) << "not all at once";
  EXPECT_GE(most, 990ms);
}

TEST(WirePeer, IsNotCalledTwiceAtOnce) {
  seen lb2;
  EXPECT_THAT(lb2.wait(), ElementsAre("dial"));
  EXPECT_FALSE(lb2.machine.deadline()) << "the call has limits of its own";
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
}

TEST(WirePeer, SaysOnlyOnceThatACallFailsForTheSameReason) {
  seen lb2;
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::refused), ElementsAre("failed: the connection was refused"));
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::refused), IsEmpty());
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::not_authenticated),
              ElementsAre("failed: the peer doesn't hold the same cluster key"));
  EXPECT_EQ(lb2.machine.trouble(), "the peer doesn't hold the same cluster key");
  lb2.connect();
  EXPECT_EQ(lb2.machine.trouble(), "");
}

TEST(WirePeer, IsHungUpOnWhenItSaysNoHello) {
  seen lb2;
  lb2.wait();
  lb2.on(wire_peer::opened{});
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 1s);
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "failed: it says no hello"));
  EXPECT_GT(lb2.machine.deadline(), lb2.now);
}

TEST(WirePeer, IsHungUpOnWhenItIsSomebodyElse) {
  const auto first_word = [](const wire_peer::event& e) {
    seen lb2;
    lb2.wait();
    lb2.on(wire_peer::opened{});
    const auto orders = lb2.on(e);
    EXPECT_FALSE(lb2.machine.connected());
    EXPECT_EQ(orders.size(), 2U);
    EXPECT_EQ(orders.front(), "hang up");
    return orders.back();
  };
  wire_hello later = hello_of("lb2");
  later.major = 2;
  EXPECT_EQ(first_word(wire_peer::received{hello_of("lb9")}), "failed: it says that its name is lb9");
  EXPECT_EQ(first_word(wire_peer::received{hello_of("lb1")}), "failed: it says that its name is lb1");
  EXPECT_EQ(first_word(wire_peer::received{later}), "failed: it speaks version 2 of the wire");
  EXPECT_EQ(first_word(wire_peer::received{wire_ping{}}), "failed: it says something else before its hello");
  EXPECT_EQ(first_word(wire_peer::received{wire_farewell{}}), "failed: it says something else before its hello");
  EXPECT_EQ(first_word(wire_peer::misheard{wire_refusal::bad_name}), "failed: a name isn't one");
}

TEST(WirePeer, MayHaveALaterMinorVersion) {
  seen lb2;
  lb2.wait();
  lb2.on(wire_peer::opened{});
  wire_hello later = hello_of("lb2");
  later.minor = 200;
  EXPECT_THAT(lb2.hear(later), ElementsAre("connected", "say ping"));
}

TEST(WirePeer, IsHungUpOnWhenItSpeaksNonsense) {
  seen lb2;
  lb2.connect();
  EXPECT_THAT(lb2.on(wire_peer::misheard{wire_refusal::cut_short}),
              ElementsAre("hang up", "lost: a message is cut short"));
}

TEST(WirePeer, TakesANewConnectionForAnOldOne) {
  seen lb2("lb3");
  lb2.connect();
  lb2.now += 100ms;
  EXPECT_THAT(lb2.on(wire_peer::called{hello_of("lb2")}),
              ElementsAre("lost: a new connection took its place", "say hello", "connected", "say ping"));
  EXPECT_EQ(lb2.machine.since(), lb2.now);
}

TEST(WirePeer, IsToldThatWeLeave) {
  for (const char* by : {"lb1", "lb3"}) {
    seen lb2(by);
    lb2.connect();
    EXPECT_THAT(lb2.on(wire_peer::leave{}), ElementsAre("say farewell", "hang up"));
    EXPECT_FALSE(lb2.machine.deadline());
    EXPECT_THAT(lb2.end(stream_end::closed), IsEmpty());
    EXPECT_THAT(lb2.on(wire_peer::leave{}), IsEmpty());
    EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we leave");
  }
}

TEST(WirePeer, IsNotCalledAnyMoreWhenWeLeave) {
  seen waiting;
  EXPECT_THAT(waiting.on(wire_peer::leave{}), IsEmpty());
  EXPECT_FALSE(waiting.machine.deadline());
  seen calling;
  calling.wait();
  EXPECT_THAT(calling.on(wire_peer::leave{}), ElementsAre("hang up"));
  EXPECT_THAT(calling.on(wire_peer::opened{}), IsEmpty());
}

TEST(WirePeer, IgnoresAnEarlyWake) {
  seen lb2;
  lb2.connect();
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
}

}  // namespace

}  // namespace holdfast
