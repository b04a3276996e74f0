#include "balancer/farm/orders.h"

#include <gmock/gmock.h>

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Servers 1 and 2 of service web.
class Orders : public ::testing::Test {
 protected:
  Orders() {
    for (settings* s : {&before, &again, &running}) {
      s->services["web"].name = "web";
      s->services["web"].servers = {{.name = "1", .where = {"10.0.0.1", "80", ""}},
                                    {.name = "2", .where = {"10.0.0.2", "80", ""}}};
    }
  }
  static server_settings& first(settings& of) { return of.services["web"].servers.front(); }

  settings before, again, running;
};

TEST_F(Orders, OutliveAReload) {
  first(running).drain = true;
  first(running).weight = 3;
  EXPECT_EQ(with_orders(again, before, running), running);
  EXPECT_THAT(ordered_servers(before, running), ElementsAre("web/1"));
}

TEST_F(Orders, YieldToWhatTheFileNewlySays) {
  first(running).drain = true;
  first(running).weight = 3;
  first(again).weight = 5;
  const settings now = with_orders(again, before, running);
  EXPECT_EQ(now.services.at("web").servers.front().weight, 5U);
  EXPECT_TRUE(now.services.at("web").servers.front().drain);
}

TEST_F(Orders, AreOfServersThatTheFileHas) {
  first(running).drain = true;
  running.services["web"].servers.push_back({.name = "3", .where = {"10.0.0.3", "80", ""}});
  again.services["web"].servers.erase(again.services["web"].servers.begin());
  EXPECT_EQ(with_orders(again, before, running), again);
  again.services.clear();
  EXPECT_EQ(with_orders(again, before, running), again);
}

TEST_F(Orders, AreNothingElse) {
  running.services["web"].timeout = std::chrono::seconds(7);
  first(running).where.port = "8080";
  EXPECT_EQ(with_orders(again, before, running), again);
  EXPECT_THAT(ordered_servers(before, running), IsEmpty());
}

}  // namespace
}  // namespace holdfast
