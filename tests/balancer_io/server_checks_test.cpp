#include <boost/asio/io_context.hpp>

#include "balancer/farm/server_checks_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/backend.h"

namespace holdfast {
namespace {

// Of two ports one is closed: it alone is down.
TEST(ServerChecks, JudgeThePortsOfAServerApart) {
  backend alive(echo);
  endpoint dead;
  {
    const descriptor closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    ASSERT_EQ(bind(closed.get(), any.get(), any.length), 0);
    dead = local_name(closed.get());
  }
  service_settings policy;
  policy.check = {.how = check_kind::tcp, .every = 100ms, .rise = 1, .fall = 1};
  auto of = std::make_shared<pool>(made_pool(1, policy));
  server& s = of->servers[0];
  s.where = {.host = alive.where().host, .port = 0, .path = {}};
  for (const std::uint16_t port : {std::min(dead.port, alive.where().port), std::max(dead.port, alive.where().port)}) {
    s.ports.push_back(std::make_shared<port_live>(port));
  }
  boost::asio::io_context io;
  std::vector<server_checks::news> heard;
  server_checks checks(
      io, 1,
      [&](const server_checks::news& what) {
        heard.push_back(what);
        io.stop();
      },
      [](server_id, bool) {});
  checks.renew(of, 0);
  io.run_for(10s);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].what, server_news::down);
  EXPECT_EQ(heard[0].at, dead.text());
  EXPECT_FALSE(s.reach(dead.port).up);
  EXPECT_TRUE(s.reach(alive.where().port).up);
  EXPECT_TRUE(s.live->up) << "one port is";

  // One check for all then knows nothing of what the ports' own had found, nor do those that come after it.
  s.live->up = false;
  of->policy.check.port = dead.port;
  checks.renew(of, 0);
  EXPECT_TRUE(s.live->up);
  EXPECT_TRUE(s.reach(dead.port).up);
  heard.clear();
  io.restart();
  io.run_for(10s);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_FALSE(s.live->up);
  of->policy.check.port = 0;
  checks.renew(of, 0);
  EXPECT_TRUE(s.live->up);
}

}  // namespace
}  // namespace holdfast
