#include "balancer/daemon/client_orders.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

const address who = address::v4(0x0a020001);

struct services {
  pool web = made_pool(2, service_called("web")), mail = made_pool(1, service_called("mail"));
  const pool* const all[2] = {&web, &mail};
};

TEST(ClientOrders, ForgetAClientEverywhere) {
  services s;
  EXPECT_EQ(forget_client(s.all, who, wall_at(0s)).message, "no service knows the client 10.2.0.1");
  s.mail.clients->settle(who, 1, wall_at(0s));
  EXPECT_EQ(forget_client(s.all, who, wall_at(1s)).message, "10.2.0.1 is forgotten, and given a server anew");
  EXPECT_EQ(s.mail.clients->size(), 0U);
}

TEST(ClientOrders, PinAClientToAServer) {
  services s;
  const reply done = pin_client(s.all, "web", who, "web1", wall_at(0s));
  EXPECT_EQ(done.message, "10.2.0.1 goes to web/web1 from its next connection on");
  ASSERT_EQ(s.web.clients->recent(0, 9).size(), 1U);
  EXPECT_EQ(s.web.clients->recent(0, 9)[0].server, s.web.servers[1].id);
}

TEST(ClientOrders, ExpectAServiceAServerAndAMemory) {
  services s;
  EXPECT_EQ(pin_client(s.all, "shop", who, "web1", wall_at(0s)).message, "no service shop");
  EXPECT_EQ(pin_client(s.all, "web", who, "nobody", wall_at(0s)).message, "expected a server of service web");
  s.web.policy.roundrobin = true;
  EXPECT_EQ(pin_client(s.all, "web", who, "web1", wall_at(0s)).message, "service web remembers no clients: roundrobin");
}

}  // namespace
}  // namespace holdfast
