#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

constexpr int crowd = 300;

// Everybody asks twice, in different orders; the answers of the first round.
answers ask_twice(testbed& bed, const std::vector<address>& clients, const endpoint& to) {
  const answers first = ask_all(bed.crowd(), clients, to, 1);
  const answers second = ask_all(bed.crowd(), clients, to, 2);
  EXPECT_EQ(differences(first, second), 0);
  return first;
}

void expect_all_three_used(const answers& who) {
  const auto count = count_by_server(who);
  EXPECT_THAT(count, ::testing::ElementsAre(::testing::Key("s0"), ::testing::Key("s1"), ::testing::Key("s2")));
  for (const auto& [server, clients] : count) EXPECT_GE(clients, crowd / 4) << server;
}

TEST(Stickiness, BringsEachOf300Ipv4ClientsBackToItsServer) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + bed.servers4());
  expect_all_three_used(ask_twice(bed, testbed::clients4(crowd), testbed::service4()));
}

TEST(Stickiness, BringsEachOf300Ipv6ClientsBackToItsServer) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten [2001:db8::80]:80\n" + bed.servers6());
  expect_all_three_used(ask_twice(bed, testbed::clients6(crowd), testbed::service6()));
}

TEST(Stickiness, TellsNeighbouringIpv6AddressesApart) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten [2001:db8::80]:80\n" + bed.servers6());
  const answers who = ask_all(bed.crowd(), testbed::clients6(3), testbed::service6());
  EXPECT_EQ(count_by_server(who).size(), 3U);  // fd00:9::1, ::2, ::3 in turn
}

TEST(Stickiness, SpansThePortsAndFamiliesOfOneService) {
  testbed bed(3);
  std::string servers;  // without a port: each listener's own
  for (int i = 0; i < 3; ++i) servers += "server " + std::to_string(i) + " address " + bed.server(i).address4() + '\n';
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\nlisten 192.0.2.80:443\n" + servers);
  const std::vector<address> clients = testbed::clients4(60);
  const answers plain = ask_all(bed.crowd(), clients, testbed::service4(80), 1);
  const answers other = ask_all(bed.crowd(), clients, testbed::service4(443), 2);
  EXPECT_EQ(differences(plain, other), 0);
  EXPECT_EQ(count_by_server(plain).size(), 3U);
}

TEST(Stickiness, IsKeptWhileTheClientTableGrows) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\nclients_max 400\n" + bed.servers4());
  const std::vector<address> clients = testbed::clients4(crowd);
  const answers before = ask_all(bed.crowd(), clients, testbed::service4(), 1);
  lb.tell("service web clients_max 100000");
  const answers after = ask_all(bed.crowd(), clients, testbed::service4(), 2);
  EXPECT_EQ(differences(before, after), 0);
}

TEST(Stickiness, StaysForTheMostRecentClientsWhenTheTableShrinks) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + bed.servers4());
  const std::vector<address> clients = testbed::clients4(crowd);
  const std::vector<address> recent(clients.end() - 50, clients.end());
  ask_all(bed.crowd(), clients, testbed::service4(), 1);
  const answers before = ask_all(bed.crowd(), recent, testbed::service4(), 2);
  lb.tell("service web clients_max 50");
  EXPECT_EQ(differences(before, ask_all(bed.crowd(), recent, testbed::service4(), 3)), 0);
  const std::string listed = lb.tell("service web clients");
  EXPECT_EQ(listed.find("10.9.0.1 "), std::string::npos) << listed;
}

}  // namespace
}  // namespace holdfast::lab
