#include "balancer/doubts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Doubts, ArisesOverCountriesWithoutADatabase) {
  settings said;
  said.acls["near"] = {{true, *prefix::parse("10.0.0.0/8")}};
  EXPECT_TRUE(doubts(said).empty());
  said.acls["home"] = {{true, *prefix::parse("10.0.0.0/8")}, {true, country{{'G', 'B'}}}};
  EXPECT_THAT(doubts(said), testing::ElementsAre(testing::StartsWith("acl home has rules for countries")));
  said.geoip = "/countries.mmdb";
  EXPECT_TRUE(doubts(said).empty());
}

TEST(Doubts, ArisesOverASourceOfAnotherFamily) {
  settings said;
  service_settings& web = said.services["web"];
  web.source = *address::parse("127.0.0.1");
  web.servers = {{.name = "a", .where = {"10.0.0.1", "80", ""}}, {.name = "n", .where = {"name", "80", ""}}};
  EXPECT_TRUE(doubts(said).empty());
  web.servers.push_back({.name = "six", .where = {"::1", "80", ""}});
  EXPECT_THAT(doubts(said), testing::ElementsAre(testing::HasSubstr("server six can't be reached from source")));
}

}  // namespace
}  // namespace holdfast
