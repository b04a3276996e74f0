#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "balancer/health/server_check_io.h"
#include "base/clock_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/backend.h"

namespace holdfast {
namespace {

// A check of one server, every 100 ms; one result counts.
struct checked {
  explicit checked(const endpoint& where) {
    service_settings policy;
    policy.check = {.how = check_kind::tcp, .every = 100ms, .rise = 1, .fall = 1};
    auto of = std::make_shared<pool>(made_pool(1, policy));
    live = of->servers[0].live;
    check = std::make_shared<server_check>(io, where, of, 1, live, [this](server_news what, const std::string&) {
      news.push_back(what);
      io.stop();
    });
  }
  ~checked() { check->stop(); }

  boost::asio::io_context io;
  std::shared_ptr<server_live> live;
  std::vector<server_news> news;
  std::shared_ptr<server_check> check;
};

TEST(ServerCheck, SaysThatAServerIsDown) {
  endpoint nobody;
  {
    const descriptor closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    ASSERT_EQ(bind(closed.get(), any.get(), any.length), 0);
    nobody = local_name(closed.get());
  }
  checked c(nobody);
  EXPECT_TRUE(c.live->up) << "until proven dead";
  c.io.run_for(10s);
  ASSERT_EQ(c.news.size(), 1U);
  EXPECT_EQ(c.news[0], server_news::down);
  EXPECT_FALSE(c.live->up);
  EXPECT_NE(c.live->ill_at, 0);
  c.check->stop();
  EXPECT_TRUE(c.live->up) << "nobody looks any more";
}

TEST(ServerCheck, LiftsABlacklistingWhenItPasses) {
  const backend alive(echo);
  checked c(alive.where());
  c.live->blacklisted_until = (monotonic_now() + 1h).time_since_epoch().count();
  c.io.run_for(10s);
  ASSERT_EQ(c.news.size(), 1U);
  EXPECT_EQ(c.news[0], server_news::returned);
  EXPECT_FALSE(c.live->is_blacklisted(monotonic_now()));
  EXPECT_NE(c.live->well_at, 0);
}

}  // namespace
}  // namespace holdfast
