#include "sync/sender.h"

#include "tests/sync/orders_in_words.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// What lb2 is told, in virtual time.
class seen_sender {
 public:
  words on(const sender::event& e) { return said_by(machine.on(e, now)); }
  words have(std::vector<sync_service> all) { return on(sender::services{std::move(all)}); }
  words connect() { return on(sender::connected{}); }
  words wait(duration how_long) {
    words out;
    const instant end = now + how_long;
    while (machine.deadline() && *machine.deadline() <= end) {
      now = *machine.deadline();
      for (std::string& order : on(wake{})) out.push_back(std::move(order));
    }
    now = end;
    return out;
  }
  words sent(entry_kind kind, stamp upto = 0, bool more = false, bool any = true) {
    return on(sender::sent{web, kind, upto, more, any});
  }
  // We have `web`, and are connected.
  void meet() {
    have({{web, 100, "web"}});
    connect();
  }
  // And it has resumed it, and has all; nothing is under way.
  void follow() {
    meet();
    on(sync_resume{"web", 0});
    sent(entry_kind::news, someday);
    on(sender::drained{});
    sent(entry_kind::snapshot);
    on(sender::digested{web, true});
    on(sender::drained{});
    on(sync_ack{web, someday});
  }

  instant now{1h};
  sender machine{10s};
};

TEST(Sender, TellsItsServicesWhenConnected) {
  seen_sender lb2;
  EXPECT_THAT(lb2.have({{web, 100, "web"}, {mail, 50, "mail"}}), IsEmpty());
  EXPECT_THAT(lb2.connect(), ElementsAre("say service 1 web 100", "say service 2 mail 50"));
}

TEST(Sender, TellsOfServicesThatComeChangeAndGo) {
  seen_sender lb2;
  lb2.meet();
  EXPECT_THAT(lb2.have({{web, 200, "web"}, {mail, 50, "mail"}}),
              ElementsAre("say service 1 web 200", "say service 2 mail 50"));
  EXPECT_THAT(lb2.have({{web, 200, "web"}, {mail, 50, "mail"}}), IsEmpty());
  EXPECT_THAT(lb2.have({{mail, 50, "mail"}, {3, 9, "web"}}), ElementsAre("say service 1 web 0", "say service 3 web 9"));
}

TEST(Sender, TellsAllToAPeerThatKnowsNothing) {
  seen_sender lb2;
  lb2.meet();
  EXPECT_FALSE(lb2.machine.follows(web));
  EXPECT_THAT(lb2.on(sync_resume{"web", 0}),
              ElementsAre("introduce 1", "seek 1 0", "start snapshot 1", "send news 1 anyhow"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send snapshot 1"));
  EXPECT_THAT(lb2.sent(entry_kind::snapshot, 0, true), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send snapshot 1"));
  EXPECT_FALSE(lb2.machine.follows(web));
  EXPECT_THAT(lb2.on(sync_ack{web, someday}), IsEmpty()) << "that says nothing of those in the snapshot";
  EXPECT_THAT(lb2.sent(entry_kind::snapshot), ElementsAre("send digest 1")) << "in order behind the last";
  EXPECT_TRUE(lb2.machine.follows(web));
  lb2.on(sender::digested{web, true});
  EXPECT_THAT(lb2.on(sender::drained{}), IsEmpty());
}

TEST(Sender, TellsOnlyTheNewsToAPeerThatKnowsTheRest) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::news{web});
  lb2.sent(entry_kind::news, someday + 5);
  lb2.on(sender::disconnected{});
  EXPECT_FALSE(lb2.machine.follows(web));
  lb2.meet();
  EXPECT_THAT(lb2.on(sync_resume{"web", someday + 5}),
              ElementsAre("introduce 1", "seek 1 day+5", "send news 1 anyhow"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 6), ElementsAre("send digest 1"));
}

TEST(Sender, TellsAllToAPeerThatClaimsToKnowWhatWasNeverSaid) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::disconnected{});
  lb2.meet();
  EXPECT_THAT(lb2.on(sync_resume{"web", someday + 1}), Contains("start snapshot 1"));
}

TEST(Sender, TellsNothingOfAServiceThatThePeerDoesNotResume) {
  seen_sender lb2;
  lb2.meet();
  EXPECT_THAT(lb2.on(sender::news{web}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::check{}), IsEmpty());
  EXPECT_THAT(lb2.on(wake{}), IsEmpty()) << "no digest, either";
  EXPECT_THAT(lb2.on(sync_resume{"other", 0}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 1U);
}

TEST(Sender, TellsNewsAtOnceButOneBatchAtATime) {
  seen_sender lb2;
  lb2.follow();
  EXPECT_THAT(lb2.on(sender::news{web}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1), IsEmpty());
  EXPECT_THAT(lb2.on(sender::news{web}), IsEmpty()) << "the kernel hasn't taken the former";
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, 0, false, false), IsEmpty()) << "there were none";
  EXPECT_THAT(lb2.on(sender::news{web}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, 0, true, false), ElementsAre("send news 1"));
}

TEST(Sender, TellsNewsBeforeASnapshotBeforeARepairButEachGetsATurn) {
  seen_sender lb2;
  lb2.have({{web, 100, "web"}, {mail, 50, "mail"}});
  lb2.connect();
  lb2.on(sync_resume{"mail", 0});  // its news are asked for
  lb2.on(sync_resume{"web", 0});
  lb2.on(sync_want{web, {1}});
  std::string order;
  auto orders = lb2.on(sender::sent{mail, entry_kind::news, someday, false, true});
  for (int i = 0; i < 14; ++i) {
    if (i < 8) lb2.on(sender::news{web});
    orders = lb2.on(sender::drained{});
    if (orders.empty()) break;
    order += orders.front().substr(5) + ", ";
    const sync_number service = orders.front().back() - '0';
    if (orders.front().starts_with("send news")) {
      orders =
          lb2.on(sender::sent{orders.front() == "send news 2" ? mail : web, entry_kind::news, someday, false, true});
    } else if (orders.front().starts_with("send snapshot")) {
      orders = lb2.on(sender::sent{service, entry_kind::snapshot, 0, false, true});
    } else if (orders.front().starts_with("send repair")) {
      orders = lb2.on(sender::sent{service, entry_kind::repair, 0, false, true});
    }
    for (const auto& o : orders) {
      if (o.starts_with("send digest")) lb2.on(sender::digested{static_cast<sync_number>(o.back() - '0'), true});
    }
  }
  EXPECT_EQ(order, "news 1 anyhow, news 1, news 1, snapshot 2, news 1, news 1, news 1, news 1, snapshot 1, repair 1, ");
}

TEST(Sender, TellsEachServiceInTurn) {
  seen_sender lb2;
  lb2.have({{web, 100, "web"}, {mail, 50, "mail"}});
  lb2.connect();
  lb2.on(sync_resume{"web", 0});
  lb2.on(sync_resume{"mail", 0});
  EXPECT_THAT(lb2.on(sender::sent{web, entry_kind::news, someday, true, true}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send news 2 anyhow")) << "though web has more";
  EXPECT_THAT(lb2.on(sender::sent{mail, entry_kind::news, someday, true, true}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send news 1"));
}

TEST(Sender, SaysWhatWasConfirmedOnceAndForward) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::news{web});
  lb2.sent(entry_kind::news, someday + 7);
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 7}), ElementsAre("confirmed 1 day+7"));
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 7}), IsEmpty());
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 3}), IsEmpty());
  EXPECT_EQ(lb2.machine.acknowledged(web), someday + 7);
}

// A client that was assigned before +7 may have come again after it: then it is in a later batch.
TEST(Sender, TakesNothingForConfirmedByAPartOfTheNews) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::news{web});
  lb2.sent(entry_kind::news, someday + 7, true);
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 7}), IsEmpty());
  lb2.on(sender::drained{});
  lb2.sent(entry_kind::news, someday + 9);
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 9}), ElementsAre("confirmed 1 day+9"));
}

TEST(Sender, SaysWhatWasConfirmedEvenIfAcknowledgedLate) {
  seen_sender lb2;
  lb2.follow();
  for (stamp i = 1; i <= 200; ++i) {
    lb2.on(sender::news{web});
    lb2.sent(entry_kind::news, someday + i);
    lb2.on(sender::drained{});
  }
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 10}), ElementsAre("confirmed 1 day+10"));
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 199}), ElementsAre("confirmed 1 day+63"));
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 200}), ElementsAre("confirmed 1 day+200"));
}

TEST(Sender, ShowsNoDigestToAPeerThatStillTellsWhatItKnows) {
  seen_sender lb2;
  lb2.meet();
  lb2.on(sender::learns{{web}});
  lb2.on(sync_resume{"web", 0});
  lb2.sent(entry_kind::news, someday);
  lb2.on(sender::drained{});
  EXPECT_THAT(lb2.sent(entry_kind::snapshot), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::learns{}), ElementsAre("send digest 1"));
}

TEST(Sender, ShowsADigestEveryTenSecondsAndWhenAsked) {
  seen_sender lb2;
  lb2.follow();
  EXPECT_THAT(lb2.wait(9s + 900ms), IsEmpty());
  EXPECT_THAT(lb2.wait(200ms), ElementsAre("send digest 1"));
  lb2.on(sender::digested{web, true});
  EXPECT_THAT(lb2.on(sender::check{}), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send digest 1"));
}

TEST(Sender, ShowsADigestOnlyWhenAllNewsAreSaid) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::news{web});
  lb2.on(sender::check{});
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1, true), IsEmpty());
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 2), ElementsAre("send digest 1"));
  EXPECT_THAT(lb2.on(sender::digested{web, false}), IsEmpty()) << "there were new ones meanwhile";
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 3), ElementsAre("send digest 1"));
}

TEST(Sender, ShowsADigestInAnswerToADigestButNotForEver) {
  seen_sender lb2;
  lb2.follow();
  lb2.now += 1s;
  EXPECT_THAT(lb2.on(sender::shown{web}), IsEmpty()) << "ours led to it";
  lb2.now += 100ms;
  EXPECT_THAT(lb2.on(sender::shown{web}), ElementsAre("send digest 1"));
}

TEST(Sender, RepairsWhatThePeerWantsRepairedAndThenADigest) {
  seen_sender lb2;
  lb2.follow();
  EXPECT_THAT(lb2.on(sync_want{web, {3, 9}}), ElementsAre("start repair 1 of 2", "send repair 1"));
  lb2.sent(entry_kind::repair, 0, true);
  EXPECT_THAT(lb2.on(sender::drained{}), ElementsAre("send repair 1"));
  EXPECT_THAT(lb2.sent(entry_kind::repair), ElementsAre("send digest 1"));
}

TEST(Sender, BreaksOffWhoeverWantsWithoutEnd) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sync_want{web, {3}});
  lb2.sent(entry_kind::repair, 0, true);
  EXPECT_THAT(lb2.on(sync_want{web, {4}}), ElementsAre("break off: it wants more before it has what it wanted"));
  EXPECT_THAT(lb2.on(sender::drained{}), IsEmpty());
}

TEST(Sender, BreaksOffWhoeverAcknowledgesTheFuture) {
  seen_sender lb2;
  lb2.follow();
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 1}), ElementsAre("break off: it acknowledges what was never said"));
}

TEST(Sender, TellsNothingAboutServicesThatAreGone) {
  seen_sender lb2;
  lb2.follow();
  lb2.on(sender::news{web});
  lb2.have({});
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1), IsEmpty());
  EXPECT_THAT(lb2.on(sync_ack{web, someday + 1}), IsEmpty());
  EXPECT_THAT(lb2.on(sync_want{web, {1}}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 2U);
  EXPECT_FALSE(lb2.machine.follows(web));
}

TEST(Sender, AllAgainToAPeerWhoseTableIsNew) {
  seen_sender lb2;
  lb2.follow();
  EXPECT_THAT(lb2.on(sync_resume{"web", 0}),
              ElementsAre("introduce 1", "seek 1 0", "start snapshot 1", "send news 1 anyhow"));
}

}  // namespace

}  // namespace holdfast
