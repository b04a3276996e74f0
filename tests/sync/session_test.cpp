// When to call, how to greet, and what ends a connection.
#include "tests/sync/seen_session.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Session, CallsAtOnceWhoeverHasTheGreaterName) {
  seen_session lb2;
  EXPECT_EQ(lb2.machine.deadline(), lb2.now);
  EXPECT_THAT(lb2.wait(), ElementsAre("dial"));
  EXPECT_FALSE(lb2.machine.deadline()) << "the call has limits of its own";
  EXPECT_THAT(lb2.on(session::opened{}), ElementsAre("say hello"));
  EXPECT_THAT(lb2.hear(hello_of("lb2")), ElementsAre("connected", "say ping"));
  EXPECT_TRUE(lb2.machine.connected());
  EXPECT_EQ(lb2.machine.software(), "9.9");
  EXPECT_EQ(lb2.machine.since(), lb2.now);
}

TEST(Session, WaitsTwoSecondsToBeCalledByTheSmallerName) {
  seen_session lb2("lb3");
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 2s);
  EXPECT_THAT(lb2.connect(), ElementsAre("say hello", "connected", "say ping"));
  lb2.end(stream_end::closed);
  const instant then = lb2.machine.deadline().value();
  EXPECT_GE(then, lb2.now + 2s);
  EXPECT_LE(then, lb2.now + 2s + 50ms);
  EXPECT_THAT(lb2.wait(), ElementsAre("dial"));
}

TEST(Session, CallsAgainEverLaterAfterFailures) {
  seen_session lb2;
  duration longest{};
  for (duration most = 50ms; most < 3s; most *= 2) {
    lb2.wait();
    lb2.end(stream_end::refused);
    const duration pause = *lb2.machine.deadline() - lb2.now;
    EXPECT_GE(pause, std::min<duration>(most, 1s) / 2);
    EXPECT_LE(pause, std::min<duration>(most, 1s));
    longest = std::max(longest, pause);
  }
  lb2.connect();
  lb2.end(stream_end::closed);
  EXPECT_LE(*lb2.machine.deadline() - lb2.now, 50ms) << "connected: it begins anew";
}

TEST(Session, SaysOnceWhyNoConnectionCame) {
  seen_session lb2;
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::refused), ElementsAre("failed: the connection was refused"));
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::refused), IsEmpty());
  lb2.wait();
  EXPECT_THAT(lb2.end(stream_end::lost), ElementsAre("failed: nothing was heard in time"));
  EXPECT_EQ(lb2.machine.trouble(), "nothing was heard in time");
}

TEST(Session, HangsUpOnWhoeverIsSomebodyElse) {
  const auto greeted = [](const sync_message& what) {
    seen_session lb2;
    lb2.wait();
    lb2.on(session::opened{});
    return lb2.hear(what);
  };
  EXPECT_THAT(greeted(hello_of("lb9")), ElementsAre("hang up", "failed: it says that its name is lb9"));
  EXPECT_THAT(greeted(sync_ping{}), ElementsAre("hang up", "failed: it says something else before its hello"));
  sync_hello other = hello_of("lb2");
  other.major = 2;
  EXPECT_THAT(greeted(other), ElementsAre("hang up", "failed: it speaks version 2 of the sync channel"));
}

TEST(Session, WaitsASecondForAHello) {
  seen_session lb2;
  lb2.wait();
  lb2.on(session::opened{});
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 1s);
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "failed: it says no hello"));
}

TEST(Session, HangsUpOnWhatIsNoMessage) {
  seen_session lb2;
  lb2.wait();
  lb2.on(session::opened{});
  EXPECT_THAT(lb2.on(session::misheard{sync_refusal::bad_name}), Contains("hang up"));
  lb2.connect();
  EXPECT_THAT(lb2.on(session::misheard{sync_refusal::bad_name}), Contains("hang up"));
  EXPECT_FALSE(lb2.machine.connected());
}

// Two calls at once: that of the smaller name stays.
TEST(Session, TheSmallerNamesCallWins) {
  seen_session lb2("lb3");  // lb2 has the smaller name
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "");
  lb2.wait();
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "we call";
  lb2.on(session::opened{});
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "we have said hello";
  EXPECT_THAT(lb2.on(session::called{hello_of("lb2")}), ElementsAre("say hello", "connected", "say ping"));
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "it has lost the connection: it wouldn't call otherwise";
  EXPECT_THAT(lb2.on(session::called{hello_of("lb2")}),
              ElementsAre("lost: a new connection took its place", "say hello", "connected", "say ping"));
}

TEST(Session, TheGreaterNamesCallMustNotCrossOurs) {
  seen_session lb2;
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "we wait";
  lb2.wait();
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "") << "our call may never come through; we have said nothing yet";
  lb2.on(session::opened{});
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we have called it");
  lb2.hear(hello_of("lb2"));
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we are connected");
}

TEST(Session, WhoeverStartedAfreshWinsOverItsFormerConnection) {
  seen_session lb2;
  lb2.connect(1);
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2", 2)), "");
  EXPECT_THAT(lb2.on(session::called{hello_of("lb2", 2)}),
              ElementsAre("lost: a new connection took its place", "say hello", "connected afresh", "say ping"));
}

TEST(Session, ACallWhileCallingTakesThePlaceOfTheCall) {
  seen_session lb2;
  lb2.wait();
  EXPECT_THAT(lb2.on(session::called{hello_of("lb2")}), ElementsAre("say hello", "connected", "say ping"));
  EXPECT_THAT(lb2.on(session::opened{}), IsEmpty());
  EXPECT_TRUE(lb2.machine.connected());
}

TEST(Session, ObjectsToStrangers) {
  seen_session lb2;
  EXPECT_EQ(lb2.machine.objection(hello_of("lb9")), "it says that its name is lb9");
  sync_hello other = hello_of("lb2");
  other.major = 7;
  EXPECT_EQ(lb2.machine.objection(other), "it speaks version 7 of the sync channel");
  lb2.on(session::leave{});
  EXPECT_EQ(lb2.machine.objection(hello_of("lb2")), "we leave");
}

TEST(Session, PingsEveryHalfSecondAndMeasures) {
  seen_session lb2;
  lb2.connect();
  EXPECT_EQ(lb2.machine.deadline(), lb2.now + 500ms);
  const auto ping = [&] {
    lb2.now = *lb2.machine.deadline();
    for (const auto& order : lb2.machine.on(wake{}, lb2.now)) {
      if (const auto* s = std::get_if<session::send>(&order)) return std::get<sync_ping>(s->what).sent;
    }
    return std::uint64_t{0};
  };
  const auto pong = [&](std::uint64_t sent, duration back, std::int64_t ahead_us) {
    lb2.now += back;
    const auto ours = wall_us + static_cast<std::uint64_t>((lb2.now - instant(1h)) / 1us);
    lb2.hear(sync_pong{sent, ours - static_cast<std::uint64_t>(back / 2us) + static_cast<std::uint64_t>(ahead_us)});
  };
  pong(ping(), 4ms, 2500);
  EXPECT_EQ(lb2.machine.round_trip(), 4ms);
  EXPECT_EQ(lb2.machine.offset_us(), 2500);
  pong(ping(), 80ms, 9000);
  EXPECT_EQ(lb2.machine.round_trip(), 80ms);
  EXPECT_EQ(lb2.machine.offset_us(), 2500) << "the quickest knows best";
  pong(ping() + 1, 1ms, 7);
  EXPECT_EQ(lb2.machine.round_trip(), 80ms) << "nobody asked that";
  for (int i = 0; i < 15; ++i) pong(ping(), 10ms, -300);
  EXPECT_EQ(lb2.machine.offset_us(), -300) << "the quickest of the last 16";
  lb2.end(stream_end::closed);
  EXPECT_FALSE(lb2.machine.round_trip());
  EXPECT_FALSE(lb2.machine.offset_us());
}

TEST(Session, SaysOnceThatTheClocksAreApartAndWhenTheyAgreeAgain) {
  seen_session lb2;
  lb2.connect();
  const auto pong = [&](std::int64_t ahead_us) {
    lb2.now = *lb2.machine.deadline();
    std::uint64_t sent = 0;
    for (const auto& order : lb2.machine.on(wake{}, lb2.now)) {
      if (const auto* s = std::get_if<session::send>(&order)) sent = std::get<sync_ping>(s->what).sent;
    }
    const auto ours = wall_us + static_cast<std::uint64_t>((lb2.now - instant(1h)) / 1us);
    return lb2.hear(sync_pong{sent, ours + static_cast<std::uint64_t>(ahead_us)});
  };
  EXPECT_THAT(pong(3'000'000), IsEmpty());
  EXPECT_THAT(pong(30'000'000), ElementsAre("clocks apart 30"));
  EXPECT_THAT(pong(30'000'001), IsEmpty());
  EXPECT_THAT(pong(-3'600'000'000), IsEmpty()) << "no need to say it again";
  EXPECT_EQ(lb2.machine.offset_us(), -3'600'000'000) << "a clock was set: what was measured before is void";
  EXPECT_THAT(pong(5), ElementsAre("clocks agree 0"));
}

TEST(Session, AnswersAPingWithItsNumberAndOurTime) {
  seen_session lb2;
  lb2.connect();
  const auto orders = lb2.machine.on(session::received{sync_ping{77}, wall_us}, lb2.now);
  EXPECT_EQ(std::get<session::send>(orders.at(0)).what, sync_message(sync_pong{77, wall_us}));
}

TEST(Session, IsLostAfterThreeSecondsOfSilence) {
  seen_session lb2;
  lb2.connect();
  for (int i = 0; i < 5; ++i) EXPECT_THAT(lb2.wait(), ElementsAre("say ping"));
  EXPECT_THAT(lb2.wait(), ElementsAre("hang up", "lost: nothing was heard in time"));
  EXPECT_EQ(lb2.now, instant(1h) + 3s);
}

TEST(Session, DoesNotTakeItsOwnSleepForSilence) {
  seen_session lb2;
  lb2.connect();
  lb2.now += 10s;
  EXPECT_THAT(lb2.on(wake{}), ElementsAre("say ping"));
  EXPECT_TRUE(lb2.machine.connected());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(lb2.wait(), ElementsAre("say ping"));
  EXPECT_THAT(lb2.wait(), Contains("hang up"));
}

TEST(Session, LeavesInOrder) {
  seen_session lb2;
  lb2.connect();
  EXPECT_THAT(lb2.on(session::leave{}), ElementsAre("say farewell", "hang up"));
  EXPECT_FALSE(lb2.machine.deadline());
  EXPECT_THAT(lb2.hear(sync_ping{}), IsEmpty());
  EXPECT_THAT(lb2.on(wake{}), IsEmpty());
  seen_session called;
  called.wait();
  EXPECT_THAT(called.on(session::leave{}), ElementsAre("hang up"));
  seen_session waiting;
  EXPECT_THAT(waiting.on(session::leave{}), IsEmpty());
}

TEST(Session, KnowsAFarewell) {
  seen_session lb2;
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_farewell{}), ElementsAre("hang up", "left: it left"));
  EXPECT_EQ(lb2.machine.trouble(), "it left");
  EXPECT_TRUE(lb2.machine.deadline()) << "it may come back";
}

TEST(Session, PassesOnWhatIsNotItsBusinessAndSkipsWhatItDoesNotKnow) {
  seen_session lb2;
  EXPECT_THAT(lb2.on(session::say{sync_status{}}), IsEmpty());
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_status{}), ElementsAre("heard status"));
  EXPECT_THAT(lb2.on(session::say{sync_status{}}), ElementsAre("say status"));
  EXPECT_THAT(lb2.hear(sync_unknown{99}), IsEmpty());
  EXPECT_THAT(lb2.hear(hello_of("lb2")), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 2U);
  EXPECT_TRUE(lb2.machine.connected());
}

TEST(Session, IgnoresWhatBelongsToNoConnection) {
  seen_session lb2;
  EXPECT_THAT(lb2.on(session::opened{}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_ping{}), IsEmpty());
  EXPECT_THAT(lb2.end(stream_end::closed), IsEmpty());
  EXPECT_THAT(lb2.on(session::misheard{sync_refusal::bad_name}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::check{}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::news{web}), IsEmpty());
}

TEST(Session, TellsItsServicesBeforeTheFirstPing) {
  seen_session lb2;
  lb2.have({{web, 100, "web"}, {mail, 50, "mail"}});
  EXPECT_THAT(lb2.connect(), ElementsAre("connected", "say service 1 web 100", "say service 2 mail 50", "say ping"));
}

TEST(Session, TellsOfServicesThatComeChangeAndGo) {
  seen_session lb2;
  lb2.meet();
  EXPECT_THAT(lb2.have({{web, 200, "web"}, {mail, 50, "mail"}}),
              ElementsAre("say service 1 web 200", "say service 2 mail 50", "say resume web 0"))
      << "there was no room for some, perhaps; now there is";
  EXPECT_THAT(lb2.have({{web, 150, "web"}, {mail, 50, "mail"}}), ElementsAre("say service 1 web 150"));
  EXPECT_THAT(lb2.have({{mail, 50, "mail"}}), ElementsAre("say service 1 web 0", "in sync"))
      << "nothing is left that both have";
  EXPECT_THAT(lb2.have({{mail, 50, "mail"}, {3, 9, "web"}}),
              ElementsAre("say service 3 web 9", "say resume web 0", "not in sync: the snapshot of web is under way"))
      << "a new table knows nothing";
}

TEST(Session, TellsOfAtMostSoManyServices) {
  seen_session lb2;
  lb2.connect();
  std::vector<sync_service> all;
  for (sync_number n = 1; n <= max_sync_services + 1; ++n) all.push_back({n, 1, "s" + std::to_string(n)});
  EXPECT_EQ(lb2.have(all).size(), max_sync_services);
}

TEST(Session, ShowsItsDigestOnceThePeerHasToldAllThatItKnows) {
  seen_session lb2;
  lb2.meet();
  lb2.hear(sync_resume{"web", 0});
  lb2.sent(entry_kind::news, someday);
  lb2.on(sender::drained{});
  EXPECT_THAT(lb2.sent(entry_kind::snapshot), IsEmpty());
  lb2.on(sender::drained{});
  lb2.hear(sync_entries{.service = their_web, .kind = entry_kind::snapshot, .last = true, .packed = {}});
  EXPECT_THAT(lb2.on(receiver::merged{their_web, entry_kind::snapshot, 0, true}), Contains("send digest 1"));
}

TEST(Session, ComparesAndAnswersADigest) {
  seen_session lb2;
  lb2.agree();
  lb2.now += 1100ms;
  lb2.hear(sync_ping{});
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}),
              ElementsAre("compare web 100 after day+0 quiet", "send digest 1"));
  lb2.on(sender::digested{web, false});
  lb2.sent(entry_kind::news, someday + 3);
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), ElementsAre("compare web 100 after day+0"));
  lb2.hear(sync_ack{web, someday + 3});
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), ElementsAre("compare web 100 after day+3 quiet"));
}

TEST(Session, BreaksOffWhatCanNotBe) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 1}),
              ElementsAre("hang up", "lost: it acknowledges what was never said"));
  EXPECT_EQ(lb2.machine.trouble(), "it acknowledges what was never said");
  EXPECT_FALSE(lb2.machine.follows(web));
  lb2.meet();
  EXPECT_THAT(lb2.hear(sync_server{77, 1, "x"}),
              ElementsAre("hang up", "lost: it speaks of a service that it never named"));
}

TEST(Session, ForgetsWhatAPeerThatStartedAfreshHadTold) {
  seen_session lb2;
  lb2.agree();
  lb2.end(stream_end::lost);
  EXPECT_THAT(lb2.connect(2), Contains("connected afresh"));
  EXPECT_THAT(lb2.hear(sync_service{their_web, 100, "web"}), Contains("say resume web 0"));
}

TEST(Session, IsInSyncWithNobodyWhoHasOtherServicesOnlyOnceItHasToldThem) {
  seen_session lb2;
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "not connected");
  lb2.have({{web, 100, "web"}});
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_service{their_mail, 9, "mail"}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_ping{}), Contains("in sync"));
  const auto all = lb2.machine.view();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].name == "mail" && all[0].theirs && !all[0].ours);
  EXPECT_TRUE(all[1].name == "web" && all[1].ours && !all[1].theirs);
}

TEST(Session, IsInSyncNoMoreWhenTheConnectionIsLost) {
  seen_session lb2;
  lb2.agree();
  EXPECT_THAT(lb2.end(stream_end::closed),
              ElementsAre("lost: the connection was closed without a word",
                          "not in sync: not connected: the connection was closed without a word"));
}

TEST(Session, IsInSyncNoMoreAfterASecondOfSilence) {
  seen_session lb2;
  lb2.agree();
  const instant heard = *lb2.machine.heard();
  while (lb2.machine.in_sync()) lb2.wait();
  EXPECT_EQ(lb2.now, heard + 1s);
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "nothing was heard for a while");
  EXPECT_THAT(lb2.hear(sync_pong{}), ElementsAre("in sync"));
}

TEST(Session, SaysThatWhatDiffersIsRepaired) {
  seen_session lb2;
  lb2.agree();
  lb2.hear(sync_digest{.service = their_web});
  EXPECT_THAT(lb2.on(receiver::compared{their_web, {4, 5}}),
              ElementsAre("say want 2 of 11", "repairs 2 of 1", "not in sync: web differs"));
  EXPECT_THAT(lb2.on(receiver::merged{their_web, entry_kind::repair, 0, true}), ElementsAre("in sync"));
}

}  // namespace

}  // namespace holdfast
