#include "balancer/table/client_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

constexpr auto client = numbered_client;

std::vector<address> clients_of(const client_table& table) {
  std::vector<address> out;
  for (const auto& r : table.recent(0, 1'000'000)) out.push_back(r.client);
  return out;
}

TEST(ClientTable, RemembersTheLastServer) {
  client_table table(16, 1);
  know_servers(table, 10);
  EXPECT_FALSE(table.find(client(1), wall_at(0s), 0s));
  table.settle(client(1), 7, wall_at(0s));
  EXPECT_EQ(table.find(client(1), wall_at(1s), 0s), 7U);
  table.settle(client(1), 8, wall_at(2s));
  EXPECT_EQ(table.find(client(1), wall_at(3s), 0s), 8U);
  EXPECT_EQ(table.size(), 1U);
}

TEST(ClientTable, TellsFamiliesApart) {
  client_table table(16, 1);
  know_servers(table, 10);
  table.settle(*address::parse("192.0.2.1"), 1, wall_at(0s));
  table.settle(*address::parse("::192.0.2.1"), 2, wall_at(0s));
  EXPECT_EQ(table.find(*address::parse("192.0.2.1"), wall_at(0s), 0s), 1U);
  EXPECT_EQ(table.find(*address::parse("::192.0.2.1"), wall_at(0s), 0s), 2U);
}

TEST(ClientTable, ForgetsTheLeastRecentlyUsedWhenFull) {
  client_table table(3, 1);
  know_servers(table, 10);
  for (std::uint32_t i = 1; i <= 3; ++i) table.settle(client(i), i, wall_at(0s));
  again(table, client(1), wall_at(1s));  // so 2 is the oldest now
  table.settle(client(4), 4, wall_at(2s));
  EXPECT_THAT(clients_of(table), testing::ElementsAre(client(4), client(1), client(3)));
  EXPECT_EQ(table.evictions(), 1U);
  EXPECT_EQ(table.size(), 3U);
}

TEST(ClientTable, WorksWithRoomForOne) {
  client_table table(1, 1);
  know_servers(table, 100);
  for (std::uint32_t i = 1; i <= 100; ++i) {
    table.settle(client(i), i, wall_at(0s));
    EXPECT_EQ(table.find(client(i), wall_at(0s), 0s), i);
    EXPECT_EQ(table.size(), 1U);
    EXPECT_FALSE(table.find(client(i - 1), wall_at(0s), 0s));
  }
  EXPECT_EQ(table.evictions(), 99U);
  EXPECT_TRUE(table.forget(client(100), wall_at(0s)));
  EXPECT_EQ(table.size(), 0U);
}

TEST(ClientTable, DoesNotKnowClientsUnusedForLongerThanTracking) {
  client_table table(16, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(0s));
  again(table, client(1), wall_at(60s));
  EXPECT_TRUE(table.find(client(1), wall_at(120s), 60s)) << "each use begins anew";
  again(table, client(1), wall_at(120s));
  EXPECT_FALSE(table.find(client(1), wall_at(180s) + 1, 60s));
  EXPECT_EQ(table.look(client(1))->used, stamp_at(wall_at(120s))) << "it stays, and asking was no use";
  EXPECT_TRUE(table.find(client(1), wall_at(180s), 60s));
}

TEST(ClientTable, CountsConnectsAndBytesOfThoseItKnows) {
  client_table table(2, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(0s));
  table.settle(client(1), 1, wall_at(1s));
  table.account(client(1), 10, 3);
  table.account(client(1), 5, 4);
  table.account(client(2), 100, 100);  // unknown
  const auto all = table.recent(wall_at(0s), 10);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].connects, 2U);
  EXPECT_EQ(all[0].sent, 15U);
  EXPECT_EQ(all[0].received, 7U);
  EXPECT_EQ(all[0].used, stamp_at(wall_at(1s))) << "accounting is not use";
}

TEST(ClientTable, StartsCountsAfreshForAClientThatWasForgotten) {
  client_table table(1, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(0s));
  table.account(client(1), 10, 10);
  table.settle(client(2), 1, wall_at(0s));
  table.settle(client(1), 1, wall_at(0s));
  EXPECT_EQ(table.recent(wall_at(0s), 1).at(0).sent, 0U);
  EXPECT_EQ(table.recent(wall_at(0s), 1).at(0).connects, 1U);
}

TEST(ClientTable, ForgetsOnRequest) {
  client_table table(16, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(0s));
  table.settle(client(2), 1, wall_at(0s));
  table.account(client(1), 5, 5);
  EXPECT_TRUE(table.forget(client(1), wall_at(0s)));
  EXPECT_FALSE(table.forget(client(1), wall_at(0s)));
  EXPECT_FALSE(table.forget(client(3), wall_at(0s)));
  EXPECT_FALSE(table.find(client(1), wall_at(0s), 0s));
  EXPECT_FALSE(table.look(client(1)));
  EXPECT_THAT(clients_of(table), testing::ElementsAre(client(2)));
  EXPECT_EQ(table.size(), 1U);
  table.account(client(1), 5, 5);
  table.settle(client(1), 1, wall_at(1s));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.look(client(1))->connects, 1U);
  EXPECT_EQ(table.look(client(1))->sent, 0U);
}

TEST(ClientTable, KeepsTheForgottenAsTombstonesUntilTheyAreTheOldest) {
  client_table table(2, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(0s));
  table.forget(client(1), wall_at(1s));
  std::uint32_t size = 0;
  table.digest(size);
  EXPECT_EQ(size, 1U);
  ASSERT_EQ(all_of(table).size(), 1U);
  EXPECT_EQ(all_of(table)[0].server, nobody);
  table.settle(client(2), 1, wall_at(2s));
  table.settle(client(3), 1, wall_at(3s));
  EXPECT_THAT(clients_of(table), testing::ElementsAre(client(3), client(2)));
  EXPECT_EQ(table.size(), 2U);
}

TEST(ClientTable, SaysWhenAnAssignmentIsFresh) {
  client_table table(16, 1);
  know_servers(table, 10);
  const auto first = table.settle(client(1), 1, wall_at(0s));
  EXPECT_TRUE(first.fresh);
  EXPECT_EQ(first.when, stamp_at(wall_at(0s)));
  const auto again = table.settle(client(1), 1, wall_at(5s));
  EXPECT_FALSE(again.fresh);
  EXPECT_EQ(again.when, stamp_at(wall_at(5s)));
  EXPECT_EQ(table.look(client(1))->assigned, first.when);
  EXPECT_TRUE(table.settle(client(1), 2, wall_at(6s)).fresh);
  EXPECT_EQ(table.look(client(1))->assigned, stamp_at(wall_at(6s)));
  table.forget(client(1), wall_at(7s));
  EXPECT_TRUE(table.settle(client(1), 2, wall_at(8s)).fresh) << "after it belonged to nobody";
}

TEST(ClientTable, TakesTwoIdsOfOneIdentityForTheSameServer) {
  client_table table(16, 1);
  table.know(1, 77);
  table.know(2, 77);  // removed, and back again
  const auto first = table.settle(client(1), 1, wall_at(0s));
  const auto before = digest_of(table);
  EXPECT_FALSE(table.settle(client(1), 2, wall_at(1s)).fresh);
  EXPECT_EQ(table.look(client(1))->server, 2U) << "the one in use now";
  EXPECT_EQ(table.look(client(1))->assigned, first.when);
  EXPECT_EQ(digest_of(table), before);
}

TEST(ClientTable, AssignsByOrder) {
  client_table table(16, 1);
  know_servers(table, 10);
  EXPECT_TRUE(table.assign(client(1), 3, wall_at(0s)).fresh);
  EXPECT_EQ(table.find(client(1), wall_at(0s), 0s), 3U);
  EXPECT_EQ(table.look(client(1))->connects, 0U);
  EXPECT_FALSE(table.assign(client(1), 3, wall_at(1s)).fresh);
  EXPECT_TRUE(table.assign(client(1), nobody, wall_at(2s)).fresh);
  EXPECT_FALSE(table.find(client(1), wall_at(2s), 0s));
  EXPECT_TRUE(table.assign(client(2), nobody, wall_at(3s)).fresh) << "a peer may know it";
  EXPECT_EQ(table.size(), 0U);
}

TEST(ClientTable, CountsUpToTheLimitAndStaysThere) {
  client_table table(1, 1);
  table.know(max_server_id, 5);
  for (std::uint32_t i = 0; i < max_connects + 2; ++i) table.settle(client(1), max_server_id, wall_at(0s));
  table.account(client(1), max_counted - 1, max_counted + 1);
  EXPECT_EQ(table.look(client(1))->sent, max_counted - 1);
  EXPECT_EQ(table.look(client(1))->received, max_counted);
  table.account(client(1), 1, 1);
  EXPECT_EQ(table.look(client(1))->sent, max_counted);
  table.account(client(1), std::uint64_t(-1), std::uint64_t(-1));
  EXPECT_EQ(table.look(client(1))->sent, max_counted);
  EXPECT_EQ(table.look(client(1))->received, max_counted);
  EXPECT_EQ(table.look(client(1))->connects, max_connects);
  EXPECT_EQ(table.look(client(1))->server, max_server_id);
}

TEST(ClientTableDeath, RefusesServersThatItDoesNotKnow) {
  client_table table(4, 1);
  table.know(1, 7);
  EXPECT_DEATH(table.settle(client(1), 2, wall_at(0s)), "");
  EXPECT_DEATH(table.know(max_server_id + 1, 7), "");
  EXPECT_DEATH(table.know(1, 8), "");
}

TEST(ClientTable, ShowsAClientWithoutCallingItUse) {
  client_table table(2, 1);
  know_servers(table, 10);
  table.settle(client(1), 7, wall_at(0s));
  table.settle(client(2), 8, wall_at(1s));
  ASSERT_TRUE(table.look(client(1)));
  EXPECT_EQ(table.look(client(1))->server, 7U);
  EXPECT_EQ(table.look(client(1))->used, stamp_at(wall_at(0s)));
  EXPECT_FALSE(table.look(client(3)));
  table.settle(client(3), 9, wall_at(2s));
  EXPECT_THAT(clients_of(table), testing::ElementsAre(client(3), client(2)));
}

TEST(ClientTable, ListsRecentClientsNewestFirst) {
  client_table table(5000, 1);
  know_servers(table, 10);
  for (std::uint32_t i = 0; i < 5000; ++i) table.settle(client(i), 1, wall_at(i * 1s));
  EXPECT_THAT(table.recent(wall_at(4997s), 100).size(), 3U);
  const auto some = table.recent(wall_at(0s), 1000);
  ASSERT_EQ(some.size(), 1000U);
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(some[i].client, client(4999 - i));
  EXPECT_EQ(table.recent(wall_at(0s), 100'000).size(), 5000U);
  EXPECT_TRUE(table.recent(wall_at(0s), 0).empty());
  EXPECT_TRUE(table.recent(wall_at(9999s), 10).empty());
}

TEST(ClientTable, NeverLetsAnEarlierClockReadingReorderIt) {
  client_table table(16, 1);
  know_servers(table, 10);
  table.settle(client(1), 1, wall_at(10s));
  table.settle(client(2), 2, wall_at(9s));  // another thread read the clock before, and came after
  EXPECT_THAT(clients_of(table), testing::ElementsAre(client(2), client(1)));
  EXPECT_EQ(table.recent(wall_at(10s), 10).size(), 2U);
  again(table, client(1), wall_at(8s));
  EXPECT_EQ(table.recent(wall_at(10s), 10).size(), 2U);
}

TEST(ClientTable, NeedsAtMost64BytesAClient) {
  // A small table's fixed part weighs: the digest, the list's anchor, two spare index entries, the objects,
  // where to find who is here, and the leaps of the clock.
  const std::size_t fixed = client_table::bytes_for(1) - 62;
  EXPECT_LE(fixed, sizeof(table_digest) + sizeof(visitors) + 1024 + sizeof(hybrid_clock));
  for (std::uint32_t c = 1; c <= max_clients; c += 1 + c / 7) {
    EXPECT_LE(client_table::bytes_for(c), 62 * std::size_t{c} + fixed + 2) << c;
    EXPECT_TRUE(c < 6000 || client_table::bytes_for(c) <= 64 * std::size_t{c}) << c;
  }
  EXPECT_LE(client_table::bytes_for(max_clients), 64 * std::size_t{max_clients});
}

TEST(ClientTable, HoldsSixteenMillionClients) {
  client_table table(max_clients, 1);
  know_servers(table, 10);
  for (std::uint32_t i = 0; i < 1000; ++i) table.settle(client(i), 1 + i % 10, wall_at(0s));
  EXPECT_EQ(table.size(), 1000U);
  EXPECT_EQ(table.find(client(999), wall_at(0s), 0s), 10U);
}

// A control thread that merges, tells and shows, while workers use the table.
TEST(ClientTable, ReplicatesWhileWorkersUseIt) {
  const unix_ms now = wall_at(0s);  // nobody's stamps are too far ahead
  client_table table(1000, 1), peer(1000, 2);
  know_servers(table, 2);
  know_servers(peer, 2);
  table.seek(0, 0);
  const auto use = [&](std::uint32_t first) {
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const address who = client(first + i % 100);
      table.settle(who, table.find(who, now, 0s).value_or(1 + i % 2), now);
      if (i % 50 == 0) table.forget(who, now);
    }
  };
  std::thread one(use, 0), two(use, 50);
  stamp upto = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    peer.settle(client(100 + i), 2, now);
    table.merge(all_of(peer), now);
    peer.merge(all_news(table, 0, upto), now);
    std::size_t at = 0;
    std::vector<sync_entry> some(9);
    table.bucket_entries({7}, at, some);
    table.resize(1000 + i % 3);
    table.migrate(20);
    all_of(table);
    digest_of(table);
  }
  one.join();
  two.join();
  peer.merge(all_news(table, 0, upto), now);
  table.merge(all_of(peer), now);
  EXPECT_EQ(all_of(table), all_of(peer));
  EXPECT_EQ(digest_of(table), digest_of(peer));
}

TEST(ClientTable, LosesNoUpdateBetweenThreads) {
  client_table table(1000, 1);
  know_servers(table, 10);
  constexpr int rounds = 5000;
  const auto use = [&](std::uint32_t first) {
    for (int i = 0; i < rounds; ++i) {
      const address who = client(first + static_cast<std::uint32_t>(i) % 100);
      table.settle(who, 1, wall_at(i * 1ms));
      table.account(who, 1, 2);
      table.find(who, wall_at(i * 1ms), 0s);
    }
  };
  std::thread one(use, 0), two(use, 50);
  for (std::uint32_t i = 0; i < 20; ++i) {
    table.resize(200 + i);
    while (table.migrate(10)) {
    }
    table.recent(wall_at(0s), 1000);
  }
  one.join();
  two.join();
  while (table.migrate(10)) {
  }
  std::uint64_t connects = 0, sent = 0, received = 0;
  for (const auto& r : table.recent(0, 1000)) {
    connects += r.connects;
    sent += r.sent;
    received += r.received;
  }
  EXPECT_EQ(connects, 2U * rounds);
  EXPECT_EQ(sent, 2U * rounds);
  EXPECT_EQ(received, 4U * rounds);
}

}  // namespace
}  // namespace holdfast
