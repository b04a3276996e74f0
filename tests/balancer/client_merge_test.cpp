// Two registers an entry: whoever has merged the same entries, in whatever order and however often, knows the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

constexpr server_id servers = 4;
const unix_ms now = wall_at(0s);

stamp early(std::uint64_t n) { return stamp_at(now) - 1000 + n; }

class crowd {
 public:
  explicit crowd(std::uint64_t seed) : random_(seed) {}

  std::uint32_t upto(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % (std::uint64_t{most} + 1)); }

  // Stamps are few, so that many are equal.
  sync_entry entry(std::uint32_t clients) {
    const std::uint64_t assigned = upto(12), used = assigned + upto(6);
    return {numbered_client(upto(clients - 1)), upto(servers), early(assigned), early(used)};
  }
  // As nodes do it that hear each other: whoever was there last has the last assignment, too.
  sync_entry orderly(std::uint32_t clients) {
    sync_entry e = entry(clients);
    e.assigned = early(5 * ((e.used - early(0)) / 5));
    e.server = 1 + static_cast<server_id>(e.assigned % servers);
    return e;
  }
  std::vector<sync_entry> entries(std::size_t count, std::uint32_t clients, bool in_order) {
    std::vector<sync_entry> out;
    while (out.size() < count) out.push_back(in_order ? orderly(clients) : entry(clients));
    return out;
  }

  // All of them at least once, in any order, in batches of any size.
  void tell(client_table& table, std::vector<sync_entry> all) {
    for (std::size_t twice = upto(5); twice > 0 && !all.empty(); --twice) {
      all.push_back(all[random_() % all.size()]);
    }
    std::shuffle(all.begin(), all.end(), random_);
    for (std::span<const sync_entry> rest = all; !rest.empty();) {
      const auto size = std::min<std::size_t>(1 + upto(9), rest.size());
      table.merge(rest.first(size), now);
      rest = rest.subspan(size);
    }
  }

 private:
  std::mt19937_64 random_;
};

std::unique_ptr<client_table> made(std::uint32_t capacity, std::uint64_t seed) {
  auto table = std::make_unique<client_table>(capacity, seed);
  know_servers(*table, servers);
  return table;
}

void expect_equal(client_table& a, client_table& b) {
  const auto all = all_of(a);
  EXPECT_EQ(all, all_of(b));
  EXPECT_EQ(digest_of(a), digest_of(b));
  EXPECT_EQ(digest_of(a), digest_of(all));
  const auto in_order = [](const sync_entry& x, const sync_entry& y) {
    return x.used != y.used ? x.used > y.used : x.client > y.client;
  };
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), in_order));
}

TEST(ClientMerge, CommutesAssociatesAndRepeats) {
  for (std::uint64_t seed = 0; seed < 4000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    crowd c(seed);
    const auto x = c.entries(c.upto(20), 15, false), y = c.entries(c.upto(20), 15, false);
    std::vector<sync_entry> both = x;
    both.insert(both.end(), y.begin(), y.end());
    const auto one = made(15, 1), two = made(15, 2), three = made(40, 3);
    one->merge(both, now);
    c.tell(*two, both);
    c.tell(*three, x);
    const auto other = made(15, 4);
    c.tell(*other, y);
    three->merge(all_of(*other), now);
    expect_equal(*one, *two);
    expect_equal(*one, *three);
    EXPECT_EQ(one->evictions(), 0U);
  }
}

TEST(ClientMerge, KeepsTheSameMostRecentInWhateverOrderTheyCome) {
  for (std::uint64_t seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    crowd c(seed);
    const auto all = c.entries(60, 30, true);
    const std::uint32_t capacity = 1 + c.upto(12);
    const auto one = made(capacity, 1), two = made(capacity, 2);
    c.tell(*one, all);
    c.tell(*two, all);
    expect_equal(*one, *two);
  }
}

TEST(ClientMerge, GivesTheGreaterIdentityOfEqualStampsTheClient) {
  const auto table = made(4, 1);
  const sync_entry one{numbered_client(1), 1, early(5), early(5)}, two{numbered_client(1), 2, early(5), early(5)};
  const server_id winner = identity_hash("web1") > identity_hash("web2") ? 1 : 2;
  table->merge(std::vector{one, two}, now);
  EXPECT_EQ(table->look(numbered_client(1))->server, winner);
  table->merge(std::vector{two, one}, now);
  EXPECT_EQ(table->look(numbered_client(1))->server, winner);
}

TEST(ClientMerge, TakesTheLaterUseAndTheLaterAssignmentEachForItself) {
  const auto table = made(4, 1);
  table->settle(numbered_client(1), 1, now);
  table->settle(numbered_client(1), 1, now + 10);
  table->account(numbered_client(1), 5, 6);
  const stamp first = stamp_at(now);
  const auto later_use =
      table->merge(std::vector<sync_entry>{{numbered_client(1), 2, first - 1, first + (20 << 16)}}, now);
  EXPECT_EQ(later_use.taken, 1U);
  EXPECT_EQ(table->look(numbered_client(1))->server, 1U);
  EXPECT_EQ(table->look(numbered_client(1))->used, first + (20 << 16));
  table->merge(std::vector<sync_entry>{{numbered_client(1), 2, first + 1, first + 1}}, now);
  EXPECT_EQ(table->look(numbered_client(1))->server, 2U);
  EXPECT_EQ(table->look(numbered_client(1))->assigned, first + 1);
  EXPECT_EQ(table->look(numbered_client(1))->used, first + (20 << 16));
  EXPECT_EQ(table->look(numbered_client(1))->connects, 2U) << "counts are our own";
  EXPECT_EQ(table->look(numbered_client(1))->sent, 5U);
  EXPECT_EQ(table->merge(std::vector<sync_entry>{{numbered_client(1), 2, first + 1, first + 1}}, now).known, 1U);
}

TEST(ClientMerge, NeverGivesUpANewerClientForAnOlderOne) {
  const auto table = made(2, 1);
  table->settle(numbered_client(1), 1, now);
  table->settle(numbered_client(2), 1, now);
  const auto report = table->merge(std::vector<sync_entry>{{numbered_client(3), 1, early(0), early(0)}}, now);
  EXPECT_EQ(report.dropped, 1U);
  EXPECT_EQ(report.taken, 0U);
  EXPECT_EQ(table->evictions(), 0U);
  EXPECT_FALSE(table->look(numbered_client(3)));
  const stamp between = table->look(numbered_client(1))->used;  // whose address is greater is newer
  EXPECT_EQ(table->merge(std::vector<sync_entry>{{numbered_client(3), 1, between, between}}, now).taken, 1U);
  EXPECT_FALSE(table->look(numbered_client(1)));
  EXPECT_EQ(table->evictions(), 1U);
}

TEST(ClientMerge, TakesStampsOfAPeerWhoseClockIsAheadAsTheyAre) {
  const auto table = made(8, 1);
  const stamp in_2099 = stamp_at(4'080'000'000'000);
  const auto report = table->merge(std::vector<sync_entry>{{numbered_client(1), 1, in_2099, in_2099},
                                                           {numbered_client(2), 1, early(1), in_2099 - 1},
                                                           {numbered_client(3), 1, ~stamp{0}, ~stamp{0}}},
                                   now);
  EXPECT_EQ(report.taken, 2U);
  EXPECT_EQ(report.dropped, 1U) << "what no clock shows";
  EXPECT_EQ(table->look(numbered_client(1))->assigned, in_2099);
  EXPECT_EQ(table->look(numbered_client(1))->when, now) << "it was just now";
  EXPECT_EQ(table->look(numbered_client(2))->used, in_2099 - 1);
  EXPECT_EQ(table->latest(), in_2099);
  EXPECT_GT(table->settle(numbered_client(1), 2, now).when, in_2099) << "we come after all that we have seen";
}

TEST(ClientMerge, AFileOfTheFutureUndoesNothingThatALivingNodeSays) {
  const stamp ahead = stamp_at(now + 3'600'000);
  const auto table = made(8, 1);
  const auto report = table->recall(std::vector<sync_entry>{{numbered_client(1), 1, ahead + 9, ahead + 9},
                                                            {numbered_client(2), 1, ahead, ahead + 8},
                                                            {numbered_client(3), 1, early(1), early(2)}},
                                    now);
  EXPECT_EQ(report.taken, 3U);
  EXPECT_EQ(report.ahead, 2U);
  EXPECT_TRUE(is_recalled(table->look(numbered_client(1))->assigned));
  EXPECT_EQ(table->look(numbered_client(3))->assigned, early(1));
  EXPECT_EQ(table->find(numbered_client(1), now + 1'000, 1h), 1U) << "it is known, and was just here";
  table->merge(std::vector<sync_entry>{{numbered_client(1), 2, early(5), early(5)}}, now);
  EXPECT_EQ(table->look(numbered_client(1))->server, 2U) << "a peer knows better";
  const auto done = table->settle(numbered_client(2), 1, now);
  EXPECT_TRUE(done.fresh) << "now we are the one that lives and knows it";
  EXPECT_GT(done.assigned, ahead);
}

TEST(ClientMerge, WhatIsSaidAfterAFileOfTheFutureIsLater) {
  const stamp ahead = stamp_at(now + 3'600'000);
  const auto table = made(8, 1), peer = made(8, 2);
  for (const auto& one : {table.get(), peer.get()}) {
    one->merge(std::vector<sync_entry>{{numbered_client(1), 1, ahead, ahead}}, now);
  }
  const auto again = made(8, 3);
  again->recall(all_of(*table), now);
  again->assign(numbered_client(1), 2, now);  // pinned before any peer is heard
  again->merge(all_of(*peer), now);
  EXPECT_EQ(again->look(numbered_client(1))->server, 2U);
}

TEST(ClientMerge, MakesSenseOfNonsense) {
  const auto table = made(8, 1);
  const auto report = table->merge(
      std::vector<sync_entry>{{numbered_client(1), 1, early(7), early(3)}, {numbered_client(2), 1, 0, 0}}, now);
  EXPECT_EQ(table->look(numbered_client(1))->used, early(7)) << "never before it was assigned";
  EXPECT_FALSE(table->look(numbered_client(2))) << "never used";
  EXPECT_EQ(report.dropped, 1U);
  EXPECT_EQ(table->merge({}, now).taken, 0U);
}

// A batch costs one walk at most, whatever its order is: this would take minutes otherwise.
TEST(ClientMerge, StandsAFloodOfStrangersInNoOrder) {
  constexpr std::uint32_t capacity = 20'000;
  const auto table = made(capacity, 1);
  std::mt19937_64 random(1);
  std::vector<sync_entry> batch(4000);
  for (std::uint32_t number = 0; number < 1'000'000;) {
    for (auto& e : batch) {
      const stamp when = stamp_at(now) - 1 - (random() >> 24);
      e = {numbered_client(number++), 1 + number % servers, when, when};
    }
    const auto report = table->merge(batch, now);
    ASSERT_EQ(report.taken + report.dropped, batch.size());
  }
  EXPECT_EQ(table->size(), capacity);
  expect_equal(*table, *table);
}

}  // namespace
}  // namespace holdfast
