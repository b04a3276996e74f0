// What the other node is told of our services.
#include "tests/sync/seen_session.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(SessionTells, OfItsServicesBeforeTheFirstPing) {
  seen_session lb2;
  EXPECT_THAT(lb2.have({{web, 100, "web"}, {mail, 50, "mail"}}), IsEmpty());
  EXPECT_THAT(lb2.connect(), ElementsAre("connected", "say service 1 web 100", "say service 2 mail 50", "say ping"));
}

TEST(SessionTells, OfServicesThatComeChangeAndGo) {
  seen_session lb2;
  lb2.meet();
  EXPECT_THAT(lb2.have({{web, 200, "web"}, {mail, 50, "mail"}}),
              ElementsAre("say service 1 web 200", "say resume web 0", "say service 2 mail 50"))
      << "there was no room for some, perhaps; now there is";
  EXPECT_THAT(lb2.have({{web, 150, "web"}, {mail, 50, "mail"}}), ElementsAre("say service 1 web 150"));
  EXPECT_THAT(lb2.have({{mail, 50, "mail"}}), ElementsAre("say service 1 web 0", "in sync"))
      << "nothing is left that both have";
  EXPECT_THAT(lb2.have({{mail, 50, "mail"}, {3, 9, "web"}}),
              ElementsAre("say service 3 web 9", "say resume web 0", "not in sync: the snapshot of web is under way"))
      << "a new table knows nothing";
}

TEST(SessionTells, OfAtMostSoManyServices) {
  seen_session lb2;
  lb2.connect();
  std::vector<sync_service> all;
  for (sync_number n = 1; n <= max_sync_services + 1; ++n) all.push_back({n, 1, "s" + std::to_string(n)});
  EXPECT_EQ(lb2.have(all).size(), max_sync_services);
}

TEST(SessionTells, AllToAPeerThatKnowsNothing) {
  seen_session lb2;
  lb2.meet();
  lb2.tells_all();
  EXPECT_FALSE(lb2.machine.follows(web));
  EXPECT_THAT(lb2.hear(sync_resume{"web", 0}),
              ElementsAre("introduce 1", "seek 1 0", "start snapshot 1", "send news 1 anyhow"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send snapshot 1"));
  EXPECT_THAT(lb2.sent(entry_kind::snapshot, 0, true), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send snapshot 1"));
  EXPECT_FALSE(lb2.machine.follows(web));
  EXPECT_THAT(lb2.hear(sync_ack{web, someday}), IsEmpty()) << "that says nothing of those in the snapshot";
  EXPECT_THAT(lb2.sent(entry_kind::snapshot), ElementsAre("send digest 1")) << "in order behind the last";
  EXPECT_TRUE(lb2.machine.follows(web));
  lb2.on(session::digested{web, true});
  EXPECT_THAT(lb2.on(session::drained{}), IsEmpty());
}

TEST(SessionTells, OnlyTheNewsToAPeerThatKnowsTheRest) {
  seen_session lb2;
  lb2.follow();
  lb2.on(session::news{web});
  lb2.sent(entry_kind::news, someday + 5);
  lb2.end(stream_end::lost);
  EXPECT_FALSE(lb2.machine.follows(web));
  lb2.meet();
  lb2.tells_all();
  EXPECT_THAT(lb2.hear(sync_resume{"web", someday + 5}),
              ElementsAre("introduce 1", "seek 1 day+5", "send news 1 anyhow"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 6), ElementsAre("send digest 1"));
}

TEST(SessionTells, AllToAPeerThatClaimsToKnowWhatWasNeverSaid) {
  seen_session lb2;
  lb2.follow();
  lb2.end(stream_end::lost);
  lb2.meet();
  EXPECT_THAT(lb2.hear(sync_resume{"web", someday + 1}), Contains("start snapshot 1"));
}

TEST(SessionTells, NothingOfAServiceThatThePeerDoesNotResume) {
  seen_session lb2;
  lb2.meet();
  EXPECT_THAT(lb2.on(session::news{web}), IsEmpty());
  EXPECT_THAT(lb2.on(session::named{{web, 4, "web4"}}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_resume{"other", 0}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 1U);
  lb2.hear(sync_resume{"web", 0});
  EXPECT_THAT(lb2.on(session::named{{web, 4, "web4"}}), ElementsAre("say server web4"));
}

TEST(SessionTells, NewsAtOnceButOneBatchAtATime) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.on(session::news{web}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1), IsEmpty());
  EXPECT_THAT(lb2.on(session::news{web}), IsEmpty()) << "the kernel hasn't taken the former";
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, 0, false, false), IsEmpty()) << "there were none";
  EXPECT_THAT(lb2.on(session::news{web}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, 0, true, false), ElementsAre("send news 1"));
}

TEST(SessionTells, NewsBeforeASnapshotBeforeARepairButEachGetsATurn) {
  seen_session lb2;
  lb2.have({{web, 100, "web"}, {mail, 50, "mail"}});
  lb2.connect();
  lb2.hear(sync_resume{"mail", 0});  // its news are asked for
  lb2.hear(sync_resume{"web", 0});
  lb2.hear(sync_want{web, {1}});
  std::string order;
  auto orders = lb2.on(session::sent{mail, entry_kind::news, someday, false, true});
  for (int i = 0; i < 14; ++i) {
    if (i < 8) lb2.on(session::news{web});
    orders = lb2.on(session::drained{});
    if (orders.empty()) break;
    order += orders.front().substr(5) + ", ";
    const sync_number service = orders.front().back() - '0';
    if (orders.front().starts_with("send news")) {
      orders =
          lb2.on(session::sent{orders.front() == "send news 2" ? mail : web, entry_kind::news, someday, false, true});
    } else if (orders.front().starts_with("send snapshot")) {
      orders = lb2.on(session::sent{service, entry_kind::snapshot, 0, false, true});
    } else if (orders.front().starts_with("send repair")) {
      orders = lb2.on(session::sent{service, entry_kind::repair, 0, false, true});
    }
    for (const auto& o : orders) {
      if (o.starts_with("send digest")) lb2.on(session::digested{static_cast<sync_number>(o.back() - '0'), true});
    }
  }
  EXPECT_EQ(order, "news 1 anyhow, news 1, news 1, snapshot 2, news 1, news 1, news 1, news 1, snapshot 1, repair 1, ");
}

TEST(SessionTells, EachServiceInTurn) {
  seen_session lb2;
  lb2.have({{web, 100, "web"}, {mail, 50, "mail"}});
  lb2.connect();
  lb2.hear(sync_resume{"web", 0});
  lb2.hear(sync_resume{"mail", 0});
  EXPECT_THAT(lb2.on(session::sent{web, entry_kind::news, someday, true, true}), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send news 2 anyhow")) << "though web has more";
  EXPECT_THAT(lb2.on(session::sent{mail, entry_kind::news, someday, true, true}), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send news 1"));
}

TEST(SessionTells, WhatWasConfirmedOnceAndForward) {
  seen_session lb2;
  lb2.follow();
  lb2.on(session::news{web});
  lb2.sent(entry_kind::news, someday + 7);
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 7}), ElementsAre("confirmed 1 day+7"));
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 7}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 3}), IsEmpty());
  EXPECT_EQ(lb2.machine.view().at(0).acknowledged, someday + 7);
}

// A client that was assigned before +7 may have come again after it: then it is in a later batch.
TEST(SessionTells, NothingConfirmedByAPartOfTheNews) {
  seen_session lb2;
  lb2.follow();
  lb2.on(session::news{web});
  lb2.sent(entry_kind::news, someday + 7, true);
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 7}), IsEmpty());
  lb2.on(session::drained{});
  lb2.sent(entry_kind::news, someday + 9);
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 9}), ElementsAre("confirmed 1 day+9"));
}

TEST(SessionTells, WhatWasConfirmedEvenIfAcknowledgedLate) {
  seen_session lb2;
  lb2.follow();
  for (stamp i = 1; i <= 200; ++i) {
    lb2.on(session::news{web});
    lb2.sent(entry_kind::news, someday + i);
    lb2.on(session::drained{});
  }
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 10}), ElementsAre("confirmed 1 day+10"));
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 199}), ElementsAre("confirmed 1 day+63"));
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 200}), ElementsAre("confirmed 1 day+200"));
}

TEST(SessionTells, NoDigestToAPeerThatStillTellsWhatItKnows) {
  seen_session lb2;
  lb2.meet();
  lb2.hear(sync_resume{"web", 0});
  lb2.sent(entry_kind::news, someday);
  lb2.on(session::drained{});
  EXPECT_THAT(lb2.sent(entry_kind::snapshot), IsEmpty());
  lb2.on(session::drained{});
  lb2.hear(sync_entries{.service = their_web, .kind = entry_kind::snapshot, .last = true, .packed = {}});
  EXPECT_THAT(lb2.on(session::merged{their_web, entry_kind::snapshot, 0, true}), Contains("send digest 1"));
}

TEST(SessionTells, ADigestEveryTenSecondsAndWhenAsked) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.wait(9s + 900ms), IsEmpty());
  EXPECT_THAT(lb2.wait(200ms), ElementsAre("send digest 1"));
  lb2.on(session::digested{web, true});
  EXPECT_THAT(lb2.on(session::check{}), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send digest 1"));
}

TEST(SessionTells, ADigestOnlyWhenAllNewsAreSaid) {
  seen_session lb2;
  lb2.follow();
  lb2.on(session::news{web});
  lb2.on(session::check{});
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1, true), IsEmpty());
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 2), ElementsAre("send digest 1"));
  EXPECT_THAT(lb2.on(session::digested{web, false}), IsEmpty()) << "there were new ones meanwhile";
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send news 1"));
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 3), ElementsAre("send digest 1"));
}

TEST(SessionTells, ADigestInAnswerToADigestButNotForEver) {
  seen_session lb2;
  lb2.agree();
  lb2.now += 500ms;
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), ElementsAre("compare web 100 after day+0 quiet"));
  lb2.now += 600ms;
  lb2.hear(sync_ping{});
  EXPECT_THAT(lb2.hear(sync_digest{.service = their_web}), Contains("send digest 1"));
}

TEST(SessionTells, WhatThePeerWantsRepairedAndThenADigest) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.hear(sync_want{web, {3, 9}}), ElementsAre("start repair 1 of 2", "send repair 1"));
  lb2.sent(entry_kind::repair, 0, true);
  EXPECT_THAT(lb2.on(session::drained{}), ElementsAre("send repair 1"));
  EXPECT_THAT(lb2.sent(entry_kind::repair), ElementsAre("send digest 1"));
}

TEST(SessionTells, WhoeverWantsWithoutEndNothing) {
  seen_session lb2;
  lb2.follow();
  lb2.hear(sync_want{web, {3}});
  lb2.sent(entry_kind::repair, 0, true);
  EXPECT_THAT(lb2.hear(sync_want{web, {4}}),
              ElementsAre("hang up", "lost: it wants more before it has what it wanted"));
  EXPECT_EQ(lb2.machine.trouble(), "it wants more before it has what it wanted");
}

TEST(SessionTells, WhoeverAcknowledgesTheFutureNothing) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 1}),
              ElementsAre("hang up", "lost: it acknowledges what was never said"));
}

TEST(SessionTells, NothingAboutServicesThatAreGone) {
  seen_session lb2;
  lb2.follow();
  lb2.on(session::news{web});
  lb2.have({});
  EXPECT_THAT(lb2.sent(entry_kind::news, someday + 1), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_ack{web, someday + 1}), IsEmpty());
  EXPECT_THAT(lb2.hear(sync_want{web, {1}}), IsEmpty());
  EXPECT_EQ(lb2.machine.skipped(), 2U);
  EXPECT_FALSE(lb2.machine.follows(web));
  EXPECT_TRUE(lb2.machine.connected());
}

TEST(SessionTells, AllAgainToAPeerWhoseTableIsNew) {
  seen_session lb2;
  lb2.follow();
  EXPECT_THAT(lb2.hear(sync_resume{"web", 0}),
              ElementsAre("introduce 1", "seek 1 0", "start snapshot 1", "send news 1 anyhow"));
}

}  // namespace

}  // namespace holdfast
