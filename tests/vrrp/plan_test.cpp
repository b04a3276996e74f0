#include "vrrp/election/plan.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_plan.h"

namespace holdfast {
namespace {

TEST(Plan, MakesARouterOfEachInterfaceIdAndFamily) {
  const auto plan = plan_of(with_group());
  ASSERT_EQ(plan.size(), 1U);
  ASSERT_EQ(plan[0].routers.size(), 3U);
  std::size_t addresses = 0;
  for (const router_plan& r : plan[0].routers) {
    addresses += r.addresses.size();
    EXPECT_EQ(r.says.addresses.size(), r.addresses.size());
    EXPECT_EQ(r.says.family == ip_family::v6, r.key.six);
    EXPECT_EQ(r.says.id, r.key.id);
  }
  EXPECT_EQ(addresses, 4U);
}

TEST(Plan, GivesPeersToTheirOwnFamily) {
  settings s = with_group();
  s.vrrp["front"].peers = {*address::parse("10.0.0.2"), *address::parse("fe80::2")};
  const auto plan = plan_of(s);
  for (const router_plan& r : plan[0].routers) {
    ASSERT_EQ(r.says.peers.size(), 1U);
    EXPECT_EQ(r.says.peers[0].is_v4(), !r.key.six);
  }
}

TEST(Plan, SpeaksVersion3InIpv6Always) {
  settings s = with_group();
  s.vrrp["front"].version = vrrp_version::two;
  const auto plan = plan_of(s);
  for (const router_plan& r : plan[0].routers) {
    EXPECT_EQ(r.says.version, r.key.six ? vrrp_version::three : vrrp_version::two);
  }
}

TEST(Plan, LeavesOutGroupsThatAreNotFinished) {
  settings s = with_group();
  s.vrrp["front"].id = 0;
  EXPECT_TRUE(plan_of(s).empty());
  s = with_group();
  s.vrrp["front"].addresses.clear();
  EXPECT_TRUE(plan_of(s).empty());
}

TEST(Plan, WatchesTheBalancerOnlyWhereThereIsOne) {
  settings s = with_group();
  EXPECT_FALSE(plan_of(s)[0].watches_balancer);
  s.services["web"].listeners.push_back({.host = "", .port = "80", .path = ""});
  EXPECT_TRUE(plan_of(s)[0].watches_balancer);
  s.vrrp["front"].standalone = true;
  EXPECT_FALSE(plan_of(s)[0].watches_balancer);
}

TEST(Plan, TellsAnotherGroupFromOneWithOtherNumbers) {
  settings s = with_group();
  const auto before = plan_of(s)[0];
  s.vrrp["front"].priority = 150;
  s.vrrp["front"].addresses.pop_back();
  s.vrrp["front"].addresses.push_back({.host = *address::parse("198.51.100.2"), .interface = "eth1", .id = 52});
  EXPECT_TRUE(same_routers(before, plan_of(s)[0]));
  s.vrrp["front"].id = 53;
  EXPECT_FALSE(same_routers(before, plan_of(s)[0]));
}

TEST(LeaseOf, IsThreeIntervalsOrWhatIsSaid) {
  vrrp_settings g;
  EXPECT_EQ(lease_of(g, 1s), 3s);
  EXPECT_EQ(lease_of(g, 50ms), 1s);
  EXPECT_EQ(lease_of(g, 1250ms), 3s) << "no longer than the others wait";
  EXPECT_EQ(lease_of(g, 40s), 60s);
  g.lease = 5s;
  EXPECT_EQ(lease_of(g, 1s), 5s);
  g.lease = 0s;
  EXPECT_EQ(lease_of(g, 1s), 0s);
}

TEST(TempoOf, IsAbleWithTheWireAndVersion3) {
  vrrp_settings g;
  EXPECT_EQ(tempo_of(g), tempo::parameters{});
  g.interval = 100ms;
  EXPECT_EQ(tempo_of(g).said, 100ms);
  g.version = vrrp_version::mixed;
  EXPECT_EQ(tempo_of(g).unable, "version 2 takes part");
  g.wire = false;
  EXPECT_EQ(tempo_of(g).unable, "the wire is off");
}

TEST(Plan, BeginsWithTheSlowestInterval) {
  settings s = with_group();
  EXPECT_EQ(plan_of(s)[0].routers[0].says.interval, 1s);
  EXPECT_EQ(plan_of(s)[0].routers[0].announces.lease, 3s) << "of whoever had the addresses before";
  s.vrrp["front"].interval = 50ms;
  EXPECT_EQ(plan_of(s)[0].routers[0].says.interval, 50ms);
}

TEST(OwnAddresses, AreThoseOfTheInterfaceOfTheirRouter) {
  const auto plan = plan_of(with_group());
  const std::vector<link_state> links = {{.index = 2, .name = "eth0"}, {.index = 3, .name = "eth1"}};
  const std::vector<address_state> present = {{.index = 2, .host = *address::parse("192.0.2.81"), .length = 32},
                                              {.index = 3, .host = *address::parse("192.0.2.80"), .length = 24}};
  const auto said = own_addresses(links, present, plan);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0],
            "192.0.2.81 is this box's own address on eth0 and stays here, whoever is active: expected an address that "
            "no box has of its own, or priority 255 on this one alone");
  EXPECT_EQ(own_address_sentence(present[0].host, "eth0", 255),
            "192.0.2.81 is this box's own address on eth0 and stays here");
}

TEST(Plan, SaysWhatItsMachinesBeginWith) {
  settings s = with_group();
  vrrp_settings& g = s.vrrp["front"];
  g.priority = 120;
  g.version = vrrp_version::two;
  g.watch = address::v4(0xc0000201);
  g.patience = std::chrono::milliseconds(70);
  g.standalone = true;
  const auto plan = plan_of(s);
  const group::parameters p = parameters_of("lb1", plan[0]);
  EXPECT_EQ(p.node, "lb1");
  EXPECT_EQ(p.priority, 120);
  EXPECT_EQ(p.interval, slowest_interval(g.interval));
  EXPECT_FALSE(p.learns) << "version 2 says no interval to learn";
  EXPECT_TRUE(p.watches);
  EXPECT_EQ(p.routers.size(), plan[0].routers.size());
  EXPECT_EQ(track_of(plan[0]).patience, g.patience);
  EXPECT_FALSE(track_of(plan[0]).wanted);
}

TEST(Plan, KnowsWhatItWouldPutOnWhere) {
  const std::vector<link_state> links{{.index = 2, .name = "eth0"}, {.index = 9, .name = "eth9"}};
  const auto all = leased_of(links, plan_of(with_group()));
  ASSERT_EQ(all.size(), 3U) << "there is no eth1";
  for (const leased_address& a : all) EXPECT_EQ(a.index, 2);
}

}  // namespace
}  // namespace holdfast
