#include "balancer/farm/own_listeners.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

endpoint place_at(const char* host, std::uint16_t port) { return {*address::parse(host), port, {}}; }

bool one_in_the_way(const endpoint& ours, const endpoint& where) {
  own_listeners c;
  c.add(ours);
  return c.in_the_way_of(where, at(0s));
}

TEST(OwnListeners, StandInTheWayOfTheSamePlaceAndOfAnyAddress) {
  const endpoint here = place_at("192.0.2.1", 80);
  EXPECT_TRUE(one_in_the_way(here, here));
  EXPECT_TRUE(one_in_the_way(here, place_at("0.0.0.0", 80)));
  EXPECT_TRUE(one_in_the_way(place_at("0.0.0.0", 80), here));
  EXPECT_TRUE(one_in_the_way(place_at("::", 80), place_at("2001:db8::1", 80)));
}

TEST(OwnListeners, LeaveOtherPlacesAlone) {
  const endpoint here = place_at("192.0.2.1", 80);
  EXPECT_FALSE(own_listeners().in_the_way_of(here, at(0s)));
  EXPECT_FALSE(one_in_the_way(here, place_at("192.0.2.1", 81)));
  EXPECT_FALSE(one_in_the_way(here, place_at("192.0.2.2", 80)));
  EXPECT_FALSE(one_in_the_way(here, place_at("::", 80))) << "an IPv6 listener takes no IPv4";
  EXPECT_FALSE(one_in_the_way({{}, 0, "/a"}, {{}, 0, "/a"}));
}

TEST(OwnListeners, OutliveAListenerForAMoment) {
  const endpoint here = place_at("192.0.2.1", 80), there = place_at("192.0.2.2", 80);
  own_listeners c;
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

TEST(SharedPlaces, AreThoseOfTwoServicesThatAreOne) {
  const endpoint here = place_at("127.0.0.1", 80), there = place_at("127.0.0.1", 81), any = place_at("0.0.0.0", 80);
  EXPECT_TRUE(
      shared_places({{"a", "listen 127.0.0.1:80", here}, {"b", "listen 81", there}, {"c", "listen 80", any}}).empty())
      << "the kernel prefers an address to any";
  EXPECT_TRUE(shared_places({{"a", "listen 127.0.0.1:80", here}, {"a", "listen localhost:80", here}}).empty());
  const endpoint free = place_at("127.0.0.1", 0);
  EXPECT_TRUE(shared_places({{"a", "listen 127.0.0.1:0", free}, {"b", "listen 127.0.0.1:0", free}}).empty());
  const finding one{severity::refuses, "service b listen localhost:80",
                    "service b: listen localhost:80 is 127.0.0.1:80, where service a listens already"};
  EXPECT_EQ(shared_places({{"a", "listen 127.0.0.1:80", here}, {"b", "listen localhost:80", here}}), findings{one});
}

}  // namespace
}  // namespace holdfast
