#include "peers/link.h"

#include <gmock/gmock.h>

#include "base/tls/stream_end.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct in_words {
  std::string operator()(const peer_link::dial&) const { return "dial"; }
  std::string operator()(const peer_link::hang_up&) const { return "hang up"; }
  std::string operator()(const peer_link::greet&) const { return "greet"; }
  std::string operator()(const peer_link::ping&) const { return "ping"; }
  std::string operator()(const peer_link::part&) const { return "part"; }
  std::string operator()(const peer_link::connected& o) const { return o.afresh ? "connected afresh" : "connected"; }
  std::string operator()(const peer_link::failed& o) const { return "failed: " + o.why; }
  std::string operator()(const peer_link::lost& o) const {
    constexpr std::array how{"lost: ", "left: ", "died: "};
    return how.at(static_cast<std::size_t>(o.how)) + o.why;
  }
};

link_hello hello_of(const std::string& node, std::uint64_t incarnation = 1) {
  return {.node = node, .software = "9.9", .major = 1, .incarnation = incarnation};
}

// lb1's view of lb2, which it calls first, or lb3's; in virtual time.
class seen_link {
 public:
  explicit seen_link(const std::string& by = "lb1", std::optional<duration> other_calls = 2s, duration silence = 3s,
                     std::uint64_t seed = 1)
      : machine(hello_of(by), "lb2", "the talk", {.silence = silence, .other_calls = other_calls}, seed, now) {}

  std::vector<std::string> on(const peer_link::event& e) {
    std::vector<std::string> out;
    for (const auto& order : machine.on(e, now)) out.push_back(std::visit(in_words{}, order));
    return out;
  }
  std::vector<std::string> hear(std::optional<link_hello> hello = {}) {
    return on(peer_link::received{std::move(hello)});
  }
  std::vector<std::string> end(const std::string& why = "cut") { return on(peer_link::ended{why}); }
  std::vector<std::string> wait() {  // until something is due
    now = std::max(now, machine.deadline().value());
    return on(wake{});
  }
  std::vector<std::string> connect(std::uint64_t incarnation = 1) {
    if (!machine.calls_first()) return on(peer_link::called{hello_of("lb2", incarnation)});
    wait();
    on(peer_link::opened{});
    return hear(hello_of("lb2", incarnation));
  }

  instant now{1h};
  peer_link machine;
};

TEST(Link, CallsAtOnceWhoeverHasTheGreaterName) {
  seen_link lb2;
  EXPECT_EQ(lb2.machine.deadline(), lb2.now);
  EXPECT_THAT(lb2.wait(), ElementsAre("dial"));
  EXPECT_FALSE(lb2.machine.deadline()) << "the call has limits of its own";
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
  EXPECT_THAT(lb2.on(peer_link::opened{}), ElementsAre("greet"));
  EXPECT_THAT(lb2.hear(hello_of("lb2")), ElementsAre("connected", "ping"));
  EXPECT_TRUE(lb2.machine.is_connected());
  EXPECT_EQ(lb2.machine.software(), "9.9");
  EXPECT_EQ(lb2.machine.since(), lb2.now);
}

TEST(Link, WaitsToBeCalledByTheSmallerName) {
  seen_link lb2("lb3");
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 2s);
  EXPECT_THAT(lb2.connect(), ElementsAre("greet", "connected", "ping"));
  lb2.end();
  EXPECT_GE(lb2.machine.deadline(), lb2.now + 2s);
  EXPECT_LE(lb2.machine.deadline(), lb2.now + 2s + 50ms);
  EXPECT_THAT(lb2.wait(), ElementsAre("dial"));
}

TEST(Link, NeverCallsTheSmallerNameIfItsProtocolSaysSo) {
  seen_link lb2("lb3", std::nullopt);
  EXPECT_FALSE(lb2.machine.deadline());
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
  lb2.connect();
  lb2.end();
  EXPECT_FALSE(lb2.machine.deadline());
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "");
  EXPECT_EQ(seen_link("lb1", std::nullopt).machine.objection(hello_of("lb2")),
            "it says that its name is lb2, whom we call");
}

TEST(Link, CallsAgainEverLaterAfterFailures) {
  duration least = 1h, most = 0s;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    seen_link lb2("lb1", 2s, 3s, seed);
    for (duration pause = 50ms; pause < 5s; pause *= 2) {
      lb2.wait();
      lb2.end();
      const duration waited = *lb2.machine.deadline() - lb2.now;
      EXPECT_LE(waited, std::min<duration>(pause, 1s));
      EXPECT_GE(waited, std::min<duration>(pause, 1s) / 2);
      if (pause < 1s) continue;
      least = std::min(least, waited);
      most = std::max(most, waited);
    }
    lb2.connect();
    lb2.end();
    EXPECT_LE(*lb2.machine.deadline() - lb2.now, 50ms) << "connected: it begins anew";
  }
  EXPECT_LE(least, 510ms) << "not all at once";
  EXPECT_GE(most, 990ms);
}

TEST(Link, SaysOnceWhyNoConnectionCame) {
  seen_link lb2;
  lb2.wait();
  EXPECT_THAT(lb2.end("refused"), ElementsAre("failed: refused"));
  lb2.wait();
  EXPECT_THAT(lb2.end("refused"), IsEmpty());
  lb2.wait();
  EXPECT_THAT(lb2.end("cut"), ElementsAre("failed: cut"));
  EXPECT_EQ(lb2.machine.trouble(), "cut");
  lb2.connect();
  EXPECT_EQ(lb2.machine.trouble(), "");
}

TEST(Link, HangsUpOnWhoeverIsSomebodyElse) {
  const auto greeted = [](const peer_link::event& e) {
    seen_link lb2;
    lb2.wait();
    lb2.on(peer_link::opened{});
    return lb2.on(e);
  };
  link_hello other = hello_of("lb2");
  other.major = 2;
  EXPECT_THAT(greeted(peer_link::received{hello_of("lb9")}),
              ElementsAre("hang up", "failed: it says that its name is lb9"));
  EXPECT_THAT(greeted(peer_link::received{other}), ElementsAre("hang up", "failed: it speaks version 2 of the talk"));
  EXPECT_THAT(greeted(peer_link::received{}),
              ElementsAre("hang up", "failed: it says something else before its hello"));
  EXPECT_THAT(greeted(peer_link::broken{"nonsense"}), ElementsAre("hang up", "failed: nonsense"));
}

TEST(Link, WaitsASecondForAHello) {
  seen_link lb2;
  lb2.wait();
  lb2.on(peer_link::opened{});
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 1s);
  EXPECT_THAT(lb2.on(wake{}), IsEmpty()) << "an early one";
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "failed: it says no hello"));
}

TEST(Link, OfTwoCallsTheSmallerNamesWins) {
  seen_link lb2;
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "");
  lb2.wait();
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "ours may never arrive";
  lb2.on(peer_link::opened{});
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we have called it");
  lb2.hear(hello_of("lb2"));
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we are connected");
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2", 2)), "") << "it has started anew";
  EXPECT_EQ(lb2.machine.objection(hello_of("lb9")), "it says that its name is lb9");

  seen_link called("lb3");
  called.connect();
  EXPECT_EQ(called.machine.objection(hello_of("lb2")), "");
}

TEST(Link, TakesANewConnectionForAnOldOne) {
  seen_link lb2("lb3");
  lb2.connect();
  lb2.now += 100ms;
  EXPECT_THAT(lb2.connect(2),
              ElementsAre("lost: a new connection took its place", "greet", "connected afresh", "ping"));
  EXPECT_EQ(lb2.machine.since(), lb2.now);
}

TEST(Link, PingsEveryHalfSecondAndWhenSomebodyMustKnow) {
  seen_link lb2;
  EXPECT_THAT(lb2.on(peer_link::doubted{}), IsEmpty());
  lb2.connect();
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 500ms);
  EXPECT_THAT(lb2.wait(), ElementsAre("ping"));
  lb2.now += 100ms;
  EXPECT_THAT(lb2.on(peer_link::doubted{}), ElementsAre("ping"));
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 500ms);
}

TEST(Link, IsLostAfterThreeSecondsOfSilence) {
  seen_link lb2;
  lb2.connect();
  for (int i = 0; i < 5; ++i) EXPECT_THAT(lb2.wait(), ElementsAre("ping"));
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "lost: nothing was heard in time"));
  EXPECT_EQ(lb2.now, instant(1h) + 3s);
}

TEST(Link, IsNotLostWhileItTalksOrWhenItsStreamSeesToSilence) {
  seen_link lb2;
  lb2.connect();
  seen_link streamed("lb1", 2s, 0s);
  streamed.connect();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(streamed.wait(), ElementsAre("ping"));
    EXPECT_THAT(lb2.wait(), ElementsAre("ping"));
    EXPECT_THAT(lb2.hear(), IsEmpty());
    EXPECT_EQ(lb2.machine.heard(), lb2.now);
  }
}

TEST(Link, DoesNotTakeItsOwnSleepForSilence) {
  seen_link lb2;
  lb2.connect();
  lb2.now += 10s;
  EXPECT_THAT(lb2.on(wake{}), ElementsAre("ping"));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(lb2.wait(), ElementsAre("ping"));
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "lost: nothing was heard in time"));
}

TEST(Link, SaysHowAConnectionWasLost) {
  const auto after = [](const peer_link::event& e) {
    seen_link lb2;
    lb2.connect();
    const auto out = lb2.on(e);
    EXPECT_FALSE(lb2.machine.is_connected() || lb2.machine.since());
    EXPECT_GE(*lb2.machine.deadline(), lb2.now + 25ms);
    EXPECT_LE(*lb2.machine.deadline(), lb2.now + 50ms);
    return out;
  };
  EXPECT_THAT(after(peer_link::ended{"cut"}), ElementsAre("lost: cut"));
  EXPECT_THAT(after(peer_link::ended{"gone", peer_link::loss::died}), ElementsAre("died: gone"));
  EXPECT_THAT(after(peer_link::broken{"nonsense"}), ElementsAre("hang up", "lost: nonsense"));
  EXPECT_THAT(after(peer_link::farewell{"it left"}), ElementsAre("hang up", "left: it left"));
}

TEST(Link, KnowsWhetherThePeerHasStartedAnew) {
  seen_link lb2;
  EXPECT_THAT(lb2.connect(), ElementsAre("connected", "ping"));
  lb2.end();
  EXPECT_THAT(lb2.connect(), ElementsAre("connected", "ping"));
  lb2.end();
  EXPECT_THAT(lb2.connect(2), ElementsAre("connected afresh", "ping"));
}

TEST(Link, LeavesInOrder) {
  seen_link lb2;
  lb2.connect();
  EXPECT_THAT(lb2.on(peer_link::leave{}), ElementsAre("part", "hang up"));
  EXPECT_FALSE(lb2.machine.deadline());
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
  EXPECT_THAT(lb2.on(peer_link::leave{}), IsEmpty());
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we leave");
  seen_link calling;
  calling.wait();
  EXPECT_THAT(calling.on(peer_link::leave{}), ElementsAre("hang up"));
  EXPECT_THAT(calling.on(peer_link::opened{}), IsEmpty());
  seen_link waiting;
  EXPECT_THAT(waiting.on(peer_link::leave{}), IsEmpty());
}

TEST(Link, IgnoresWhatBelongsToNoConnection) {
  seen_link lb2;
  EXPECT_THAT(lb2.on(peer_link::opened{}), IsEmpty());
  EXPECT_THAT(lb2.hear(hello_of("lb2")), IsEmpty());
  EXPECT_THAT(lb2.end(), IsEmpty());
  EXPECT_THAT(lb2.on(peer_link::broken{"nonsense"}), IsEmpty());
  EXPECT_THAT(lb2.on(peer_link::farewell{"it left"}), IsEmpty());
}

}  // namespace

}  // namespace holdfast
