#include "balancer/farm/check_plan.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

pool checked(std::size_t servers, std::uint16_t check_port = 0) {
  service_settings policy;
  policy.check = {.how = check_kind::tcp, .port = check_port};
  return made_pool(servers, policy);
}

void give_ports(server& s) {
  s.where.port = 0;
  for (const std::uint16_t port : {80, 443}) s.ports.push_back(std::make_shared<port_live>(port));
}

TEST(CheckTargets, AreAllAddressesAtThePortThatIsAsked) {
  server s = made_server("web", 1);
  s.others = {{.host = address::v4(0x0a000199), .port = 80, .path = ""}};
  EXPECT_EQ(check_targets(s, 0, 8080), (std::vector{s.where, s.others[0]}));
  for (const endpoint& at : check_targets(s, 99, 8080)) EXPECT_EQ(at.port, 99);
  s.where.port = s.others[0].port = 0;
  for (const endpoint& at : check_targets(s, 0, 8080)) EXPECT_EQ(at.port, 8080);
  EXPECT_TRUE(check_targets(s, 0, 0).empty());
  EXPECT_EQ(text_of(check_targets(s, 0, 80)), "10.0.1.1:80,10.0.1.153:80");
}

TEST(CheckPlan, HasOneOfEachServerThatHasAnAddress) {
  pool p = checked(3);
  p.servers[1].usable = false;
  const auto all = checks_of(p, 80);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].which, check_key(1, 0));
  EXPECT_EQ(all[0].live, p.servers[0].live);
  EXPECT_EQ(all[1].of, &p.servers[2]);
}

TEST(CheckPlan, IsEmptyWhereNothingIsChecked) { EXPECT_TRUE(checks_of(made_pool(3), 80).empty()); }

TEST(CheckPlan, LeavesOutWhoHasNoPortToAsk) {
  pool p = checked(1);
  p.servers[0].where.port = 0;
  EXPECT_TRUE(checks_of(p, 0).empty());
  EXPECT_EQ(checks_of(p, 8080)[0].at[0].port, 8080);
}

TEST(CheckPlan, TellsPortsApartUnlessTheCheckHasOne) {
  pool p = checked(1);
  give_ports(p.servers[0]);
  const auto all = checks_of(p, 0);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].which, check_key(1, 80));
  EXPECT_EQ(all[1].at[0].port, 443);
  EXPECT_EQ(all[1].live, p.servers[0].ports[1]);
  pool one = checked(1, 9000);
  give_ports(one.servers[0]);
  ASSERT_EQ(checks_of(one, 0).size(), 1U);
  EXPECT_EQ(checks_of(one, 0)[0].which, check_key(1, 0));
}

TEST(CheckPlan, KeepsAServerUpWhileOnePortIs) {
  server s = made_server("web", 1);
  give_ports(s);
  s.ports[0]->up = false;
  sum_up(s, at(1s));
  EXPECT_TRUE(s.live->up);
  EXPECT_FALSE(speaks_for(s, 80)) << "it is not down";
  s.ports[1]->up = false;
  sum_up(s, at(2s));
  EXPECT_FALSE(s.live->up);
  EXPECT_TRUE(speaks_for(s, 80));
  EXPECT_FALSE(speaks_for(s, 443)) << "one speaks for all";
  s.ports[1]->up = true;
  sum_up(s, at(3s));
  EXPECT_TRUE(s.live->up);
  EXPECT_EQ(s.live->returned_at, at(3s).time_since_epoch().count());
}

}  // namespace
}  // namespace holdfast
