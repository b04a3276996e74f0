#include "balancer/refusals.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

TEST(Refusals, AreSaidAtOnceAndThenOnceAMinute) {
  pool p = made_pool(1);
  p.policy.name = "web";
  refusals of;
  EXPECT_EQ(of.say(p, at(0s)), std::nullopt);
  p.live->full = 1;
  EXPECT_EQ(of.say(p, at(1s)), "service=web full=1");
  p.live->full = 3;
  p.live->refused_acl = 5;
  EXPECT_EQ(of.say(p, at(60s)), std::nullopt);
  p.live->full = 4;
  EXPECT_EQ(of.say(p, at(61s)), "service=web full=3 refused_acl=5");
  EXPECT_EQ(of.say(p, at(200s)), std::nullopt);
  p.live->to_abuse = 1;
  EXPECT_EQ(of.say(p, at(201s)), "service=web to_abuse=1");
}

TEST(Refusals, TellEveryCounter) {
  pool p = made_pool(1);
  for (const auto& [word, counter] : refusal_counters) (*p.live).*counter = 2;
  EXPECT_EQ(refusals().say(p, at(0s)),
            "service=default full=2 pending_full=2 no_files=2 refused_acl=2 no_server=2 to_emergency=2 to_abuse=2");
}

}  // namespace
}  // namespace holdfast
