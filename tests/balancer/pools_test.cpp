#include "balancer/choice/pools.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {

namespace {

std::shared_ptr<const pool> pool_of(std::uint32_t service) {
  pool made = made_pool(1);
  made.service = service;
  return std::make_shared<const pool>(std::move(made));
}

TEST(Pools, KnowsTheNewestOfEachService) {
  pools known;
  const auto a = pool_of(1), b = pool_of(2), newer = pool_of(1);
  known.adopt(a);
  known.adopt(b);
  known.adopt(newer);
  EXPECT_EQ(known.newest(1)->what, newer);
  EXPECT_EQ(known.newest(2)->what, b);
  EXPECT_EQ(known.newest(3), nullptr);
}

TEST(Pools, LetsAFormerOneGoWithItsLastFlow) {
  pools known;
  auto former = pool_of(1);
  const std::weak_ptr<const pool> watched = former;
  known.adopt(std::move(former));
  pool_use& use = *known.newest(1);
  known.begin(use);
  known.begin(use);
  known.adopt(pool_of(1));
  known.end(use);
  EXPECT_FALSE(watched.expired());
  known.end(use);
  EXPECT_TRUE(watched.expired());
}

TEST(Pools, LetsAnUnusedOneGoAtOnceAndKeepsTheNewestWithoutFlows) {
  pools known;
  auto former = pool_of(1);
  const std::weak_ptr<const pool> watched = former;
  known.adopt(std::move(former));
  pool_use& use = *known.newest(1);
  known.begin(use);
  known.end(use);
  EXPECT_FALSE(watched.expired());
  known.adopt(pool_of(1));
  EXPECT_TRUE(watched.expired());
}

TEST(Pools, ForgetsAService) {
  pools known;
  auto last = pool_of(1);
  const std::weak_ptr<const pool> watched = last;
  known.adopt(std::move(last));
  pool_use& use = *known.newest(1);
  known.begin(use);
  known.forget(1);
  EXPECT_EQ(known.newest(1), nullptr);
  EXPECT_FALSE(watched.expired());
  known.end(use);
  EXPECT_TRUE(watched.expired());
  known.forget(7);
}

}  // namespace

}  // namespace holdfast
