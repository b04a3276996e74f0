#include "balancer/claims.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

endpoint place_at(const char* host, std::uint16_t port) { return {*address::parse(host), port, {}}; }

bool one_in_the_way(const endpoint& ours, const endpoint& where) {
  claims c;
  c.add(ours);
  return c.in_the_way_of(where, at(0s));
}

TEST(Claims, StandInTheWayOfTheSamePlaceAndOfAnyAddress) {
  const endpoint here = place_at("192.0.2.1", 80);
  EXPECT_TRUE(one_in_the_way(here, here));
  EXPECT_TRUE(one_in_the_way(here, place_at("0.0.0.0", 80)));
  EXPECT_TRUE(one_in_the_way(place_at("0.0.0.0", 80), here));
  EXPECT_TRUE(one_in_the_way(place_at("::", 80), place_at("2001:db8::1", 80)));
}

TEST(Claims, LeaveOtherPlacesAlone) {
  const endpoint here = place_at("192.0.2.1", 80);
  EXPECT_FALSE(claims().in_the_way_of(here, at(0s)));
  EXPECT_FALSE(one_in_the_way(here, place_at("192.0.2.1", 81)));
  EXPECT_FALSE(one_in_the_way(here, place_at("192.0.2.2", 80)));
  EXPECT_FALSE(one_in_the_way(here, place_at("::", 80))) << "an IPv6 listener takes no IPv4";
  EXPECT_FALSE(one_in_the_way({{}, 0, "/a"}, {{}, 0, "/a"}));
}

TEST(Claims, OutliveAListenerForAMoment) {
  const endpoint here = place_at("192.0.2.1", 80), there = place_at("192.0.2.2", 80);
  claims c;
  c.add(here);
  c.add(there);
  c.hold({here}, at(0s));
  EXPECT_TRUE(c.in_the_way_of(here, at(9s)));
  EXPECT_TRUE(c.in_the_way_of(there, at(1s))) << "a worker may not have closed it yet";
  EXPECT_FALSE(c.in_the_way_of(there, at(6s)));
  c.hold({here}, at(7s));
  c.add(there);
  c.hold({here, there}, at(8s));
  EXPECT_TRUE(c.in_the_way_of(there, at(99s)));
}

}  // namespace
}  // namespace holdfast
