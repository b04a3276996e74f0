#include "vrrp/front/link_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {

namespace {

using ::testing::ElementsAre;

address at(std::string_view text) { return *address::parse(text); }

address_state on(int index, std::string_view host, bool global = true) {
  return {.index = index, .host = at(host), .length = 24, .global = global};
}

TEST(Primary, IsTheFirstGlobalAddressThatIsNotMovable) {
  const std::vector all = {on(2, "127.0.0.1", false), on(3, "10.0.0.9"), on(2, "10.0.0.80"),
                           on(2, "fd00::1"),          on(2, "10.0.0.1"), on(2, "10.0.0.2")};
  EXPECT_EQ(primary_of(all, 2, std::vector{at("10.0.0.80")}), at("10.0.0.1"));
  EXPECT_EQ(primary_of(all, 2, {}), at("10.0.0.80"));
  EXPECT_EQ(primary_of(all, 4, {}), std::nullopt);
}

TEST(Primary, IsNoneOfOurOrigin) {
  std::vector all = {on(2, "10.0.0.80"), on(2, "10.0.0.1")};
  all[0].origin = our_origin;
  EXPECT_EQ(primary_of(all, 2, {}), at("10.0.0.1"));
  all.pop_back();
  EXPECT_EQ(primary_of(all, 2, {}), std::nullopt);
}

// Without origins, what ends some day is ours.
TEST(Primary, IsAMovableOneOfTheBoxItselfWhereThereIsNoOther) {
  std::vector all = {on(2, "10.0.0.80"), on(2, "10.0.0.1")};
  const std::vector movable{at("10.0.0.80")};
  EXPECT_EQ(primary_of(all, 2, movable), at("10.0.0.1"));
  all.pop_back();
  EXPECT_EQ(primary_of(all, 2, movable), at("10.0.0.80"));
  all[0].left = 3;
  EXPECT_EQ(primary_of(all, 2, movable), std::nullopt);
}

TEST(LinkLocal, IsOneThatCanBeUsedAndIsNotMovable) {
  std::vector all = {on(2, "fd00::1"), on(2, "fe80::1", false), on(2, "fe80::2", false), on(2, "fe80::3", false),
                     on(2, "febf::4", false)};
  all[1].tentative = true;
  all[2].dad_failed = true;
  EXPECT_EQ(link_local_of(all, 2, {}), at("fe80::3"));
  EXPECT_EQ(link_local_of(all, 2, std::vector{at("fe80::3")}), at("febf::4"));
  EXPECT_EQ(link_local_of(all, 3, {}), std::nullopt);
}

TEST(Source, IsTheAddressThatPeersKnow) {
  const std::vector all = {on(2, "fe80::1", false), on(2, "fd00::1"),   on(2, "2001:db8::1"),
                           on(2, "10.0.0.1"),       on(2, "192.0.2.1"), on(2, "192.0.2.80")};
  const std::vector movable{at("192.0.2.80")};
  const auto source = [&](bool six, std::string_view peer) {
    return source_of(all, 2, movable, six, peer.empty() ? std::vector<address>() : std::vector{at(peer)});
  };
  EXPECT_EQ(source(true, ""), at("fe80::1"));
  EXPECT_EQ(source(true, "fe80::2"), at("fe80::1"));
  EXPECT_EQ(source(true, "2001:db8::2"), at("2001:db8::1")) << "in its network";
  EXPECT_EQ(source(true, "2a00::2"), at("fd00::1")) << "beyond a router";
  EXPECT_EQ(source(true, "192.0.2.2"), at("fe80::1")) << "of the other family";
  EXPECT_EQ(source(false, ""), at("10.0.0.1"));
  EXPECT_EQ(source(false, "192.0.2.2"), at("192.0.2.1"));
  EXPECT_EQ(source(false, "198.51.100.2"), at("10.0.0.1"));
}

TEST(Reach, IsANetworkOfAnAddressOfItsOwn) {
  std::vector all = {on(2, "10.0.0.1"), on(3, "192.0.2.1"), on(2, "192.0.2.80"), on(2, "198.51.100.80")};
  all[2].origin = all[3].origin = our_origin;
  const std::vector movable{at("192.0.2.80")};
  EXPECT_TRUE(is_within_reach(all, 2, at("10.0.0.80"), movable));
  EXPECT_FALSE(is_within_reach(all, 2, at("192.0.2.81"), movable)) << "only by another virtual address";
  EXPECT_FALSE(is_within_reach(all, 2, at("198.51.100.81"), movable)) << "only by one of an earlier life";
  EXPECT_TRUE(is_within_reach(all, 3, at("192.0.2.80"), movable));
  EXPECT_FALSE(is_within_reach(all, 2, at("fd00::80"), movable));
}

TEST(Own, IsAMovableAddressThatSomebodyElsePutThere) {
  std::vector all = {on(2, "10.0.0.80"), on(2, "10.0.0.81"), on(3, "10.0.0.80"), on(2, "10.0.0.1")};
  const std::vector movable{at("10.0.0.80"), at("10.0.0.81")};
  all[1].left = 3;
  EXPECT_THAT(own_among(all, 2, movable), ElementsAre(leased_address{2, at("10.0.0.80"), 24}))
      << "without origins, what ends some day is ours";
  all[3].origin = 2;
  EXPECT_THAT(own_among(all, 2, movable),
              ElementsAre(leased_address{2, at("10.0.0.80"), 24}, leased_address{2, at("10.0.0.81"), 24}))
      << "with origins, one that DHCP has put there is not";
  all[0].origin = all[1].origin = our_origin;
  EXPECT_THAT(own_among(all, 2, movable), ElementsAre());
}

TEST(Leftovers, AreOurOriginAnywhere) {
  std::vector all = {on(2, "10.0.0.80"), on(3, "10.0.0.90"), on(2, "10.0.0.1")};
  all[1].origin = our_origin;
  all[0].left = 3;
  EXPECT_THAT(leftovers_of(all, std::vector<leased_address>{{2, at("10.0.0.80"), 32}}),
              ElementsAre(leased_address{3, at("10.0.0.90"), 24}));
}

TEST(Leftovers, AreWithoutOriginsTheConfiguredThatEndWhereTheyBelong) {
  std::vector all = {on(2, "10.0.0.80"), on(3, "10.0.0.80"), on(2, "10.0.0.81"), on(2, "10.0.0.1")};
  all[0].left = all[1].left = all[3].left = 3;
  const std::vector<leased_address> configured = {{2, at("10.0.0.80"), 32}, {2, at("10.0.0.81"), 24}};
  EXPECT_THAT(leftovers_of(all, configured), ElementsAre(leased_address{2, at("10.0.0.80"), 24}))  // as it is there
      << "one that lasts is the box's own";
}

TEST(Stuck, AreThoseOfOursThatSomebodyElseHas) {
  std::vector all = {on(2, "fd00::80"), on(2, "fd00::81"), on(3, "fd00::80")};
  for (address_state& a : all) a.dad_failed = true;
  all[1].dad_failed = false;
  const std::vector<leased_address> ours{{2, at("fd00::80"), 24}, {2, at("fd00::81"), 24}};
  EXPECT_THAT(stuck_among(all, ours), ElementsAre(ours[0]));
}

}  // namespace

}  // namespace holdfast
