#include "vrrp/message/fitness.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Fitness, HasAWordForEach) {
  EXPECT_EQ(name_of(fitness::fit), "fit");
  EXPECT_EQ(name_of(fitness::degraded), "degraded");
  EXPECT_EQ(name_of(fitness::fault), "fault");
}

TEST(Fitness, IsWorseTheLaterItIsNamed) {
  EXPECT_LT(fitness::fit, fitness::degraded);
  EXPECT_LT(fitness::degraded, fitness::fault);
}

}  // namespace
}  // namespace holdfast
