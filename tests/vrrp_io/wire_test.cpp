#include <gmock/gmock.h>

#include <list>

#include "base/clock_io.h"
#include "tests/vrrp_io/wire_rig.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Nodes a, b, c; the greater names are made first, since the smaller ones dial them.
class Wire : public testing::Test {
 protected:
  static wire_node node(const std::string& name, const endpoint& where = loopback(1)) { return {name, where}; }

  template <class Claim>
  void wait(Claim claim) {
    ASSERT_TRUE(eventually(io, claim));
  }
  void turn(duration time) {
    io.restart();
    io.run_for(time);
  }

  boost::asio::io_context io;
};

TEST_F(Wire, ConnectsTwoNodesAndCarriesTheirReports) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  a.itself->say(report_of(1));
  wait([&] { return a.connected() && b.was_told("heard a"); });
  EXPECT_EQ(as_it_was_said(b.report), report_of(1)) << "said before they met";
  b.itself->say(report_of(2, 64));
  wait([&] { return a.was_told("heard b"); });
  EXPECT_EQ(as_it_was_said(a.report), report_of(2, 64));
  EXPECT_THAT(a.news, ElementsAre("connected b", "heard b"));
  EXPECT_THAT(b.news, ElementsAre("connected a", "heard a"));
}

TEST_F(Wire, ConnectsThreeNodesToEachOther) {
  agent c(io, "c", {node("a"), node("b")});
  agent b(io, "b", {node("a"), node("c", c.where)});
  agent a(io, "a", {node("b", b.where), node("c", c.where)});
  wait([&] { return a.connected() && b.connected() && c.connected(); });
  b.itself->say(report_of(7));
  wait([&] { return a.was_told("heard b") && c.was_told("heard b"); });
}

TEST_F(Wire, ShowsWhatThereIsToSee) {
  agent b(io, "b", {node("a")});
  EXPECT_EQ(b.itself->status().at(0).since, std::nullopt);
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && a.itself->status().at(0).round_trip; });
  const wire_status seen = a.itself->status().at(0);
  EXPECT_EQ(seen.name, "b");
  EXPECT_EQ(seen.software, "1.0");
  EXPECT_EQ(seen.trouble, "");
  EXPECT_LE(*seen.since, *seen.heard);
  EXPECT_LE(*seen.heard, monotonic_now());
  EXPECT_GT(*seen.round_trip, 0ns);
  EXPECT_GT(seen.bytes_in, 0U);
  EXPECT_GT(seen.bytes_out, 0U);
}

TEST_F(Wire, SaysThatAPeerLeftAsSoonAsItSaysSo) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  a.itself->farewell();
  wait([&] { return b.was_told("left a"); });
  EXPECT_THAT(b.news, ElementsAre("connected a", "left a"));
  turn(100ms);
  EXPECT_THAT(b.news, ElementsAre("connected a", "left a"));
  EXPECT_THAT(a.news, ElementsAre("connected b"));
}

TEST_F(Wire, IsLeftByTheOneThatWasCalled) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  b.itself->farewell();
  wait([&] { return a.was_told("left b") && !a.failures.empty(); });
  EXPECT_THAT(a.failures, ElementsAre("the connection was refused"));
}

TEST_F(Wire, IsLostNotDeadWhenALivingPeerEndsItsWire) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  a.itself.reset();
  wait([&] { return b.news.size() == 2; });
  EXPECT_EQ(b.news.back(), "lost a: the peer ended the connection");
}

TEST_F(Wire, DiesWhenTheConnectionIsCutWithoutAWord) {
  for (const bool reset : {false, true}) {
    agent b(io, "b", {node("a")});
    go_between between(io, b.where);
    agent a(io, "a", {node("b", between.where())});
    wait([&] { return a.connected() && b.connected(); });
    if (reset)
      between.reset();
    else
      between.end();
    wait([&] { return a.was_told("died b") && b.was_told("died a"); });
    wait([&] { return a.count("connected b") == 2 && b.count("connected a") == 2; });
  }
}

TEST_F(Wire, IsLostNotDeadInABlackHole) {
  agent b(io, "b", {node("a")}, hasty());
  go_between between(io, b.where);
  agent a(io, "a", {node("b", between.where())}, hasty());
  wait([&] { return a.connected() && b.connected(); });
  between.hold();
  wait([&] { return a.news.size() >= 2 && b.news.size() >= 2; });
  EXPECT_THAT(a.news, Not(Contains("died b")));
  EXPECT_THAT(b.news, Not(Contains("died a")));
  EXPECT_EQ(a.news.at(1).substr(0, 6), "lost b");
  EXPECT_EQ(b.news.at(1).substr(0, 6), "lost a");
  wait([&] { return a.count("connected b") == 2; });
}

TEST_F(Wire, RefusesAnotherKeyAndSaysSo) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)}, patient(), 2);
  wait([&] { return b.failures.size() >= 3 && !a.failures.empty(); });
  EXPECT_THAT(a.failures, ElementsAre("the peer doesn't hold the same cluster key")) << "once, however often it tries";
  EXPECT_THAT(b.failures, testing::Each("the peer doesn't hold the same cluster key"));
  EXPECT_EQ(a.itself->status().at(0).trouble, "the peer doesn't hold the same cluster key");
  EXPECT_THAT(a.news, IsEmpty());
  EXPECT_THAT(b.news, IsEmpty());
}

TEST_F(Wire, RefusesNamesItDoesNotKnow) {
  agent b(io, "b", {node("aa")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return !b.failures.empty() && !a.failures.empty(); });
  EXPECT_EQ(b.failures.front(), "it says that its name is a, and we know no such node");
  EXPECT_THAT(b.news, IsEmpty());
  EXPECT_THAT(a.news, IsEmpty());
}

TEST_F(Wire, RefusesItsOwnNameAndThoseItCallsItself) {
  agent b(io, "b", {node("c")});
  const auto failed = [&](const char* why) {
    return std::find(b.failures.begin(), b.failures.end(), why) != b.failures.end();
  };
  const agent other_b(io, "b", {node("x", b.where)});
  wait([&] { return failed("it says that its name is b, and we know no such node"); });
  const agent c(io, "c", {node("d", b.where)});
  wait([&] { return failed("it says that its name is c, whom we call"); });
  EXPECT_THAT(b.news, IsEmpty());
}

TEST_F(Wire, FindsOutThatItCalledSomebodyElse) {
  agent c(io, "c", {node("a")});
  agent a(io, "a", {node("b", c.where)});
  wait([&] { return !a.failures.empty(); });
  EXPECT_EQ(a.failures.front(), "it says that its name is c");
  EXPECT_THAT(a.news, IsEmpty());
  EXPECT_THAT(c.news, Not(Contains("died a")));
}

TEST_F(Wire, TakesANewConnectionByTheSameNameForTheOldOne) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  agent again(io, "a", {node("b", b.where)});
  wait([&] { return again.connected(); });
  EXPECT_THAT(b.news, ElementsAre("connected a", "lost a: a new connection took its place", "connected a"));
  wait([&] { return a.news.size() >= 2; });
  EXPECT_EQ(a.news.at(1), "lost b: the peer ended the connection");
  a.itself.reset();
  turn(50ms);
  EXPECT_THAT(b.news, Not(Contains("died a")));
}

// Who would call itself by the name of another without end, and each time end the other's connection.
TEST_F(Wire, LeavesItsPlaceToNoSecondNodeOfThatName) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  const agent second(io, "a", {node("b", b.where)}, patient(), 1, {address::v4(0x7f000009), 0, {}});
  wait([&] { return !second.failures.empty() && !b.doubles.empty(); });
  turn(500ms);
  EXPECT_THAT(b.doubles, ElementsAre("a second node calls itself a: 127.0.0.9, beside 127.0.0.1"));
  EXPECT_EQ(b.itself->status().at(0).trouble, b.doubles.at(0));
  EXPECT_THAT(b.news, ElementsAre("connected a"));
  EXPECT_THAT(a.news, ElementsAre("connected b"));
  EXPECT_THAT(second.failures, ElementsAre("the peer ended the connection"));
}

// Somebody who has the key, and says what he likes.
struct hostile {
  hostile(boost::asio::io_context& io, const endpoint& to)
      : stream(secure_stream::dial(io, tls_context(key_of(1), "holdfast wire 1"), {}, to, std::nullopt,
                                   heard.callbacks())) {}
  ear heard;
  secure_stream stream;
};

TEST_F(Wire, HangsUpOnACallerThatBeginsWithSomethingElse) {
  agent b(io, "b", {node("a")});
  for (const std::string& word : {std::string("\x04\0\0\0\0\0\0\0\1", 9), std::string("\x03"), std::string(),
                                  std::string("\x01\x01\x00\x01", 4), std::string(16 << 10, 'x')}) {
    hostile caller(io, b.where);
    wait([&] { return caller.heard.opened; });
    caller.stream.send(bytes_of(word));
    wait([&] { return !caller.heard.ends.empty(); });
    EXPECT_THAT(caller.heard.frames, IsEmpty());
  }
  wait([&] { return b.failures.size() == 5; });
  EXPECT_THAT(b.failures, testing::Each("it says something else before its hello"));
  EXPECT_THAT(b.news, IsEmpty());
}

TEST_F(Wire, RefusesAnotherMajorVersion) {
  agent b(io, "b", {node("a")});
  hostile caller(io, b.where);
  wait([&] { return caller.heard.opened; });
  caller.stream.send(encode(wire_hello{.node = "a", .software = "", .major = 2}));
  wait([&] { return !b.failures.empty() && !caller.heard.ends.empty(); });
  EXPECT_THAT(b.failures, ElementsAre("it speaks version 2 of the wire"));
}

TEST_F(Wire, HangsUpOnAPeerThatSpeaksNonsense) {
  agent b(io, "b", {node("a")});
  hostile caller(io, b.where);
  wait([&] { return caller.heard.opened; });
  caller.stream.send(encode(wire_hello{.node = "a", .software = ""}));
  caller.stream.send(encode(wire_unknown{77}));
  caller.stream.send(bytes_of("\x02\xff"));
  wait([&] { return b.news.size() == 2; });
  EXPECT_THAT(b.news, ElementsAre("connected a", "lost a: a report has more than 64 groups"));
}

TEST_F(Wire, KeepsNoMoreThanSixteenCallersThatDoNotSayTheirName) {
  agent b(io, "b", {node("a")});
  std::list<hostile> mute;
  for (int i = 0; i < 20; ++i) {
    hostile& caller = mute.emplace_back(io, b.where);
    wait([&] { return caller.heard.opened; });
  }
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  wait([&] {
    return std::count_if(mute.begin(), mute.end(), [](const hostile& h) { return !h.heard.ends.empty(); }) >= 4;
  });
}

TEST_F(Wire, SendsAPeerThatIsBehindOnlyTheNewestReport) {
  agent b(io, "b", {node("a")});
  agent a(io, "a", {node("b", b.where)});
  wait([&] { return a.connected() && b.connected(); });
  constexpr std::uint64_t reports = 20'000;  // some 80 MB: more than any socket buffer holds while b does not read
  for (std::uint64_t i = 1; i <= reports; ++i) a.itself->say(report_of(i, 64));
  wait([&] { return as_it_was_said(b.report) == report_of(reports, 64); });
  EXPECT_LT(b.count("heard a"), static_cast<long>(reports));
  EXPECT_TRUE(a.connected()) << "it was slow, and that is no reason to part";
}

TEST_F(Wire, MayBeEndedByItsOwnCallback) {
  agent b(io, "b", {node("a")});
  std::unique_ptr<wire> a;
  const auto nothing = [](const std::string&, const std::string&) {};
  a = std::make_unique<wire>(
      io, wire_settings{.name = "a", .listen = loopback(), .software = "", .others = {node("b", b.where)}}, key_of(1),
      wire_callbacks{.connected = [&](const std::string&, const wire_hello&) { a.reset(); },
                     .heard = [](const std::string&, const wire_report&) {},
                     .died = [](const std::string&) {},
                     .left = [](const std::string&) {},
                     .lost = nothing,
                     .failed = nothing});
  ASSERT_TRUE(a->start());
  wait([&] { return b.news.size() == 2; });
  EXPECT_EQ(a, nullptr);
  EXPECT_EQ(b.news.back(), "lost a: the peer ended the connection");
}

TEST_F(Wire, SaysWhyItCanNotListen) {
  agent b(io, "b", {});
  wire other(io, {.name = "a", .listen = b.where, .software = ""}, key_of(1), b.callbacks());
  const auto bound = other.start();
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error(), StartsWith("can't listen on 127.0.0.1:"));
}

}  // namespace

}  // namespace holdfast
