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

}  // namespace
}  // namespace holdfast
