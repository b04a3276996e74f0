// The client table against a model that is too simple to be wrong: a list in order of last use.
#include <gtest/gtest.h>

#include <list>
#include <random>

#include "balancer/table/client_table.h"
#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

class model {
 public:
  explicit model(std::uint32_t capacity) : capacity_(capacity) {}

  std::list<client_record>::iterator find(const address& client) {
    return std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.client == client; });
  }
  std::size_t rank(const address& client) { return static_cast<std::size_t>(std::distance(all.begin(), find(client))); }
  void touch(const address& client, unix_ms now) {
    all.splice(all.begin(), all, find(client));
    all.front().used = clock_.tick(now);
  }
  // As an order: whoever belongs to nobody stays.
  void assign(const address& client, server_id server, unix_ms now) {
    if (find(client) == all.end()) all.push_front({.client = client});
    touch(client, now);
    client_record& r = all.front();
    if (r.assigned == 0 || r.server != server) r.assigned = r.used;
    r.server = server;
  }
  void settle(const address& client, server_id server, unix_ms now) {
    assign(client, server, now);
    ++all.front().connects;
  }
  void forget(const address& client, unix_ms now) {
    assign(client, nobody, now);
    all.front().connects = 0;
    all.front().sent = all.front().received = 0;
  }
  std::vector<sync_entry> entries() const {
    std::vector<sync_entry> out;
    for (const auto& r : all) out.push_back({r.client, r.server, r.assigned, r.used});
    return out;
  }
  void widen(std::uint32_t capacity) { capacity_ = capacity; }  // cut() comes later
  void cut(std::uint32_t capacity) {
    capacity_ = capacity;
    while (all.size() > capacity_) all.pop_back();
  }
  std::uint32_t capacity() const { return capacity_; }

  std::list<client_record> all;  // most recent first

 private:
  std::uint32_t capacity_;
  hybrid_clock clock_;
};

bool same(const client_record& a, const client_record& b) {
  return a.client == b.client && a.server == b.server && a.connects == b.connects && a.sent == b.sent &&
         a.received == b.received && a.assigned == b.assigned && a.used == b.used;
}

// One random life. During a resize the model keeps everyone: the table must know the `capacity` most recent, may know
// others, and must have forgotten them when the resize is over.
class life {
 public:
  life(std::uint64_t seed, std::uint32_t capacity) : random_(seed), table_(capacity, random_()), model_(capacity) {
    know_servers(table_, 5);
  }

  void run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
    while (table_.migrate(7)) {
    }
    resized();
    compare();
  }

 private:
  void step() {
    now_ += random_() % 20;
    const address who = address::v4(static_cast<std::uint32_t>(random_() % (3 * model_.capacity() + 3)));
    switch (random_() % 16) {
      case 0: return forget(who);
      case 1: return account(who);
      case 2: return maybe_resize();
      case 3: return maybe_compare();
      case 4:
      case 5:
      case 6: return migrate();
      case 7:
      case 8:
      case 9:
      case 10: return settle(who);
      default: return find(who);
    }
  }

  void find(const address& who) {
    const duration tracking = random_() % 4 == 0 ? duration(1s) : duration(0s);
    const auto known = model_.find(who);
    const bool too_old = known != model_.all.end() && tracking > 0s && ms_of(known->used) + 1000 < now_;
    const bool certain = model_.rank(who) < model_.capacity();
    const auto answer = table_.find(who, now_, tracking);
    if (answer) {
      ASSERT_TRUE(known != model_.all.end() && !too_old);
      ASSERT_EQ(*answer, known->server);
      return;
    }
    if (known == model_.all.end() || too_old || known->server == nobody) return;
    ASSERT_TRUE(resizing_ && !certain);
    model_.all.erase(known);
  }

  void settle(const address& who) {
    const auto server = static_cast<server_id>(1 + random_() % 5);
    // Whom the table has already forgotten during a resize begins anew.
    if (resizing_ && !knows(who)) model_.all.remove_if([&](const auto& r) { return r.client == who; });
    table_.settle(who, server, now_);
    model_.settle(who, server, now_);
    if (!resizing_) model_.cut(model_.capacity());
  }

  bool knows(const address& who) {
    const auto is_it = [&](const auto& e) { return e.client == who; };
    const auto all = all_of(table_);
    return std::any_of(all.begin(), all.end(), is_it);
  }

  void forget(const address& who) {
    const auto there = model_.find(who);
    const bool known = there != model_.all.end() && there->server != nobody;
    const bool certain = model_.rank(who) < model_.capacity();
    const bool answer = table_.forget(who, now_);
    ASSERT_TRUE(answer == known || (resizing_ && !certain && known));
    if (answer) return model_.forget(who, now_);
    if (known) model_.all.erase(there);
  }

  void account(const address& who) {
    table_.account(who, 3, 5);
    if (const auto known = model_.find(who); known != model_.all.end() && known->server != nobody) {
      known->sent += 3;
      known->received += 5;
    }
  }

  void maybe_resize() {
    if (resizing_ || random_() % 8 != 0) return;
    const auto capacity = static_cast<std::uint32_t>(1 + random_() % (2 * model_.capacity() + 4));
    resizing_ = capacity != model_.capacity();
    table_.resize(capacity);
    wanted_ = capacity;
    ASSERT_EQ(table_.capacity(), capacity);
    model_.widen(capacity);
    ASSERT_LE(table_.size(), capacity);
  }

  void migrate() {
    if (!table_.migrate(1 + random_() % 5)) resized();
  }

  void resized() {
    if (!resizing_) return;
    resizing_ = false;
    model_.cut(wanted_);
  }

  void maybe_compare() {
    if (!resizing_ && random_() % 4 == 0) compare();
  }

  void compare() {
    const auto entries = model_.entries();
    ASSERT_EQ(all_of(table_), entries);
    ASSERT_EQ(digest_of(table_), digest_of(entries));
    std::vector<client_record> expected;
    for (const auto& r : model_.all) {
      if (r.server != nobody) expected.push_back(r);
    }
    const auto listed = table_.recent(0, 1'000'000);
    ASSERT_TRUE(std::equal(listed.begin(), listed.end(), expected.begin(), expected.end(), same));
    ASSERT_EQ(table_.size(), expected.size());
  }

  std::mt19937_64 random_;
  client_table table_;
  model model_;
  std::uint32_t wanted_ = 0;
  bool resizing_ = false;
  unix_ms now_ = wall_at(0s);
};

TEST(ClientTableModel, AgreesThroughRandomLivesOfManySizes) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    life(seed, static_cast<std::uint32_t>(1 + seed % 60)).run(600);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(ClientTableModel, KeepsTheMostRecentInOrderWhenItShrinks) {
  client_table table(1000, 5);
  know_servers(table, 1);
  for (std::uint32_t i = 0; i < 1000; ++i) table.settle(address::v4(i), 1, wall_at(i * 1s));
  table.resize(100);
  int pieces = 1;
  while (table.migrate(10)) ++pieces;
  EXPECT_GE(pieces, 10);
  const auto all = table.recent(0, 2000);
  ASSERT_EQ(all.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(all[i].client, address::v4(999 - i));
  EXPECT_EQ(table.evictions(), 900U);
}

TEST(ClientTableModel, KeepsEveryoneWhenItGrows) {
  client_table table(100, 5);
  know_servers(table, 1);
  for (std::uint32_t i = 0; i < 100; ++i) table.settle(address::v4(i), 1, wall_at(i * 1s));
  table.resize(1000);
  table.migrate(10);
  EXPECT_EQ(table.size(), 100U);
  table.settle(address::v4(0), 1, wall_at(200s));  // from the old array, in the midst of it
  while (table.migrate(10)) {
  }
  const auto all = table.recent(0, 2000);
  ASSERT_EQ(all.size(), 100U);
  EXPECT_EQ(all[0].client, address::v4(0));
  for (std::uint32_t i = 1; i < 100; ++i) EXPECT_EQ(all[i].client, address::v4(100 - i));
  EXPECT_EQ(table.evictions(), 0U);
}

TEST(ClientTableModel, HandsOutTheFormerArrayAtTheEnd) {
  client_table table(100, 5);
  know_servers(table, 1);
  for (std::uint32_t i = 0; i < 100; ++i) table.settle(address::v4(i), 1, wall_at(i * 1s));
  table.resize(50);
  std::unique_ptr<table_slots> former;
  while (table.migrate(10, &former)) EXPECT_FALSE(former);
  ASSERT_TRUE(former);
  EXPECT_EQ(former->capacity(), 100U);
  EXPECT_EQ(table.size(), 50U);
}

TEST(ClientTableModel, BringsNobodyBackWhoIsOlderThanSomeoneForgotten) {
  client_table table(4, 5);
  know_servers(table, 1);
  for (std::uint32_t i = 1; i <= 4; ++i) table.settle(address::v4(i), 1, wall_at(0s));
  table.resize(2);
  for (std::uint32_t i = 5; i <= 7; ++i) table.settle(address::v4(i), 1, wall_at(1s));  // 5 had to go
  EXPECT_TRUE(table.forget(address::v4(6), wall_at(2s)));
  while (table.migrate(1)) {
  }
  EXPECT_EQ(table.size(), 1U);
  EXPECT_FALSE(table.find(address::v4(4), wall_at(2s), 0s));
}

TEST(ClientTableModel, CarriesOutOneResizeAfterTheOther) {
  client_table table(100, 5);
  know_servers(table, 1);
  for (std::uint32_t i = 0; i < 100; ++i) table.settle(address::v4(i), 1, wall_at(i * 1s));
  table.resize(50);
  table.migrate(10);
  table.resize(20);
  EXPECT_EQ(table.capacity(), 20U);
  EXPECT_EQ(table.size(), 20U);
  table.resize(200);
  table.resize(10);
  while (table.migrate(10)) {
  }
  EXPECT_EQ(table.capacity(), 10U);
  ASSERT_EQ(table.size(), 10U);
  EXPECT_EQ(table.recent(0, 100).at(9).client, address::v4(90));
}

}  // namespace
}  // namespace holdfast
