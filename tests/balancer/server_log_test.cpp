#include "balancer/farm/server_log.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

server_failed failure_of(server_id server, bool blacklisted = false) {
  server_failed what{};
  what.service = 1;
  what.server = server;
  what.why = "refused";
  what.blacklisted = blacklisted;
  return what;
}

TEST(ServerLog, SaysEachKindOnceAMinuteOfEachServer) {
  server_log log;
  const server web = made_server("web1", 1);
  EXPECT_EQ(log.failed(failure_of(1), "web", &web, at(0s)), "service=web server=web1 connect=failed why=\"refused\"");
  EXPECT_EQ(log.failed(failure_of(1), "web", &web, at(1s)), std::nullopt);
  server_returned back{};
  back.service = 1;
  back.server = 1;
  EXPECT_EQ(log.returned(back, "web", web, at(1s)), "service=web server=web1 state=returned");
  EXPECT_TRUE(log.failed(failure_of(2), "web", nullptr, at(1s))) << "another server";
}

TEST(ServerLog, SaysWhatBecameOfIt) {
  server_log log;
  EXPECT_EQ(log.failed(failure_of(1, true), "web", nullptr, at(0s)),
            "service=web server=removed state=blacklisted why=\"refused\"");
}

}  // namespace
}  // namespace holdfast
