// How clients spread: hash, least, slow start, and who has to move when a server goes.
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>

#include "balancer/choice/pick.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

constexpr std::uint32_t crowd = 30'000;

std::string first_of(const pool& p, const client_facts& client, instant now = at(0s), std::uint64_t random = 0) {
  order o(p, client, now, random);
  const auto t = o.next(p, client, now);
  return t ? server_of(p, *t).name : "";
}

std::vector<std::string> all_of(const pool& p, const client_facts& client) {
  order o(p, client, at(0s), 0);
  std::vector<std::string> out;
  while (const auto t = o.next(p, client, at(0s))) out.push_back(server_of(p, *t).name);
  return out;
}

service_settings with(bool service_settings::* rule) {
  service_settings policy;
  policy.*rule = true;
  return policy;
}

void remove(pool& p, std::size_t index) {
  p.servers.erase(p.servers.begin() + static_cast<std::ptrdiff_t>(index));
  p.index();
}

TEST(Hash, SpreadsClientsEvenly) {
  const pool p = made_pool(10, with(&service_settings::hash));
  std::map<std::string, int> counts;
  for (std::uint32_t i = 0; i < crowd; ++i) ++counts[first_of(p, made_client(i))];
  ASSERT_EQ(counts.size(), 10U);
  for (const auto& [name, count] : counts) EXPECT_NEAR(count, crowd / 10, crowd / 100) << name;
}

TEST(Hash, MovesOnlyTheClientsOfARemovedServer) {
  const pool before = made_pool(10, with(&service_settings::hash));
  pool after = before;
  remove(after, 3);
  std::map<std::string, int> heirs;
  for (std::uint32_t i = 0; i < crowd; ++i) {
    const std::string was = first_of(before, made_client(i)), is = first_of(after, made_client(i));
    if (was == "web3") {
      ++heirs[is];
    } else {
      ASSERT_EQ(was, is) << "client " << i << " had no reason to move";
    }
  }
  EXPECT_EQ(heirs.size(), 9U) << "all the others take their share";
  for (const auto& [name, count] : heirs) EXPECT_NEAR(count, crowd / 90, crowd / 300) << name;
}

TEST(Hash, MeansTheSameWhateverTheOrderOfServers) {
  const pool p = made_pool(7, with(&service_settings::hash));
  pool turned = p;
  std::rotate(turned.servers.begin(), turned.servers.begin() + 3, turned.servers.end());
  turned.index();
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(all_of(p, made_client(i)), all_of(turned, made_client(i)));
}

TEST(Hash, TriesEveryServerOnceInTheClientsOwnOrder) {
  const pool p = made_pool(5, with(&service_settings::hash));
  std::map<std::vector<std::string>, int> orders;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    auto names = all_of(p, made_client(i));
    ++orders[names];
    std::sort(names.begin(), names.end());
    ASSERT_EQ(names, (std::vector<std::string>{"web0", "web1", "web2", "web3", "web4"}));
  }
  EXPECT_EQ(orders.size(), 120U);
}

TEST(Hash, SendsARememberedClientWithoutItsServerWhereANewOneWouldGo) {
  const pool p = made_pool(5, with(&service_settings::hash));
  p.servers[2].live->blacklisted_until = at(30s).time_since_epoch().count();
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(first_of(p, made_client(i, 3)), first_of(p, made_client(i)));
}

TEST(Hash, MixesThePortInWithRoundrobin) {
  pool p = made_pool(5, with(&service_settings::hash));
  client_facts client = made_client(1);
  std::map<std::string, int> counts;
  p.policy.roundrobin = true;
  for (std::uint16_t port = 1; port <= 1000; ++port) {
    client.port = port;
    ++counts[first_of(p, client)];
  }
  EXPECT_EQ(counts.size(), 5U);
  p.policy.roundrobin = false;
  const std::string home = first_of(p, client);
  client.port = 7;
  EXPECT_EQ(first_of(p, client), home);
}

TEST(Hash, TakesANetworkForOneClientWhenToldSo) {
  pool p = made_pool(9, with(&service_settings::hash));
  p.policy.client_prefix4 = 24;
  for (std::uint32_t i = 0; i < 256; ++i) EXPECT_EQ(first_of(p, made_client(i)), first_of(p, made_client(0)));
}

TEST(Table, MovesOnlyTheClientsOfARemovedServer) {
  pool p = made_pool(10);
  std::vector<std::string> home(3000);
  for (std::uint32_t i = 0; i < home.size(); ++i) {
    home[i] = first_of(p, made_client(i));
    for (const auto& s : p.servers) {
      if (s.name == home[i]) p.clients->settle(made_client(i).from, s.id, wall_at(0s));
    }
  }
  remove(p, 3);
  std::map<std::string, int> moved;
  for (std::uint32_t i = 952; i < home.size(); ++i) {  // the table holds 2048
    const auto remembered = p.clients->find(made_client(i).from, wall_at(1s), 0s);
    ASSERT_TRUE(remembered);
    const std::string is = first_of(p, made_client(i, remembered));
    if (is != home[i]) ++moved[home[i]];
  }
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved.begin()->first, "web3");
}

// Each connection stays; how far apart are the fullest and the emptiest at the end?
std::uint32_t spread_of_least(std::size_t servers) {
  const pool p = made_pool(servers, with(&service_settings::least));
  std::mt19937_64 random(3);
  for (std::uint32_t i = 0; i < crowd; ++i) {
    order o(p, made_client(i), at(0s), random());
    ++server_of(p, o.next(p, made_client(i), at(0s)).value()).live->connections;
  }
  std::uint32_t least = crowd, most = 0;
  for (const auto& s : p.servers) {
    least = std::min<std::uint32_t>(least, s.live->connections);
    most = std::max<std::uint32_t>(most, s.live->connections);
  }
  return most - least;
}

TEST(Least, FillsFewServersExactly) {
  EXPECT_LE(spread_of_least(2), 1U);
  EXPECT_LE(spread_of_least(7), 1U);
}

TEST(Least, FillsManyServersNearlyEvenlyByTwoChoices) {
  EXPECT_LE(spread_of_least(8), 12U);
  EXPECT_LE(spread_of_least(100), 12U);
}

TEST(Least, SpreadsTheClientsOfADeadServer) {
  const pool p = made_pool(5, with(&service_settings::least));
  p.servers[0].live->blacklisted_until = at(30s).time_since_epoch().count();
  std::map<std::string, int> heirs;
  for (std::uint64_t random = 0; random < 1000; ++random) ++heirs[first_of(p, made_client(1, 1), at(0s), random)];
  EXPECT_EQ(heirs.size(), 4U);
  EXPECT_EQ(first_of(p, made_client(1, 1), at(30s)), "web0");
}

TEST(Least, FindsTheOnlyServerWithRoomAmongMany) {
  pool p = made_pool(1000, with(&service_settings::least));
  for (auto& s : p.servers) s.usable = s.name == "web777";
  for (std::uint64_t random = 0; random < 20; ++random) {
    EXPECT_EQ(first_of(p, made_client(1), at(0s), random), "web777");
  }
}

double share_of_returned(const service_settings& policy, duration since_return) {
  const pool p = made_pool(2, policy);
  p.servers[0].live->returned_at = at(0s).time_since_epoch().count();
  std::mt19937_64 random(5);
  int chosen = 0;
  for (std::uint32_t i = 0; i < crowd; ++i) {
    p.live->cursor = 1;  // it is the returned server's turn
    chosen += first_of(p, made_client(i), at(since_return), random()) == "web0";
  }
  return double{1.0} * chosen / crowd;
}

TEST(SlowStart, GrowsFromATenthToAll) {
  service_settings policy;
  policy.slow_start = 10s;
  EXPECT_NEAR(share_of_returned(policy, 0s), 0.1, 0.01);
  EXPECT_NEAR(share_of_returned(policy, 1s), 0.1, 0.01);
  EXPECT_NEAR(share_of_returned(policy, 5s), 0.5, 0.02);
  EXPECT_NEAR(share_of_returned(policy, 9s), 0.9, 0.01);
  EXPECT_EQ(share_of_returned(policy, 10s), 1.0);
  policy.slow_start = 0s;
  EXPECT_EQ(share_of_returned(policy, 0s), 1.0);
}

TEST(SlowStart, UnderHashTakesClientsOneByOneAndKeepsThem) {
  service_settings policy = with(&service_settings::hash);
  policy.slow_start = 10s;
  const pool p = made_pool(3, policy);
  p.servers[1].live->returned_at = at(0s).time_since_epoch().count();
  std::map<int, int> crowd_at;  // by second
  for (std::uint32_t i = 0; i < 1000; ++i) {
    bool there = false;
    for (int second = 0; second <= 10; ++second) {
      const bool now_there = first_of(p, made_client(i), at(second * 1s), i + static_cast<unsigned>(second)) == "web1";
      ASSERT_TRUE(now_there || !there) << "client " << i << " was sent away again";
      there = now_there;
      crowd_at[second] += there;
    }
  }
  EXPECT_NEAR(crowd_at[1], crowd_at[10] / 10, 20);
  EXPECT_NEAR(crowd_at[5], crowd_at[10] / 2, 40);
}

TEST(SlowStart, DoesNotHoldWhenNobodyElseIsLeft) {
  service_settings policy;
  policy.slow_start = 10s;
  const pool p = made_pool(2, policy);
  p.servers[0].live->returned_at = at(0s).time_since_epoch().count();
  p.servers[1].live->blacklisted_until = at(30s).time_since_epoch().count();
  for (std::uint64_t random = 0; random < 100; ++random) {
    EXPECT_EQ(first_of(p, made_client(1), at(0s), random), "web0");
  }
}

TEST(SlowStart, LetsRememberedClientsReturnAtOnce) {
  service_settings policy;
  policy.slow_start = 10s;
  const pool p = made_pool(2, policy);
  p.servers[0].live->returned_at = at(0s).time_since_epoch().count();
  for (std::uint64_t random = 0; random < 100; ++random) {
    EXPECT_EQ(first_of(p, made_client(1, 1), at(0s), random), "web0");
  }
}

}  // namespace
}  // namespace holdfast
