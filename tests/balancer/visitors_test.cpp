#include "balancer/table/visitors.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

std::uint64_t hash_of(const address& client) { return table_slots::hash_of(client, 7); }

visitor& come(visitors& all, const address& client) {
  visitor& v = all.enter(client, hash_of(client));
  ++v.running;
  return v;
}

void go(visitors& all, const address& client) {
  visitor& v = *all.find(client, hash_of(client));
  --v.running;
  all.leave(v);
}

TEST(Visitors, AreThereWhileTheyAreCounted) {
  visitors all;
  const address who = numbered_client(1);
  EXPECT_EQ(all.find(who, hash_of(who)), nullptr);
  come(all, who);
  come(all, who);
  EXPECT_EQ(all.size(), 1U);
  go(all, who);
  ASSERT_NE(all.find(who, hash_of(who)), nullptr);
  EXPECT_EQ(all.find(who, hash_of(who))->running, 1U);
  go(all, who);
  EXPECT_EQ(all.find(who, hash_of(who)), nullptr);
  EXPECT_EQ(all.size(), 0U);
}

TEST(Visitors, AgreeWithAMapThroughARandomLife) {
  visitors all;
  std::map<address, std::uint32_t> model;
  std::mt19937_64 random(1);
  for (int step = 0; step < 200'000; ++step) {
    // Few at first, then many, then few: they grow and shrink.
    const std::uint64_t crowd = step / 50'000 % 2 == 0 ? 20 : 5000;
    const address who = numbered_client(static_cast<std::uint32_t>(random() % crowd));
    const auto known = model.find(who);
    if (known == model.end() || random() % 3 == 0) {
      come(all, who);
      ++model[who];
    } else {
      go(all, who);
      if (--known->second == 0) model.erase(known);
    }
    const visitor* there = all.find(who, hash_of(who));
    ASSERT_EQ(there == nullptr ? 0 : there->running, model.contains(who) ? model[who] : 0);
  }
  ASSERT_EQ(all.size(), model.size());
  std::size_t seen = 0;
  for (std::size_t part = 0; part < visitors::parts; ++part) {
    for (const visitor& v : all.part(part)) seen += v.is_here() && model.at(v.client) == v.running;
  }
  EXPECT_EQ(seen, model.size());
}

TEST(Visitors, CostMemoryOnlyWhileTheyAreHere) {
  visitors all;
  const std::size_t before = all.bytes();
  for (std::uint32_t i = 0; i < 100'000; ++i) come(all, numbered_client(i));
  EXPECT_LE(all.bytes(), before + 100'000 * 130);
  for (std::uint32_t i = 0; i < 100'000; ++i) go(all, numbered_client(i));
  EXPECT_EQ(all.size(), 0U);
  EXPECT_LE(all.bytes(), before + visitors::parts * 4 * sizeof(visitor));
}

TEST(Visitors, TakeTheReservationAlongWithTheLastConnect) {
  visitors all;
  visitor& v = come(all, numbered_client(1));
  EXPECT_TRUE(all.begin_connect(v) && all.begin_connect(v));
  v.reserved = 3;
  v.reached = 1;
  EXPECT_EQ(all.connecting(), 1U);
  all.end_connect(v);
  EXPECT_EQ(v.reserved, 3U);
  all.end_connect(v);
  EXPECT_EQ(v.reserved, nobody);
  EXPECT_FALSE(v.reached);
  EXPECT_FALSE(all.any_connecting());
}

TEST(Visitors, MayLookForAServerUpToALimitOfClients) {
  visitors all;
  for (std::uint32_t i = 0; i < visitors::most_connecting; ++i) {
    const address who = numbered_client(i);
    ASSERT_TRUE(all.begin_connect(all.enter(who, hash_of(who))));
  }
  const address late = numbered_client(visitors::most_connecting), early = numbered_client(0);
  visitor& v = all.enter(late, hash_of(late));
  EXPECT_FALSE(all.begin_connect(v));
  all.leave(v);
  EXPECT_EQ(all.size(), visitors::most_connecting);
  EXPECT_TRUE(all.begin_connect(*all.find(early, hash_of(early)))) << "who is counted already";
}

}  // namespace
}  // namespace holdfast
