#include "sync/receiver.h"

#include "tests/sync/orders_in_words.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// What lb2 tells us, in virtual time.
class seen_receiver {
 public:
  words on(const receiver::event& e) { return said_by(machine.on(e, now)); }
  words have(std::vector<sync_service> all) { return on(receiver::services{std::move(all)}); }
  words shown(std::uint32_t size = 0, stamp acknowledged = 0, bool quiet = true) {
    return on(receiver::shown{sync_digest{.service = their_web, .size = size}, acknowledged, quiet});
  }
  words merged(entry_kind kind, stamp upto = 0, bool last = false) {
    return on(receiver::merged{their_web, kind, upto, last});
  }
  words compared(std::vector<std::uint16_t> differing, bool comparable = true) {
    return on(receiver::compared{their_web, std::move(differing), comparable});
  }
  words tell() { return on(sync_service{their_web, 100, "web"}); }
  words break_and_connect(bool afresh = false) {
    on(receiver::disconnected{});
    on(receiver::connected{afresh});
    return tell();
  }
  // Both have `web`; it has told of it.
  void meet() {
    have({{web, 100, "web"}});
    on(receiver::connected{});
    tell();
    on(receiver::introduced{});
  }
  // And we have all of it.
  void agree() {
    meet();
    merged(entry_kind::news, someday);
    merged(entry_kind::snapshot, 0, true);
    shown();
    compared({});
    EXPECT_EQ(machine.doubt(), "");
  }

  instant now{1h};
  receiver machine{10s};
};

TEST(Receiver, HearsOfServicesAndResumesThoseThatBothHave) {
  seen_receiver lb2;
  lb2.have({{web, 100, "web"}});
  lb2.on(receiver::connected{});
  EXPECT_THAT(lb2.on(sync_service{their_mail, 50, "mail"}), IsEmpty());
  EXPECT_THAT(lb2.tell(), ElementsAre("say resume web 0"));
  EXPECT_THAT(lb2.on(sync_service{their_web, 200, "web"}), IsEmpty()) << "a resize";
  EXPECT_THAT(lb2.have({{web, 100, "web"}, {mail, 50, "mail"}}), ElementsAre("say resume mail 0"));
  EXPECT_EQ(lb2.machine.our_number(their_mail), mail);
  EXPECT_FALSE(lb2.machine.our_number(99));
}

TEST(Receiver, HearsEntriesMergesThemAndAcknowledgesNews) {
  seen_receiver lb2;
  lb2.meet();
  EXPECT_THAT(lb2.on(sync_server{their_web, 3, "web3"}), ElementsAre("learn web web3"));
  EXPECT_THAT(lb2.on(sync_entries{.service = their_web, .packed = {}}), ElementsAre("merge web"));
  EXPECT_THAT(lb2.merged(entry_kind::news, someday), ElementsAre("say ack 11 day+0"));
  EXPECT_THAT(lb2.merged(entry_kind::snapshot, 0, true), IsEmpty());
}

TEST(Receiver, ResumesWhereItStood) {
  seen_receiver lb2;
  lb2.agree();
  lb2.merged(entry_kind::news, someday + 4);
  EXPECT_THAT(lb2.break_and_connect(), ElementsAre("say resume web day+4"));
}

TEST(Receiver, WantsAllAgainIfItStoodInTheMiddleOfASnapshot) {
  seen_receiver lb2;
  lb2.meet();
  lb2.merged(entry_kind::news, someday + 4);
  lb2.merged(entry_kind::snapshot);
  EXPECT_THAT(lb2.break_and_connect(), ElementsAre("say resume web 0"));
}

TEST(Receiver, WantsAllAgainIfThePeerOrEitherTableIsNew) {
  seen_receiver lb2;
  lb2.agree();
  EXPECT_THAT(lb2.break_and_connect(true), ElementsAre("say resume web 0"));

  seen_receiver theirs;
  theirs.agree();
  theirs.on(sync_service{their_web, 0, "web"});
  EXPECT_THAT(theirs.on(sync_service{20, 100, "web"}), ElementsAre("say resume web 0"));

  seen_receiver ours;
  ours.agree();
  EXPECT_THAT(ours.have({{5, 100, "web"}}), ElementsAre("say resume web 0"));
  EXPECT_EQ(ours.machine.doubt(), "the snapshot of web is under way");
}

TEST(Receiver, WantsAllAgainOnceThereIsMoreRoom) {
  seen_receiver lb2;
  lb2.agree();
  EXPECT_THAT(lb2.have({{web, 50, "web"}}), IsEmpty());
  EXPECT_THAT(lb2.have({{web, 200, "web"}}), ElementsAre("say resume web 0"));
  EXPECT_THAT(lb2.machine.learning(), ElementsAre(web));

  seen_receiver grown;
  grown.agree();
  grown.on(receiver::disconnected{});
  EXPECT_THAT(grown.have({{web, 200, "web"}}), IsEmpty());
  grown.on(receiver::connected{});
  EXPECT_THAT(grown.tell(), ElementsAre("say resume web 0"));
}

TEST(Receiver, KnowsAllWhenTheSnapshotHasEndedAndTheDigestIsEqual) {
  seen_receiver lb2;
  lb2.have({{web, 100, "web"}});
  lb2.on(receiver::connected{});
  EXPECT_EQ(lb2.machine.doubt(), "it has not told yet what it has");
  lb2.tell();
  lb2.on(receiver::introduced{});
  EXPECT_EQ(lb2.machine.doubt(), "the snapshot of web is under way");
  EXPECT_THAT(lb2.machine.learning(), ElementsAre(web));
  EXPECT_THAT(lb2.shown(), IsEmpty()) << "no use to compare yet";
  lb2.merged(entry_kind::snapshot, 0, true);
  EXPECT_THAT(lb2.machine.learning(), IsEmpty());
  EXPECT_EQ(lb2.machine.doubt(), "web is not compared yet");
  EXPECT_THAT(lb2.shown(5), ElementsAre("compare web 100 after 0 quiet"));
  lb2.compared({});
  EXPECT_EQ(lb2.machine.doubt(), "");
  const auto v = lb2.machine.views().at(0);
  EXPECT_TRUE(v.equal && v.snapshot_ended);
  EXPECT_EQ(v.compared, lb2.now);
  EXPECT_EQ(v.size, 5U);
}

TEST(Receiver, KnowsAllOfAPeerThatHasOtherServicesOnceItHasToldThem) {
  seen_receiver lb2;
  lb2.have({{web, 100, "web"}});
  lb2.on(receiver::connected{});
  EXPECT_THAT(lb2.on(sync_service{their_mail, 9, "mail"}), IsEmpty());
  lb2.on(receiver::introduced{});
  EXPECT_EQ(lb2.machine.doubt(), "");
}

TEST(Receiver, KnowsAllAgainWhenWhatDifferedIsRepaired) {
  seen_receiver lb2;
  lb2.agree();
  lb2.shown();
  EXPECT_THAT(lb2.compared({4, 5}), ElementsAre("say want 2 of 11", "repairs 2 of 1"));
  EXPECT_EQ(lb2.machine.doubt(), "web differs");
  EXPECT_THAT(lb2.shown(), IsEmpty()) << "under way";
  lb2.merged(entry_kind::repair);
  EXPECT_EQ(lb2.machine.doubt(), "web differs");
  lb2.merged(entry_kind::repair, 0, true);
  EXPECT_EQ(lb2.machine.doubt(), "");
  EXPECT_FALSE(lb2.machine.views().at(0).equal) << "not proved yet";
  lb2.shown();
  lb2.compared({});
  EXPECT_TRUE(lb2.machine.views().at(0).equal);
  EXPECT_EQ(lb2.machine.views().at(0).differed, 2U);
}

TEST(Receiver, WantsNoRepairsAsFastAsTheyFail) {
  seen_receiver lb2;
  lb2.agree();
  int wants = 0;
  for (int i = 0; i < 100; ++i) {  // ten seconds
    lb2.now += 100ms;
    lb2.shown();
    for (const auto& order : lb2.compared({4})) wants += order.starts_with("say want");
    lb2.merged(entry_kind::repair, 0, true);
  }
  EXPECT_EQ(wants, 3) << "two at once, then one in five seconds";
}

TEST(Receiver, GoesByTheSnapshotAloneIfTheTablesCannotBeCompared) {
  seen_receiver lb2;
  lb2.agree();
  lb2.shown();
  EXPECT_THAT(lb2.compared({1, 2, 3}, false), IsEmpty());
  EXPECT_EQ(lb2.machine.doubt(), "");
  EXPECT_FALSE(lb2.machine.views().at(0).equal || lb2.machine.views().at(0).fits);
}

TEST(Receiver, ComparesWithWhatThePeerCanKnow) {
  seen_receiver lb2;
  lb2.agree();
  EXPECT_THAT(lb2.shown(0, someday + 3, false), ElementsAre("compare web 100 after day+3"));
  EXPECT_THAT(lb2.shown(0, someday + 3, true), ElementsAre("compare web 100 after day+3 quiet"));
}

TEST(Receiver, BreaksOffAboutServicesThatWereNeverNamed) {
  const auto said = [](const receiver::event& what) {
    seen_receiver lb2;
    lb2.meet();
    return lb2.on(what);
  };
  const auto broken = ElementsAre("break off: it speaks of a service that it never named");
  EXPECT_THAT(said(sync_server{77, 1, "x"}), broken);
  EXPECT_THAT(said(sync_entries{.service = 77, .packed = {}}), broken);
  EXPECT_THAT(said(receiver::shown{sync_digest{.service = 77}}), broken);
  EXPECT_THAT(said(sync_service{their_web, 1, "other"}), ElementsAre("break off: it names a service twice"));
}

TEST(Receiver, SkipsWhatIsSaidOfServicesThatWeDoNotHave) {
  seen_receiver lb2;
  lb2.meet();
  lb2.on(sync_service{their_mail, 9, "mail"});
  EXPECT_THAT(lb2.on(sync_server{their_mail, 1, "x"}), IsEmpty());
  EXPECT_THAT(lb2.on(sync_entries{.service = their_mail, .packed = {}}), IsEmpty());
  EXPECT_THAT(lb2.on(receiver::shown{sync_digest{.service = their_mail}}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 3U);
  EXPECT_THAT(lb2.on(receiver::merged{99, entry_kind::news, someday, false}), IsEmpty());
  EXPECT_THAT(lb2.on(receiver::compared{99, {1}}), IsEmpty());
}

TEST(Receiver, HearsOfAtMostSoManyServices) {
  seen_receiver lb2;
  lb2.on(receiver::connected{});
  for (sync_number n = 1; n <= max_sync_services; ++n) lb2.on(sync_service{n, 1, "s" + std::to_string(n)});
  EXPECT_EQ(lb2.machine.views().size(), max_sync_services);
  EXPECT_THAT(lb2.on(sync_service{1000, 1, "s1"}), IsEmpty()) << "takes the place of the former";
  EXPECT_THAT(lb2.on(sync_service{1001, 1, "more"}), ElementsAre("break off: it tells of too many services"));
}

TEST(Receiver, HearsOfAtMostSoManyServers) {
  seen_receiver lb2;
  lb2.meet();
  for (sync_number n = 1; n <= max_sync_servers; ++n) {
    ASSERT_THAT(lb2.on(sync_server{their_web, 1, "again"}), ElementsAre("learn web again"));
  }
  EXPECT_THAT(lb2.on(sync_server{their_web, 1, "again"}), ElementsAre("break off: it names too many servers"));
}

TEST(Receiver, ForgetsServicesThatARestartedConnectionNoLongerTells) {
  seen_receiver lb2;
  lb2.agree();
  lb2.on(receiver::disconnected{});
  lb2.on(receiver::connected{});
  lb2.on(sync_service{their_mail, 9, "mail"});
  lb2.on(receiver::introduced{});
  EXPECT_EQ(lb2.machine.views().size(), 1U);
  EXPECT_THAT(lb2.on(sync_entries{.service = their_web, .packed = {}}), Contains(testing::StartsWith("break off")));
}

}  // namespace

}  // namespace holdfast
