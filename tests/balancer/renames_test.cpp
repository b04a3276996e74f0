#include "balancer/farm/renames.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

service_settings with(const std::vector<std::pair<std::string, std::string>>& servers) {
  service_settings out;
  for (const auto& [name, port] : servers) out.servers.push_back({.name = name, .where = {"192.0.2.1", port, ""}});
  return out;
}

using list = std::vector<rename>;

TEST(Renames, AreOneGoneAndOneComeAtOnePlace) {
  EXPECT_EQ(renames(with({{"a", "1"}, {"b", "2"}}), with({{"alpha", "1"}, {"b", "2"}})), (list{{"a", "alpha"}}));
  EXPECT_EQ(renames(with({{"0", "1"}}), with({{"web", "1"}})), (list{{"192.0.2.1:1", "web"}}));
}

TEST(Renames, AreNoneAtAnotherPlace) { EXPECT_EQ(renames(with({{"a", "1"}}), with({{"alpha", "2"}})), list{}); }

TEST(Renames, AreNoneWhereTheFormerOneStaysOrTheNewOneWas) {
  EXPECT_EQ(renames(with({{"a", "1"}}), with({{"alpha", "1"}, {"a", "2"}})), list{});
  EXPECT_EQ(renames(with({{"a", "1"}, {"alpha", "2"}}), with({{"alpha", "1"}})), list{});
}

TEST(Renames, AreNoneWhereTwoAreAtOnePlace) {
  EXPECT_EQ(renames(with({{"a", "1"}, {"b", "1"}}), with({{"c", "1"}})), list{});
  EXPECT_EQ(renames(with({{"a", "1"}}), with({{"b", "1"}, {"c", "1"}})), list{});
}

TEST(Renames, AreNoneOfSlotsWithoutAddress) {
  service_settings former, wanted;
  former.servers = {{.name = "a"}};
  wanted.servers = {{.name = "b"}};
  EXPECT_EQ(renames(former, wanted), list{});
}

}  // namespace
}  // namespace holdfast
