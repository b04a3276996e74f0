// Random lives of connections of the same clients at the same time: one server a client, nobody who is connected
// forgotten, and nothing left in the end.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "balancer/table/client_table.h"
#include "tests/balancer/made_table.h"

namespace holdfast {
namespace {

struct one_connection {
  address client;
  client_visit visit = {};
  server_id to = nobody;
  bool runs = false;
};

// What a flow does with the table, over servers of which some are dead.
class service {
 public:
  service(std::uint64_t seed, std::uint32_t capacity) : random(seed), table(capacity, random()) {
    know_servers(table, 5);
  }

  server_id any() { return static_cast<server_id>(1 + random() % 5); }
  unix_ms now() { return now_ += random() % 3; }
  bool is_dead(server_id id) const { return dead.contains(id); }

  void come(const address& who) {
    one_connection& c = all.emplace_back(one_connection{.client = who});
    const auto known = table.find(who, now(), 0s, &c.visit);
    c.to = known ? *known : table.reserve(who, any(), c.visit);
  }

  // A connect ends; false: there is no server left.
  void go_on(one_connection& c) {
    if (is_dead(c.to)) {
      c.to = table.reserve(c.client, any(), c.visit, c.to);
      return;
    }
    const auto done = table.settle(c.client, c.to, now(), &c.visit);
    c.runs = true;
    ASSERT_EQ(table.look(c.client)->server, done.at);
    met[c.client].insert(c.to);
    overtaken += done.at != c.to;
  }

  void end(std::size_t which) {
    table.leave(all[which].client, all[which].visit, now(), 1, 1);
    std::swap(all[which], all.back());
    all.pop_back();
  }

  std::mt19937_64 random;
  client_table table;
  std::set<server_id> dead;
  std::vector<one_connection> all;
  std::map<address, std::set<server_id>> met;
  int overtaken = 0;

 private:
  unix_ms now_ = wall_at(0s);
};

address crowd_member(std::uint32_t i) { return i % 2 == 0 ? numbered_client(i) : *address::parse("2001:db8::1"); }

// 1,000 clients of both families, 6 connections each in any order; some are known, some servers are dead.
TEST(ClientVisitsModel, SixConnectionsAtOnceMeetOneServer) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    service s(seed, 4);
    for (std::uint64_t i = seed % 4; i > 0; --i) s.dead.insert(s.any());
    const address who = crowd_member(static_cast<std::uint32_t>(seed));
    if (seed % 3 == 0) s.table.settle(who, s.any(), s.now());
    unsigned to_come = 6;
    const auto looks = [](const auto& c) { return !c.runs; };
    while (to_come > 0 || std::any_of(s.all.begin(), s.all.end(), looks)) {
      const std::size_t which = s.random() % (s.all.size() + 1);
      if (which == s.all.size()) {
        if (to_come > 0) s.come(who);
        to_come -= to_come > 0;
      } else if (!s.all[which].runs) {
        s.go_on(s.all[which]);
      } else if (s.random() % 4 == 0) {
        s.end(which);
      }
    }
    ASSERT_EQ(s.met[who].size(), 1U) << "seed " << seed;
    ASSERT_EQ(s.overtaken, 0);
    while (!s.all.empty()) s.end(0);
    ASSERT_EQ(s.table.visiting(), 0U);
  }
}

// Anything at any time.
class life {
 public:
  explicit life(std::uint64_t seed) : s_(seed, 20), peer_(30, seed) { know_servers(peer_, 5); }

  void run() {
    for (int i = 0; i < 1000 && !testing::Test::HasFatalFailure(); ++i) {
      step();
      check();
    }
    while (!s_.all.empty()) s_.end(0);
    EXPECT_EQ(s_.table.visiting(), 0U);
    EXPECT_EQ(digest_of(s_.table), digest_of(all_of(s_.table)));
  }

 private:
  static constexpr std::uint32_t clients = 12;  // and the table has always room for more

  void step() {
    const address who = numbered_client(static_cast<std::uint32_t>(s_.random() % clients));
    const std::size_t which = s_.all.empty() ? 0 : s_.random() % s_.all.size();
    switch (s_.random() % 16) {
      case 0: return toggle(s_.any());
      case 1: return pin(who);
      case 2: return learn(who);
      case 3: return s_.table.resize(static_cast<std::uint32_t>(clients + 1 + s_.random() % 30));
      case 4: s_.table.migrate(s_.random() % 8); return;
      case 5:
      case 6:
      case 7: return stranger();
      case 8:
      case 9: return s_.come(who);
      case 10:
      case 11:
        if (!s_.all.empty()) s_.end(which);
        return;
      default:
        if (!s_.all.empty() && !s_.all[which].runs) go_on(s_.all[which]);
    }
  }

  void toggle(server_id id) {
    if (!s_.dead.erase(id) && s_.dead.size() < 4) s_.dead.insert(id);
  }
  void pin(const address& who) {
    if (s_.random() % 2 == 0) return forget(who);
    s_.table.assign(who, s_.any(), s_.now());
    known_.insert(who);
  }
  void forget(const address& who) {
    s_.table.forget(who, s_.now());
    known_.erase(who);
  }
  void learn(const address& who) {
    peer_.settle(who, s_.any(), s_.now());
    s_.table.merge(all_of(peer_), s_.now());
    if (s_.table.look(who)) known_.insert(who);  // unless it was forgotten in the same millisecond
  }
  void stranger() { s_.table.settle(numbered_client(1000 + strangers_++), s_.any(), s_.now()); }
  void go_on(one_connection& c) {
    s_.go_on(c);
    if (c.runs) known_.insert(c.client);
  }

  void check() {
    std::set<address> here, connected;
    for (const auto& c : s_.all) {
      if (c.visit.connecting || c.visit.running) here.insert(c.client);
      if (c.runs) connected.insert(c.client);
    }
    ASSERT_EQ(s_.table.visiting(), here.size());
    for (const auto& c : connected) ASSERT_TRUE(!known_.contains(c) || s_.table.look(c)) << c.text();
    for (const auto& e : all_of(s_.table)) ASSERT_NE(e.assigned, 0U) << "nothing but what has been settled";
  }

  service s_;
  client_table peer_;
  std::set<address> known_;  // and not forgotten by order since
  std::uint32_t strangers_ = 0;
};

TEST(ClientVisitsModel, LosesNobodyAndLeavesNothingThroughRandomLives) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    life(seed).run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace holdfast
