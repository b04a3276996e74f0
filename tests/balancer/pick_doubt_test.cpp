// Choosing where servers are in doubt, and for clients whose other connections are under way. What is ours alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "balancer/choice/pick.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::ElementsAre;

// All servers the order gives, as indices.
std::vector<int> all_of(const pool& p, const client_facts& client, instant now = at(0s)) {
  order o(p, client, now, 0);
  std::vector<int> out;
  while (const auto t = o.next(p, client, now)) out.push_back(t->index);
  return out;
}

void blacklist(const server& s, instant until) { s.live->blacklisted_until = until.time_since_epoch().count(); }

// A server behind a black hole costs those who are sent to it, and they are few.
TEST(Pick, SendsNobodyNewWhereConnectsWaitInSilence) {
  const pool p = made_pool(3);
  for (int i = 0; i < 4; ++i) p.servers[1].live->connect_begins(at(0s));
  EXPECT_THAT(all_of(p, made_client(1), at(1s)), ElementsAre(2, 0, 1)) << "when all others have failed";
  EXPECT_THAT(all_of(p, made_client(1, 2), at(1s)), ElementsAre(1, 2, 0)) << "whoever belongs there waits with them";
  for (const std::size_t i : {0U, 2U}) blacklist(p.servers[i], at(30s));
  EXPECT_THAT(all_of(p, made_client(1), at(1s)), testing::Contains(1)) << "the others are no better";
}

TEST(Pick, SendsNobodyNewWhereTooManyConnectsAreUnderWay) {
  pool p = made_pool(2);
  p.policy.pending_max = 4;
  for (int i = 0; i < 4; ++i) p.servers[1].live->connect_begins(at(0s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(0, 1)) << "though they have only just begun";
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(1, 0)) << "a burst parts nobody from its server";
  EXPECT_THAT(all_of(p, made_client(1, 2), at(1s)), ElementsAre(0)) << "but silence does";
}

TEST(Pick, JudgesThePortThatTheClientCameTo) {
  pool p = made_pool(2);
  for (const std::uint16_t port : {389, 636}) p.servers[1].ports.push_back(std::make_shared<port_live>(port));
  p.servers[1].ports[0]->blacklisted_until = at(30s).time_since_epoch().count();
  client_facts client = made_client(1, 2);
  client.listener_port = 389;
  EXPECT_EQ(all_of(p, client).front(), 0);
  client.listener_port = 636;
  EXPECT_EQ(all_of(p, client).front(), 1);
  p.servers[1].ports[1]->up = false;
  EXPECT_EQ(all_of(p, client).front(), 0);
}

TEST(Pick, BelievesTheCheckThatSpeaksForAllPorts) {
  pool p = made_pool(2);
  p.servers[1].ports.push_back(std::make_shared<port_live>(389));
  p.servers[1].live->up = false;
  client_facts client = made_client(1, 2);
  client.listener_port = 389;
  EXPECT_EQ(all_of(p, client).front(), 0);
}

TEST(Pick, FollowsTheClientsOtherConnections) {
  pool p = made_pool(3);
  const client_facts client = made_client(1);
  order o(p, client, at(0s), 0);
  EXPECT_EQ(o.next(p, client, at(0s))->index, 1);
  p.servers[0].max = 1;
  p.servers[0].live->connections = 1;
  EXPECT_EQ(o.follow(p, client, at(0s), p.servers[0])->index, 0) << "with all of them, though it is full";
  p.servers[0].max = 0;
  EXPECT_EQ(o.next(p, client, at(0s))->index, 1) << "those behind it";
  EXPECT_EQ(o.next(p, client, at(0s))->index, 2);
  EXPECT_EQ(o.next(p, client, at(0s)), std::nullopt);
}

TEST(Pick, FollowsNowhereWhereItMayNotGoAndNotForEver) {
  pool p = made_pool(2);
  const client_facts client = made_client(1);
  order o(p, client, at(0s), 0);
  p.servers[0].permits = only("10.2.0.1", false);
  EXPECT_EQ(o.follow(p, client, at(0s), p.servers[0]), std::nullopt);
  int followed = 0;
  while (followed < 100 && o.follow(p, client, at(0s), p.servers[1])) ++followed;
  EXPECT_LT(followed, 10);
}

}  // namespace
}  // namespace holdfast
