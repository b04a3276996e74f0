// Connections of one client at the same time: where they go, and who is kept because of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "balancer/table/client_table.h"
#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

constexpr auto client = numbered_client;

struct ClientVisits : testing::Test {
  ClientVisits() { know_servers(table, 10); }

  std::optional<server_id> find(client_visit& v) { return table.find(client(1), wall_at(0s), 0s, &v); }
  server_id reserve(client_visit& v, server_id wanted, server_id failed = nobody) {
    return table.reserve(client(1), wanted, v, failed);
  }
  client_table::settled settle(client_visit& v, server_id at) { return table.settle(client(1), at, wall_at(0s), &v); }
  void leave(client_visit& v) { table.leave(client(1), v, wall_at(0s), 0, 0); }
  server_id at() { return table.look(client(1)) ? table.look(client(1))->server : nobody; }

  client_table table{16, 1};
  client_visit a, b, c;
};

TEST_F(ClientVisits, FollowTheFirst) {
  EXPECT_FALSE(find(a));
  EXPECT_EQ(reserve(a, 7), 7U);
  EXPECT_EQ(find(b), 7U) << "who comes meanwhile";
  client_visit d;
  EXPECT_EQ(reserve(d, 8), 7U) << "who had asked before";
  settle(a, 7);
  EXPECT_EQ(find(c), 7U);
  EXPECT_EQ(settle(d, 7).at, 7U);
  EXPECT_EQ(settle(b, 7).at, 7U);
  for (auto* v : {&a, &b, &c, &d}) leave(*v);
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, OfAServerThatRefusesMeetAtOneOther) {
  find(a), find(b), find(c);
  EXPECT_EQ(reserve(a, 7), 7U);
  EXPECT_EQ(reserve(b, 7), 7U);
  EXPECT_EQ(reserve(c, 7), 7U);
  EXPECT_EQ(reserve(b, 8, 7), 8U) << "the first that fails chooses";
  EXPECT_EQ(reserve(a, 9, 7), 8U);
  EXPECT_EQ(settle(a, 8).at, 8U);
  EXPECT_EQ(reserve(c, 9, 7), 8U);
  EXPECT_EQ(settle(b, 8).at, 8U);
  EXPECT_EQ(settle(c, 8).at, 8U);
}

TEST_F(ClientVisits, OfAKnownClientWhoseServerDiedMeetAtOneOther) {
  table.settle(client(1), 3, wall_at(0s));
  for (auto* v : {&a, &b, &c}) EXPECT_EQ(find(*v), 3U);
  EXPECT_EQ(reserve(a, 4, 3), 4U);
  client_visit later;
  EXPECT_EQ(find(later), 4U) << "the reserved one, not the dead one";
  EXPECT_EQ(settle(a, 4).at, 4U);
  leave(a);
  EXPECT_EQ(reserve(b, 5, 3), 4U) << "long after the others have gone";
  EXPECT_EQ(settle(b, 4).at, 4U);
  EXPECT_EQ(settle(c, 3).at, 4U) << "it was alive after all, but the client has moved";
  EXPECT_EQ(at(), 4U);
}

TEST_F(ClientVisits, GoOnWhenTheServerThatTheFirstHasReachedFailsThem) {
  find(a), find(b), find(c);
  reserve(a, 7), reserve(b, 7), reserve(c, 7);
  settle(a, 7);
  EXPECT_EQ(reserve(b, 8, 7), 8U) << "it died right then";
  EXPECT_EQ(reserve(c, 9, 7), 8U);
  EXPECT_EQ(settle(b, 8).at, 8U);
  EXPECT_EQ(settle(c, 8).at, 8U);
  EXPECT_EQ(at(), 8U);
}

TEST_F(ClientVisits, OneThatLosesItsServerAtOnceTakesTheClientAlong) {
  find(a);
  reserve(a, 7);
  settle(a, 7);
  EXPECT_EQ(reserve(a, 8, 7), 8U);
  EXPECT_EQ(settle(a, 8).at, 8U);
  leave(a);
  EXPECT_EQ(at(), 8U);
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, AConnectionThatWasOvertakenLeavesTheClientWhereItIs) {
  find(a), find(b);
  const auto first = settle(b, 7);
  const auto overtaken = settle(a, 8);
  EXPECT_EQ(overtaken.at, 7U);
  EXPECT_FALSE(overtaken.fresh);
  EXPECT_EQ(overtaken.assigned, first.assigned);
  EXPECT_EQ(table.look(client(1))->connects, 1U);
  EXPECT_GT(overtaken.when, first.when) << "its client is here all the same";
  find(c);
  EXPECT_EQ(settle(c, 9).at, 9U) << "nobody came between";
  table.forget(client(1), wall_at(0s));
  EXPECT_EQ(settle(a, 8).at, 8U) << "it belongs to nobody";
}

// One of a known client finds its server dead, another one finds it alive.
TEST_F(ClientVisits, StayWithAServerThatOneOfThemReachesMeanwhile) {
  table.settle(client(1), 3, wall_at(0s));
  find(a), find(b);
  EXPECT_EQ(reserve(a, 4, 3), 4U);
  EXPECT_EQ(settle(b, 3).at, 3U);
  EXPECT_EQ(settle(a, 4).at, 3U);
  EXPECT_EQ(at(), 3U);
}

TEST_F(ClientVisits, TheEndOfAnOldConnectionMovesNobody) {
  find(a);
  settle(a, 3);
  find(b);
  EXPECT_GT(table.leave(client(1), a, wall_at(9s), 0, 0).when, 0U) << "its server died";
  EXPECT_EQ(reserve(b, 4, 3), 4U);
  EXPECT_EQ(settle(b, 4).at, 4U);
  find(c);
  EXPECT_EQ(settle(c, 5).at, 5U);
  table.leave(client(1), b, wall_at(20s), 0, 0);
  EXPECT_EQ(at(), 5U);
}

TEST_F(ClientVisits, ObeyAnOrderAndAPeer) {
  find(a);
  EXPECT_EQ(reserve(a, 7), 7U);
  table.assign(client(1), 5, wall_at(1s));
  EXPECT_EQ(find(b), 5U) << "where it was pinned";
  EXPECT_EQ(settle(a, 7).at, 5U);
  find(c);
  EXPECT_EQ(reserve(c, 6, 5), 6U);
  const sync_entry told{client(1), 2, stamp_at(wall_at(2s)), stamp_at(wall_at(2s))};
  table.merge(std::span(&told, 1), wall_at(2s));
  EXPECT_EQ(find(b), 2U) << "the last assignment wins";
  EXPECT_EQ(settle(c, 6).at, 2U);
  client_visit d;
  table.forget(client(1), wall_at(3s));
  EXPECT_EQ(reserve(d, 9), 9U);
  table.forget(client(1), wall_at(4s));
  EXPECT_EQ(find(b), 9U) << "a client that is unknown can't be forgotten";
}

TEST_F(ClientVisits, AreNoNewsBeforeTheySettle) {
  table.seek(0, 0);
  find(a);
  reserve(a, 7);
  stamp upto = 0;
  std::uint32_t size = 9;
  EXPECT_FALSE(table.has_news(0));
  EXPECT_TRUE(all_news(table, 0, upto).empty());
  EXPECT_TRUE(all_of(table).empty());
  EXPECT_EQ(table.digest(size), table_digest());
  EXPECT_EQ(size, 0U);
  EXPECT_FALSE(table.look(client(1)));
  leave(a);
  EXPECT_FALSE(find(b));
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, ReserveNothingBeyondTheLimitAndSayHowOften) {
  std::vector<client_visit> all(visitors::most_connecting);
  for (std::uint32_t i = 0; i < all.size(); ++i) EXPECT_EQ(table.reserve(client(100 + i), 7, all[i]), 7U);
  EXPECT_EQ(reserve(a, 7), 7U);
  EXPECT_FALSE(find(b));
  EXPECT_EQ(table.unreserved(), 1U);
  EXPECT_EQ(settle(a, 7).at, 7U);
  leave(a);
  EXPECT_EQ(table.visiting(), all.size());
}

TEST_F(ClientVisits, MayEndTwiceOrWithoutABeginning) {
  leave(a);
  find(a);
  reserve(a, 7);
  settle(a, 7);
  leave(a);
  leave(a);
  EXPECT_EQ(table.visiting(), 0U);
}

// --- who is connected is in use

TEST_F(ClientVisits, KeepTheirClientInAFullTable) {
  find(a);
  settle(a, 3);
  for (std::uint32_t i = 100; i < 200; ++i) table.settle(client(i), 1, wall_at(1s));
  EXPECT_EQ(at(), 3U);
  EXPECT_EQ(table.size(), 16U);
  leave(a);
  for (std::uint32_t i = 200; i < 300; ++i) table.settle(client(i), 1, wall_at(2s));
  EXPECT_EQ(at(), nobody) << "it has gone";
}

TEST_F(ClientVisits, AreKeptAtThePeersAsWell) {
  client_table peer(16, 2);
  know_servers(peer, 10);
  table.seek(0, 0);
  find(a);
  settle(a, 3);
  stamp upto = 0;
  for (std::uint32_t i = 100; i < 200; ++i) {
    table.settle(client(i), 1, wall_at(1s));
    peer.merge(all_news(table, 0, upto), wall_at(1s));
  }
  EXPECT_EQ(peer.find(client(1), wall_at(1s), 0s), 3U);
  EXPECT_EQ(all_of(peer), all_of(table));
}

TEST_F(ClientVisits, KeepTheirClientFromWhatAPeerTells) {
  find(a);
  settle(a, 3);
  for (std::uint32_t i = 100; i < 200; ++i) {
    const sync_entry told{client(i), 1, stamp_at(wall_at(1s)) + i, stamp_at(wall_at(1s)) + i};
    table.merge(std::span(&told, 1), wall_at(1s));
  }
  EXPECT_EQ(at(), 3U);
  EXPECT_EQ(table.size(), 16U);
}

TEST_F(ClientVisits, KeepTheirClientWhenTheTableShrinks) {
  find(a);
  settle(a, 3);
  for (std::uint32_t i = 100; i < 110; ++i) table.settle(client(i), 1, wall_at(1s));
  table.resize(8);
  table.resize(4);  // after the other
  for (std::uint32_t i = 200; i < 210; ++i) table.settle(client(i), 1, wall_at(2s));
  while (table.migrate(1)) {
  }
  EXPECT_EQ(at(), 3U);
  EXPECT_EQ(table.size(), 4U);
  EXPECT_EQ(table.capacity(), 4U);
}

TEST_F(ClientVisits, OfTooManyClientsTheOldestIsForgotten) {
  std::vector<client_visit> all(17);
  for (std::uint32_t i = 0; i < 17; ++i) table.settle(client(i), 1, wall_at(i * 1s), &all[i]);
  EXPECT_EQ(table.size(), 16U);
  EXPECT_FALSE(table.look(client(0)));
  // Whoever was forgotten while connected, came again and is connected twice, is so until both have ended.
  client_visit again;
  table.settle(client(0), 2, wall_at(20s), &again);
  table.leave(client(0), all[0], wall_at(20s), 5, 5);
  for (std::uint32_t i = 1; i < 17; ++i) table.leave(client(i), all[i], wall_at(20s), 0, 0);
  for (std::uint32_t i = 100; i < 200; ++i) table.settle(client(i), 1, wall_at(21s));
  EXPECT_EQ(table.look(client(0))->server, 2U);
  table.leave(client(0), again, wall_at(22s), 0, 0);
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, WorkWithRoomForOne) {
  client_table one(1, 1);
  know_servers(one, 1);
  one.settle(client(1), 1, wall_at(0s), &a);
  one.settle(client(2), 1, wall_at(0s), &b);
  EXPECT_FALSE(one.look(client(1)));
  EXPECT_TRUE(one.look(client(2)));
}

TEST_F(ClientVisits, AreKnownHoweverLongTheyLast) {
  const auto tracked = [&](duration when) { return table.find(client(1), wall_at(when), 60s); };
  find(a);
  settle(a, 3);
  EXPECT_EQ(tracked(1h), 3U) << "it is connected";
  const auto end = table.leave(client(1), a, wall_at(2h), 1, 1);
  EXPECT_EQ(end.when, stamp_at(wall_at(2h)));
  EXPECT_FALSE(end.fresh);
  EXPECT_EQ(end.assigned, stamp_at(wall_at(0s)));
  EXPECT_EQ(tracked(2h + 60s), 3U) << "counted from the end";
  EXPECT_FALSE(tracked(2h + 61s));
  EXPECT_EQ(table.look(client(1))->connects, 1U);
}

TEST_F(ClientVisits, KeepNobodyWhoHasEndedItsSide) {
  find(a), find(b);
  settle(a, 3);
  settle(b, 3);
  table.let_go(client(1), a);
  table.let_go(client(1), a);
  for (std::uint32_t i = 100; i < 200; ++i) table.settle(client(i), 1, wall_at(1s));
  EXPECT_EQ(at(), 3U) << "there is another connection";
  table.let_go(client(1), b);
  EXPECT_EQ(table.visiting(), 0U);
  EXPECT_GT(table.leave(client(1), b, wall_at(9s), 5, 6).when, 0U) << "it lasted until now";
  EXPECT_EQ(table.look(client(1))->sent, 5U);
  EXPECT_EQ(table.leave(client(1), b, wall_at(20s), 5, 6).when, 0U) << "and no longer";
  for (std::uint32_t i = 200; i < 300; ++i) table.settle(client(i), 1, wall_at(21s));
  EXPECT_EQ(at(), nobody);
  leave(a);
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, OfASecondAreOneUse) {
  find(a);
  const stamp began = settle(a, 3).when;
  EXPECT_EQ(table.leave(client(1), a, wall_at(999ms), 2, 3).when, 0U);
  EXPECT_EQ(table.look(client(1))->used, began);
  EXPECT_EQ(table.look(client(1))->sent, 2U);
  EXPECT_EQ(table.look(client(1))->received, 3U);
}

TEST_F(ClientVisits, OfAClientThatWasForgottenEndInSilence) {
  find(a);
  settle(a, 3);
  table.forget(client(1), wall_at(1s));
  EXPECT_EQ(table.leave(client(1), a, wall_at(9s), 1, 1).when, 0U);
  EXPECT_EQ(at(), nobody);
  EXPECT_EQ(table.visiting(), 0U);
}

TEST_F(ClientVisits, OfSeveralThreadsMeetOneServerAndLeaveNothing) {
  const auto visit = [&](server_id wanted) {
    for (int i = 0; i < 3000; ++i) {
      client_visit v;
      const auto known = table.find(client(1), wall_at(0s), 0s, &v);
      const server_id to = known ? *known : table.reserve(client(1), wanted, v);
      EXPECT_EQ(table.settle(client(1), to, wall_at(0s), &v).at, to);
      table.leave(client(1), v, wall_at(0s), 1, 0);
    }
  };
  std::thread one(visit, 1), two(visit, 2);
  one.join();
  two.join();
  EXPECT_EQ(table.visiting(), 0U);
  EXPECT_EQ(table.look(client(1))->connects, 6000U);
  EXPECT_EQ(table.look(client(1))->sent, 6000U);
}

TEST_F(ClientVisits, SaysHowLargeTheTableShouldBe) {
  EXPECT_EQ(table.would_hold(wall_at(0s)), 16U);
  for (std::uint32_t i = 0; i < 20; ++i) table.settle(client(i), 1, wall_at(0s));
  EXPECT_EQ(table.evictions(), 4U);
  EXPECT_EQ(table.recent_evictions(), 4U);
  EXPECT_EQ(table.would_hold(wall_at(1min)), 20U);
  EXPECT_EQ(table.would_hold(wall_at(3h)), 16U) << "that is long ago";
  for (std::uint32_t i = 100; i < 110; ++i) table.settle(client(i), 1, wall_at(3h));
  EXPECT_EQ(table.evictions(), 14U);
  EXPECT_EQ(table.recent_evictions(), 4U) << "these had not been here for hours";
  EXPECT_EQ(table.would_hold(wall_at(3h)), 16U);
}

}  // namespace
}  // namespace holdfast
