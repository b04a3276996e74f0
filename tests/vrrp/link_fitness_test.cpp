#include "vrrp/election/link_fitness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vrrp/made_plan.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

address at(std::string_view text) { return *address::parse(text); }

address_state on(int index, std::string_view host, std::uint8_t length, bool global = true) {
  return {.index = index, .host = at(host), .length = length, .global = global};
}

// eth0 is 2, and in the networks of the addresses.
struct front {
  group_plan plan = made_plan();
  link_table links{{2, {.index = 2, .name = "eth0", .up = true, .carrier = true}}};
  std::vector<address_state> addresses{on(2, "192.0.2.1", 24), on(2, "2001:db8::1", 64), on(2, "fe80::1", 64, false)};

  router_place of(bool six) const {
    const auto router = std::ranges::find_if(
        plan.routers, [&](const auto& r) { return r.key.interface == "eth0" && r.key.six == six; });
    return place_of(*router, plan.said, links, addresses);
  }
};

TEST(RouterPlace, IsWhereTheInterfaceHasAnAddressOfItsOwn) {
  const front f;
  const router_place four = f.of(false);
  ASSERT_TRUE(four.on);
  EXPECT_EQ(four.on->index, 2);
  EXPECT_EQ(four.why_not, "");
  EXPECT_EQ(four.primary, at("192.0.2.1"));
  EXPECT_THAT(four.own, IsEmpty());
  EXPECT_THAT(four.beyond, IsEmpty());
  EXPECT_EQ(f.of(true).primary, at("fe80::1")) << "RFC 9568: adverts come from the link-local one";
  EXPECT_EQ(f.of(true).link_local, at("fe80::1"));
}

TEST(RouterPlace, IsNoneWithoutItsInterface) {
  front f;
  f.links.clear();
  EXPECT_FALSE(f.of(false).on);
}

TEST(RouterPlace, LacksAnAddressInWords) {
  front f;
  f.addresses = {on(2, "2001:db8::1", 64)};
  EXPECT_EQ(f.of(false).why_not, "eth0 has no IPv4 address of its own");
  EXPECT_EQ(f.of(true).why_not, "eth0 has no link-local address");
}

TEST(RouterPlace, TellsAddressesThatTheBoxHasOfItsOwn) {
  front f;
  f.addresses.push_back(on(2, "192.0.2.80", 24));
  EXPECT_THAT(f.of(false).own, ElementsAre(leased_address{2, at("192.0.2.80"), 24}));
}

TEST(RouterPlace, TellsAddressesOfNoNetworkThere) {
  front f;
  f.addresses.front() = on(2, "203.0.113.1", 24);
  EXPECT_THAT(f.of(false).beyond, ElementsAre(at("192.0.2.80"), at("192.0.2.81")));
}

TEST(LinkFitness, IsLostWithTheInterfaceOrItsCarrier) {
  front f;
  EXPECT_EQ(trouble_with("eth0", f.links), "");
  f.links.at(2).carrier = false;
  EXPECT_EQ(trouble_with("eth0", f.links), "eth0 has no carrier");
  EXPECT_EQ(trouble_with("eth1", f.links), "no interface eth1");
}

TEST(LinkFitness, TellsNewsOnly) {
  link_fitness links;
  EXPECT_FALSE(links.judge("eth0", "")) << "fit from the beginning";
  const auto lost = links.judge("eth0", "eth0 has no carrier");
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->how, fitness::fault);
  EXPECT_EQ(lost->about, "eth0");
  EXPECT_EQ(lost->why, "eth0 has no carrier");
  EXPECT_TRUE(lost->deaf) << "what was heard on it before proves nothing";
  EXPECT_FALSE(links.judge("eth0", "eth0 has no carrier"));
  EXPECT_TRUE(links.judge("eth0", "no interface eth0")) << "another reason is news";
  const auto back = links.judge("eth0", "");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->how, fitness::fit);
}

TEST(LinkFitness, KeepsFamiliesApart) {
  EXPECT_EQ(name_of(router_key{"eth0", 51, false}), "eth0 IPv4");
  EXPECT_EQ(name_of(router_key{"eth0", 51, true}), "eth0 IPv6");
}

}  // namespace
}  // namespace holdfast
