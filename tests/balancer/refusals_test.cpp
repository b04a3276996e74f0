#include "balancer/show/refusals.h"

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
            "service=default full=2 pending_full=2 no_files=2 no_room=2 misconfigured=2 refused_acl=2 no_server=2 "
            "server_down=2 departed=2 "
            "to_emergency=2 to_abuse=2");
}

TEST(ForgottenClients, AreSaidAMinuteAfterItBeganAndThenOnceAnHour) {
  pool p = made_pool(1);
  p.policy.name = "web";
  p.clients = std::make_shared<client_table>(2, 1);
  p.clients->know(1, 7);
  std::uint32_t next = 0;
  const auto come = [&](std::uint32_t count) {
    while (count-- > 0) p.clients->settle(address::v4(++next), 1, wall_at(0s));
  };
  forgotten_clients of;
  const auto say = [&](duration when) { return of.say(p, at(when), wall_at(when)); };
  come(2);
  EXPECT_EQ(say(1s), std::nullopt);
  come(1);
  EXPECT_EQ(say(2s), std::nullopt);
  come(4);
  EXPECT_EQ(say(61s), std::nullopt);
  EXPECT_EQ(say(62s), "service=web clients_forgotten=5 clients_max=2 would_hold=7");
  come(1);
  EXPECT_EQ(say(1h), std::nullopt);
  EXPECT_EQ(say(1h + 62s), "service=web clients_forgotten=1 clients_max=2 would_hold=8");
  EXPECT_EQ(say(9h), std::nullopt);
}

}  // namespace
}  // namespace holdfast
