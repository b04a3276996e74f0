// What a table tells its peers: news from where a cursor stands, snapshots, repairs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto client = numbered_client;

std::vector<address> clients_of(const std::vector<sync_entry>& entries) {
  std::vector<address> out;
  for (const auto& e : entries) out.push_back(e.client);
  return out;
}

class ClientReplica : public testing::Test {
 protected:
  ClientReplica() : table(64, 1) { know_servers(table, 4); }

  std::vector<address> news(unsigned peer = 0) { return clients_of(all_news(table, peer, upto)); }
  std::vector<address> some_news(std::size_t count) {
    std::vector<sync_entry> some(count);
    some.resize(table.news(0, some, upto));
    return clients_of(some);
  }
  std::vector<address> some_shown(std::size_t count) {
    std::vector<sync_entry> some(count);
    some.resize(table.snapshot(0, some));
    return clients_of(some);
  }
  void settle(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t i = first; i <= last; ++i) table.settle(client(i), 1, ++now);
  }
  void visit(std::uint32_t number) { again(table, client(number), ++now); }
  // A peer has met this client now.
  void hear(std::uint32_t number, stamp when) {
    table.merge(std::vector<sync_entry>{{client(number), 2, when, when}}, now);
  }

  client_table table;
  unix_ms now = wall_at(0s);
  stamp upto = 0;
};

TEST_F(ClientReplica, TellsNewsOldestFirstAndOnce) {
  table.seek(0, 0);
  EXPECT_FALSE(table.has_news(0));
  settle(1, 3);
  EXPECT_TRUE(table.has_news(0));
  EXPECT_THAT(news(), ElementsAre(client(1), client(2), client(3)));
  EXPECT_FALSE(table.has_news(0));
  EXPECT_THAT(news(), IsEmpty());
  visit(2);
  table.settle(client(1), 2, ++now);
  table.forget(client(3), ++now);
  EXPECT_THAT(news(), ElementsAre(client(2), client(1), client(3)));
}

TEST_F(ClientReplica, TellsWhoChangedTwiceOnceWithTodaysTruth) {
  table.seek(0, 0);
  settle(1, 2);
  table.settle(client(1), 3, ++now);
  std::vector<sync_entry> all = all_news(table, 0, upto);
  ASSERT_THAT(clients_of(all), ElementsAre(client(2), client(1)));
  EXPECT_EQ(all[1].server, 3U);
  EXPECT_EQ(all[1].assigned, stamp_at(now));
}

TEST_F(ClientReplica, SaysUpToWhereAPeerKnowsAllOfOurs) {
  table.seek(0, 0);
  settle(1, 3);
  const stamp second = table.look(client(2))->used, third = table.look(client(3))->used;
  some_news(2);
  EXPECT_GE(upto, second);
  EXPECT_LT(upto, third);
  some_news(2);
  EXPECT_EQ(upto, table.latest());
  hear(9, stamp_at(now + 500));
  some_news(2);
  EXPECT_EQ(upto, stamp_at(now + 500)) << "what is ours will be later";
}

TEST_F(ClientReplica, GoesOnAfterWhatWasConfirmed) {
  table.seek(0, 0);
  settle(1, 6);
  some_news(3);
  const stamp confirmed = upto;
  some_news(2);
  table.seek(0, confirmed);  // the connection was lost, and the last two with it
  EXPECT_TRUE(table.has_news(0));
  EXPECT_THAT(news(), ElementsAre(client(4), client(5), client(6)));
  table.seek(0, table.latest());
  EXPECT_FALSE(table.has_news(0));
  EXPECT_THAT(news(), IsEmpty());
  table.seek(0, 0);
  EXPECT_EQ(news().size(), 6U);
}

TEST_F(ClientReplica, TellsNothingThatItHasHeard) {
  table.seek(0, 0);
  settle(1, 1);
  hear(2, stamp_at(++now));
  settle(3, 3);
  hear(1, stamp_at(++now));  // the client has moved to the peer
  EXPECT_THAT(news(), ElementsAre(client(3)));
  visit(2);  // and this one to us
  EXPECT_TRUE(table.has_news(0));
  EXPECT_THAT(news(), ElementsAre(client(2)));
}

TEST_F(ClientReplica, PassesOverThousandsOfOthersEntries) {
  client_table large(5000, 1);
  know_servers(large, 4);
  large.seek(0, 0);
  large.settle(client(1), 1, now);
  for (std::uint32_t i = 2; i < 2000; ++i) {
    large.merge(std::vector<sync_entry>{{client(i), 2, stamp_at(now + i), stamp_at(now + i)}}, now + i);
  }
  large.settle(client(2000), 1, now + 2000);
  EXPECT_THAT(clients_of(all_news(large, 0, upto)), ElementsAre(client(1), client(2000)));
  large.seek(0, large.look(client(1))->used);
  EXPECT_THAT(clients_of(all_news(large, 0, upto)), ElementsAre(client(2000)));
}

// Both nodes may give out the same stamp, so that of two neighbours in the list with the same one only one is ours.
TEST_F(ClientReplica, LosesNoEntryWhoseStampAnotherNodeHasGivenOut) {
  for (const bool before : {false, true}) {
    table.seek(0, table.latest());
    const stamp ours = table.settle(client(50), 1, ++now).when;
    hear(before ? 49 : 51, ours);
    some_news(0);
    const stamp confirmed = upto;
    EXPECT_LT(confirmed, ours);
    table.seek(0, confirmed);
    EXPECT_THAT(news(), ElementsAre(client(50)));
  }
}

// A tells B that the client uses S1; B, which doesn't know yet, sees the client later.
TEST_F(ClientReplica, TellsItsAssignmentThoughAPeerHasSeenTheClientLater) {
  table.seek(0, 0);
  settle(1, 5);
  const stamp ours = table.look(client(1))->assigned;
  some_news(0);
  table.merge(std::vector<sync_entry>{{client(1), 2, ours - 5, stamp_at(now + 10)}}, now);
  const auto all = all_news(table, 0, upto);
  ASSERT_THAT(clients_of(all), ElementsAre(client(2), client(3), client(4), client(5), client(1)));
  EXPECT_EQ(all[4].server, 1U);
  EXPECT_EQ(all[4].assigned, ours);
  EXPECT_FALSE(table.has_news(0));
  table.seek(0, ours);
  EXPECT_EQ(news().size(), 5U);
}

TEST_F(ClientReplica, KeepsACursorWhoseEntryIsUsedAgainOrGoes) {
  table.seek(0, 0);
  settle(1, 5);
  some_news(3);  // the cursor stands on 3
  visit(3);      // which becomes news
  visit(2);
  visit(1);  // now it stands behind the oldest
  EXPECT_THAT(news(), ElementsAre(client(4), client(5), client(3), client(2), client(1)));
  visit(1);  // the newest, on which it stands
  EXPECT_TRUE(table.has_news(0));
  EXPECT_THAT(news(), ElementsAre(client(1)));
}

TEST_F(ClientReplica, KeepsACursorWhoseEntryIsEvicted) {
  table.seek(0, 0);
  settle(1, 64);
  some_news(2);
  settle(65, 67);  // 1, 2 and 3 go
  const auto rest = news();
  ASSERT_EQ(rest.size(), 64U);
  EXPECT_EQ(rest.front(), client(4));
  EXPECT_EQ(rest.back(), client(67));
}

TEST_F(ClientReplica, HasNoNewsForWhomItDoesNotFollow) {
  settle(1, 3);
  EXPECT_FALSE(table.has_news(0));
  table.seek(0, 0);
  table.seek(max_peers - 1, 0);
  EXPECT_TRUE(table.has_news(0));
  table.unfollow(0);
  EXPECT_FALSE(table.has_news(0));
  EXPECT_THAT(news(max_peers - 1), ElementsAre(client(1), client(2), client(3)));
}

TEST_F(ClientReplica, TellsEachPeerForItself) {
  for (unsigned peer = 0; peer < max_peers; ++peer) table.seek(peer, 0);
  settle(1, 5);
  for (unsigned peer = 0; peer < max_peers; ++peer) {
    std::vector<sync_entry> some(peer);
    EXPECT_EQ(table.news(peer, some, upto), std::min(peer, 5U));
  }
  table.settle(client(1), 2, ++now);
  for (unsigned peer = 0; peer < max_peers; ++peer) {
    const auto rest = news(peer);
    EXPECT_EQ(rest.size(), peer == 0 ? 5U : 6U - std::min(peer, 5U)) << peer;
    EXPECT_EQ(rest.back(), client(1));
  }
}

TEST_F(ClientReplica, ShowsAllNewestFirst) {
  settle(1, 4);
  hear(9, stamp_at(now) - 1);
  table.forget(client(2), ++now);
  table.start_snapshot(0);
  EXPECT_THAT(some_shown(2), ElementsAre(client(2), client(4)));
  EXPECT_THAT(some_shown(9), ElementsAre(client(9), client(3), client(1)));
  EXPECT_THAT(some_shown(9), IsEmpty());
  table.start_snapshot(0);
  EXPECT_EQ(some_shown(9).size(), 5U);
}

TEST_F(ClientReplica, ShowsOnWhileEntriesMoveAndGo) {
  settle(1, 64);
  table.seek(0, table.latest());
  table.start_snapshot(0);
  EXPECT_THAT(some_shown(2), ElementsAre(client(64), client(63)));
  visit(62);       // the next to be shown
  settle(65, 66);  // 1 and 2 go
  std::vector<address> all = some_shown(100);
  EXPECT_EQ(all.size(), 59U);
  EXPECT_EQ(all.front(), client(61));
  EXPECT_EQ(all.back(), client(3));
  EXPECT_THAT(news(), ElementsAre(client(62), client(65), client(66)));
}

TEST_F(ClientReplica, TellsAndShowsAllThroughAResize) {
  for (const std::uint32_t capacity : {200U, 64U, 100U}) {
    settle(1, 50);
    table.seek(0, 0);
    some_news(10);
    table.start_snapshot(0);
    some_shown(10);
    table.resize(capacity);
    table.migrate(20);
    std::vector<address> told = some_news(5), shown = some_shown(5);
    EXPECT_THAT(told, ElementsAre(client(11), client(12), client(13), client(14), client(15)));
    EXPECT_THAT(shown, ElementsAre(client(40), client(39), client(38), client(37), client(36)));
    visit(15);
    visit(35);
    while (table.migrate(1)) {
    }
    EXPECT_EQ(some_news(1), std::vector{client(16)});
    EXPECT_EQ(some_shown(1), std::vector{client(34)});
    EXPECT_EQ(news().size(), 35U);          // 17 to 50 without 35, and 15 and 35 again
    EXPECT_EQ(some_shown(99).size(), 32U);  // 33 to 1 without 15
  }
}

TEST_F(ClientReplica, TellsWhatIsLeftWhenItShrinks) {
  settle(1, 64);
  table.seek(0, 0);
  some_news(10);
  table.start_snapshot(0);
  some_shown(40);
  table.resize(20);
  while (table.migrate(3)) {
  }
  const auto rest = news();
  ASSERT_EQ(rest.size(), 20U);
  EXPECT_EQ(rest.front(), client(45));
  EXPECT_THAT(some_shown(9), IsEmpty());
  EXPECT_EQ(digest_of(table), digest_of(all_of(table)));
}

TEST_F(ClientReplica, GivesWhatIsInTheBucketsAskedFor) {
  client_table large(20'000, 1);
  know_servers(large, 4);
  for (std::uint32_t i = 0; i < 18'000; ++i) large.settle(client(i), 1, now);
  for (std::uint32_t i = 0; i < 500; ++i) large.forget(client(i), now);
  large.resize(25'000);
  large.migrate(5000);
  std::bitset<digest_buckets> which;
  which.set(3).set(1023).set(500);
  std::set<address> expected, given;
  for (std::uint32_t i = 0; i < 18'000; ++i) {
    if (which[bucket_of(client(i))]) expected.insert(client(i));
  }
  std::vector<sync_entry> some(7);
  std::size_t at = 0;
  do {
    const std::size_t count = large.bucket_entries(which, at, some);
    for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(given.insert(some[i].client).second) << "twice";
  } while (at != 0);
  EXPECT_EQ(given, expected);
  EXPECT_GT(given.size(), 20U);
  EXPECT_EQ(table.bucket_entries(which, at, some), 0U) << "an empty table";
  EXPECT_EQ(at, 0U);
}

TEST_F(ClientReplica, ChangesItsDigestWithAssignmentsAlone) {
  settle(1, 3);
  const auto before = digest_of(table);
  visit(1);
  table.settle(client(2), 1, ++now);
  table.account(client(2), 1, 1);
  EXPECT_EQ(digest_of(table), before);
  table.settle(client(2), 3, ++now);
  EXPECT_NE(digest_of(table), before);
  EXPECT_EQ(digest_of(table), digest_of(all_of(table)));
  std::uint32_t size = 0;
  table.forget(client(1), ++now);
  EXPECT_EQ(table.digest(size), digest_of(all_of(table)));
  EXPECT_EQ(size, 3U);
}

}  // namespace
}  // namespace holdfast
