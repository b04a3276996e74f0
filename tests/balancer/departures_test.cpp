#include "balancer/farm/departures.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using numbered = departures<std::uint32_t>;

TEST(Departures, CloseWhatHasLeftWhenItsGraceIsOver) {
  numbered d;
  EXPECT_TRUE(d.on(numbered::left{7, 30s}, at(0s)).empty());
  EXPECT_EQ(d.deadline(), at(30s));
  EXPECT_TRUE(d.on(wake{}, at(29s)).empty());
  const auto orders = d.on(wake{}, at(30s));
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_EQ(orders[0].who, 7U);
  EXPECT_EQ(d.deadline(), std::nullopt);
}

TEST(Departures, CloseNothingOfWhatCameBack) {
  numbered d;
  d.on(numbered::left{7, 30s}, at(0s));
  d.on(numbered::came_back{7}, at(10s));
  EXPECT_EQ(d.deadline(), std::nullopt);
  EXPECT_TRUE(d.on(wake{}, at(1h)).empty());
}

TEST(Departures, AreNotPutOffByWhatIsSaidLater) {
  numbered d;
  d.on(numbered::left{7, 30s}, at(0s));
  d.on(numbered::left{7, 30s}, at(20s));
  EXPECT_EQ(d.deadline(), at(30s));
}

TEST(Departures, OfManyTakeTurns) {
  numbered d;
  for (std::uint32_t i = 0; i < 20; ++i) d.on(numbered::left{i, 0s}, at(0s));
  EXPECT_EQ(d.on(wake{}, at(1s)).size(), numbered::share);
  EXPECT_EQ(d.deadline(), at(0s));
  EXPECT_EQ(d.on(wake{}, at(1s)).size(), 20 - numbered::share);
}

}  // namespace
}  // namespace holdfast
