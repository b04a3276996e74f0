// What the other node tells us, and whether that is all that it knows.
#include "tests/sync/seen_session.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto lack = [](const std::string& what) { return "lost: " + what; };

TEST(SessionHears, OfServicesAndResumesThoseThatBothHave) {
  seen_session lb2;
  lb2.have({{web, 100, "web"}});
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_service{their_mail, 50, "mail"}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_service{their_web, 100, "web"}), ElementsAre("say resume web 0"));
  EXPECT_THAT(lb2.hear(sync_service{their_web, 200, "web"}), IsEmpty()) << "a resize";
  EXPECT_THAT(lb2.have({{web, 100, "web"}, {mail, 50, "mail"}}),
              ElementsAre("say service 2 mail 50", "say resume mail 0"));
}

TEST(SessionHears, EntriesMergesThemAndAcknowledgesNews) {
  seen_session lb2;
  lb2.meet();
  EXPECT_THAT(lb2.hear(sync_server{their_web, 3, "web3"}), ElementsAre("learn web web3"));
  EXPECT_THAT(lb2.hear(sync_entries{.service = their_web, .packed = {}}), ElementsAre("merge web"));
  EXPECT_THAT(lb2.on(session::merged{their_web, entry_kind::news, someday, false}), ElementsAre("say ack 11 day+0"));
  EXPECT_THAT(lb2.on(session::merged{their_web, entry_kind::snapshot, 0, true}), IsEmpty());
}

TEST(SessionHears, ResumesWhereItStood) {
  seen_session lb2;
  lb2.agree();
  lb2.on(session::merged{their_web, entry_kind::news, someday + 4, false});
  lb2.end(stream_end::lost);
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_service{their_web, 100, "web"}), ElementsAre("say resume web day+4"));
}

TEST(SessionHears, AllAgainIfItStoodInTheMiddleOfASnapshot) {
  seen_session lb2;
  lb2.meet();
  lb2.on(session::merged{their_web, entry_kind::news, someday + 4, false});
  lb2.on(session::merged{their_web, entry_kind::snapshot, 0, false});
  lb2.end(stream_end::lost);
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_service{their_web, 100, "web"}), ElementsAre("say resume web 0"));
}

TEST(SessionHears, AllAgainIfThePeerOrEitherTableIsNew) {
  seen_session lb2;
  lb2.agree();
  lb2.end(stream_end::lost);
  EXPECT_THAT(lb2.connect(2), Contains("connected afresh"));
  EXPECT_THAT(lb2.hear(sync_service{their_web, 100, "web"}), Contains("say resume web 0"));

  seen_session theirs;
  theirs.agree();
  theirs.hear(sync_service{their_web, 0, "web"});
  EXPECT_THAT(theirs.hear(sync_service{20, 100, "web"}), Contains("say resume web 0"));
  theirs.agree();

  seen_session ours;
  ours.agree();
  EXPECT_THAT(ours.have({{5, 100, "web"}}),
              ElementsAre("say service 1 web 0", "say service 5 web 100", "say resume web 0",
                          "not in sync: the snapshot of web is under way"));

  seen_session grown;
  grown.agree();
  grown.end(stream_end::lost);
  grown.have({{web, 200, "web"}});
  grown.connect();
  EXPECT_THAT(grown.hear(sync_service{their_web, 100, "web"}), ElementsAre("say resume web 0"));
}

TEST(SessionIsInSync, WhenTheSnapshotHasEndedAndTheDigestIsEqual) {
  seen_session lb2;
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "not connected");
  lb2.have({{web, 100, "web"}});
  lb2.connect();
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "it has not told yet what it has");
  lb2.hear(sync_service{their_web, 100, "web"});
  lb2.hear(sync_ping{});
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "the snapshot of web is under way");
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), IsEmpty()) << "no use to compare yet";
  lb2.on(session::merged{their_web, entry_kind::snapshot, 0, true});
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "web is not compared yet");
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web, .size = 5}), ElementsAre("compare web 100 after 0 quiet"));
  EXPECT_THAT(lb2.on(session::compared{their_web, {}}), ElementsAre("in sync"));
  EXPECT_TRUE(lb2.machine.in_sync());
  const auto v = lb2.machine.view().at(0);
  EXPECT_TRUE(v.ours && v.theirs && v.equal && v.snapshot_ended);
  EXPECT_EQ(v.compared, lb2.now);
  EXPECT_EQ(v.peer_size, 5U);
}

TEST(SessionIsInSync, WithNobodyWhoHasOtherServicesOnlyOnceItHasToldThem) {
  seen_session lb2;
  lb2.have({{web, 100, "web"}});
  lb2.connect();
  EXPECT_THAT(lb2.hear(sync_service{their_mail, 9, "mail"}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_ping{}), Contains("in sync"));
  const auto all = lb2.machine.view();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].name == "mail" && all[0].theirs && !all[0].ours);
  EXPECT_TRUE(all[1].name == "web" && all[1].ours && !all[1].theirs);
}

TEST(SessionIsInSync, NoMoreWhenTheConnectionIsLost) {
  seen_session lb2;
  lb2.agree();
  EXPECT_THAT(lb2.end(stream_end::closed),
              ElementsAre("lost: the connection was closed without a word",
                          "not in sync: not connected: the connection was closed without a word"));
}

TEST(SessionIsInSync, NoMoreAfterASecondOfSilence) {
  seen_session lb2;
  lb2.agree();
  const instant heard = *lb2.machine.heard();
  while (lb2.machine.in_sync()) lb2.wait();
  EXPECT_EQ(lb2.now, heard + 1s);
  EXPECT_EQ(lb2.machine.doubt(lb2.now), "nothing was heard for a while");
  EXPECT_THAT(lb2.hear(sync_pong{}), ElementsAre("in sync"));
}

TEST(SessionIsInSync, AgainWhenWhatDifferedIsRepaired) {
  seen_session lb2;
  lb2.agree();
  lb2.hear(sync_digest{.service = their_web});
  EXPECT_THAT(lb2.on(session::compared{their_web, {4, 5}}),
              ElementsAre("say want 2 of 11", "repairs 2 of 1", "not in sync: web differs"));
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), Not(Contains(HasSubstr("compare")))) << "under way";
  EXPECT_THAT(lb2.on(session::merged{their_web, entry_kind::repair, 0, false}), IsEmpty());
  EXPECT_THAT(lb2.on(session::merged{their_web, entry_kind::repair, 0, true}), ElementsAre("in sync"));
  EXPECT_FALSE(lb2.machine.view().at(0).equal) << "not proved yet";
  lb2.hear(sync_digest{.service = their_web});
  lb2.on(session::compared{their_web, {}});
  EXPECT_TRUE(lb2.machine.view().at(0).equal);
  EXPECT_EQ(lb2.machine.view().at(0).differed, 2U);
}

TEST(SessionIsInSync, WithoutRepairsAsFastAsTheyFail) {
  seen_session lb2;
  lb2.agree();
  int wants = 0;
  for (int i = 0; i < 100; ++i) {  // ten seconds
    lb2.wait(100ms);
    lb2.hear(sync_digest{.service = their_web});
    for (const auto& order : lb2.on(session::compared{their_web, {4}})) wants += order.starts_with("say want");
    lb2.on(session::merged{their_web, entry_kind::repair, 0, true});
  }
  EXPECT_EQ(wants, 3) << "two at once, then one in five seconds";
}

TEST(SessionIsInSync, BySnapshotAndLagAloneIfTheTablesCannotBeCompared) {
  seen_session lb2;
  lb2.agree();
  lb2.hear(sync_digest{.service = their_web});
  EXPECT_THAT(lb2.on(session::compared{their_web, {1, 2, 3}, false}), IsEmpty());
  EXPECT_TRUE(lb2.machine.in_sync());
  EXPECT_FALSE(lb2.machine.view().at(0).equal);
}

TEST(SessionIsInSync, ComparesWithWhatThePeerCanKnow) {
  seen_session lb2;
  lb2.agree();
  lb2.on(session::news{web});
  lb2.sent(entry_kind::news, someday + 3);
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), ElementsAre("compare web 100 after day+0"));
  lb2.hear(sync_ack{web, someday + 3});
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), ElementsAre("compare web 100 after day+3 quiet"));
}

TEST(SessionHears, NothingOfServicesThatWereNeverNamed) {
  const auto said = [](const sync_message& what) {
    seen_session lb2;
    lb2.meet();
    return lb2.hear(what);
  };
  const auto broken = ElementsAre("hang up", lack("it speaks of a service that it never named"));
  EXPECT_THAT(said(sync_server{77, 1, "x"}), broken);
  EXPECT_THAT(said(sync_entries{.service = 77, .packed = {}}), broken);
  EXPECT_THAT(said(sync_digest{.service = 77}), broken);
  EXPECT_THAT(said(sync_service{their_web, 1, "other"}), ElementsAre("hang up", lack("it names a service twice")));
}

TEST(SessionHears, NothingOfServicesThatWeDoNotHave) {
  seen_session lb2;
  lb2.meet();
  lb2.hear(sync_service{their_mail, 9, "mail"});
  EXPECT_THAT(lb2.hear(sync_server{their_mail, 1, "x"}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_entries{.service = their_mail, .packed = {}}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_mail}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 3U);
  EXPECT_THAT(lb2.on(session::merged{99, entry_kind::news, someday, false}), IsEmpty());
  EXPECT_THAT(lb2.on(session::compared{99, {1}}), IsEmpty());
}

TEST(SessionHears, OfAtMostSoManyServices) {
  seen_session lb2;
  lb2.connect();
  for (sync_number n = 1; n <= max_sync_services; ++n) lb2.hear(sync_service{n, 1, "s" + std::to_string(n)});
  EXPECT_EQ(lb2.machine.view().size(), max_sync_services);
  EXPECT_THAT(lb2.hear(sync_service{1000, 1, "s1"}), IsEmpty()) << "takes the place of the former";
  EXPECT_THAT(lb2.hear(sync_service{1001, 1, "more"}), Contains(lack("it tells of too many services")));
}

TEST(SessionHears, OfAtMostSoManyServers) {
  seen_session lb2;
  lb2.meet();
  for (sync_number n = 1; n <= max_sync_servers; ++n) lb2.hear(sync_server{their_web, 1, "again"});
  EXPECT_TRUE(lb2.machine.connected());
  EXPECT_THAT(lb2.hear(sync_server{their_web, 1, "again"}), Contains(lack("it names too many servers")));
}

TEST(SessionHears, ForgetsServicesThatARestartedConnectionNoLongerTells) {
  seen_session lb2;
  lb2.agree();
  lb2.end(stream_end::lost);
  lb2.connect();
  lb2.hear(sync_service{their_mail, 9, "mail"});
  lb2.hear(sync_ping{});
  EXPECT_THAT(lb2.hear(sync_entries{.service = their_web, .packed = {}}), Contains("hang up"));
}

}  // namespace

}  // namespace holdfast
