// Two tables that tell each other their news over links that lose, repeat and break. When all has been said at last,
// they are equal.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

constexpr server_id servers = 3;

struct batch {
  std::vector<sync_entry> entries;
  stamp upto = 0;
};

struct node {
  node(std::uint32_t capacity, std::uint64_t seed, std::int64_t clock) : table(capacity, seed), offset(clock) {
    know_servers(table, servers);
    table.seek(0, 0);
  }
  client_table table;
  std::int64_t offset;     // of its clock, ms
  std::deque<batch> sent;  // on the way to the other
  batch before;            // what has arrived last
  stamp confirmed = 0;     // by the other
};

// One random life of a pair.
class pair_life {
 public:
  pair_life(std::uint64_t seed, std::uint32_t clients, std::uint32_t capacity)
      : random_(seed),
        clients_(clients),
        capacity_(capacity),
        a_(capacity, seed, upto(800) - 400),
        b_(capacity, seed + 1, upto(800) - 400) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    for (node* n : {&a_, &b_}) {
      n->table.resize(capacity_);
      while (n->table.migrate(3)) {
      }
      cut(*n);
    }
    while (a_.table.has_news(0) || b_.table.has_news(0)) {
      for (node* n : {&a_, &b_}) send(*n);
      while (!a_.sent.empty()) arrive(a_, b_);
      while (!b_.sent.empty()) arrive(b_, a_);
    }
  }

  void show_all() {
    b_.table.merge(all_of(a_.table), now(b_));
    a_.table.merge(all_of(b_.table), now(a_));
  }

  void expect_equal() {
    EXPECT_EQ(all_of(a_.table), all_of(b_.table));
    EXPECT_EQ(digest_of(a_.table), digest_of(b_.table));
    EXPECT_EQ(digest_of(a_.table), digest_of(all_of(a_.table)));
    EXPECT_EQ(a_.table.size(), b_.table.size());
  }

 private:
  std::int64_t upto(std::int64_t most) {
    return static_cast<std::int64_t>(random_() % (static_cast<std::uint64_t>(most) + 1));
  }
  unix_ms now(const node& n) const { return static_cast<unix_ms>(static_cast<std::int64_t>(now_) + n.offset); }

  void step() {
    const bool first = upto(1) == 0;
    node &n = first ? a_ : b_, &other = first ? b_ : a_;
    if (upto(3) == 0) now_ += static_cast<unix_ms>(upto(200));
    switch (upto(15)) {
      case 0: return cut(n);
      case 1: return repeat(n, other);
      case 2: return resize(n);
      case 3: n.table.migrate(static_cast<std::size_t>(upto(3))); return;
      case 4:
      case 5: return send(n);
      case 6:
      case 7: return arrive(n, other);
      default: return touch(n);
    }
  }

  void touch(node& n) {
    const address who = numbered_client(static_cast<std::uint32_t>(upto(clients_ - 1)));
    const auto server = static_cast<server_id>(1 + upto(servers - 1));
    switch (upto(9)) {
      case 0: n.table.forget(who, now(n)); return;
      case 1: n.table.assign(who, upto(1) == 0 ? nobody : server, now(n)); return;
      case 2:
      case 3:
      case 4: n.table.settle(who, server, now(n)); return;
      default:
        if (const auto there = n.table.find(who, now(n), 0s)) n.table.settle(who, *there, now(n));
    }
  }

  void send(node& n) {
    batch some;
    some.entries.resize(static_cast<std::size_t>(1 + upto(4)));
    const bool any = n.table.has_news(0);
    some.entries.resize(n.table.news(0, some.entries, some.upto));
    EXPECT_TRUE(any || some.entries.empty());
    n.sent.push_back(std::move(some));
  }

  // What n has sent comes to the other, and the confirmation comes back.
  void arrive(node& n, node& other) {
    while (!n.sent.empty() && upto(3) != 0) {
      other.table.merge(n.sent.front().entries, now(other));
      EXPECT_GE(n.sent.front().upto, n.confirmed);
      n.confirmed = n.sent.front().upto;
      n.before = std::move(n.sent.front());
      n.sent.pop_front();
    }
  }
  void repeat(node& n, node& other) { other.table.merge(n.before.entries, now(other)); }

  void cut(node& n) {
    n.sent.clear();
    n.table.seek(0, n.confirmed);
  }

  void resize(node& n) {
    if (upto(3) == 0) n.table.resize(static_cast<std::uint32_t>(capacity_ + upto(capacity_)));
  }

  std::mt19937_64 random_;
  std::int64_t clients_;
  std::uint32_t capacity_;
  unix_ms now_ = wall_at(0s);
  node a_, b_;
};

// With room for all, the news do it.
TEST(ClientPair, IsEqualWhenAllNewsHaveArrived) {
  for (std::uint64_t seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    pair_life life(seed, static_cast<std::uint32_t>(1 + seed % 20), 20);
    life.run(300);
    life.expect_equal();
  }
}

// Whom one of them had no more room for, the other may know yet.
TEST(ClientPair, IsEqualAfterSnapshotsWhenClientsHadToGo) {
  for (std::uint64_t seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    pair_life life(seed, 30, static_cast<std::uint32_t>(1 + seed % 20));
    life.run(300);
    life.show_all();
    life.expect_equal();
  }
}

}  // namespace
}  // namespace holdfast
