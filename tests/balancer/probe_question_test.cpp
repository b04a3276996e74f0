#include "balancer/health/probe_question.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

const endpoint web{.host = address::v4(0x0a000101), .port = 8080, .path = {}};
const endpoint local{.host = {}, .port = 0, .path = "/run/web"};

TEST(ProbeQuestion, IsARequestForThePath) {
  const check_settings check{.how = check_kind::http, .path = "/alive"};
  EXPECT_EQ(probe_request(check, web, ""),
            "GET /alive HTTP/1.0\r\nHost: 10.0.1.1:8080\r\nUser-Agent: holdfast-check\r\nConnection: close\r\n\r\n");
}

TEST(ProbeQuestion, NamesTheHostAsTheConfigurationDoes) {
  check_settings check{.how = check_kind::http};
  const auto names = [&](const endpoint& at, const std::string& host, const std::string& expected) {
    EXPECT_NE(probe_request(check, at, host).find("\r\nHost: " + expected + "\r\n"), std::string::npos) << expected;
  };
  names(web, "web.example", "web.example:8080");
  names(local, "", "localhost");
  check.host = "shop.example";
  names(web, "web.example", "shop.example");
  names(local, "", "shop.example");
}

TEST(ProbeQuestion, GoesToThePortOfTheCheck) {
  check_settings check{.how = check_kind::tcp};
  EXPECT_EQ(probe_place(check, web), web);
  check.port = 99;
  EXPECT_EQ(probe_place(check, web).port, 99);
  EXPECT_EQ(probe_place(check, local), local);
}

TEST(ProbeQuestion, ComesFromAnAddressThatIsHere) {
  pool p = made_pool(1);
  const address source = address::v4(0x0a000063);
  EXPECT_EQ(probe_source(p, {}), std::nullopt) << "none is said";
  p.policy.source = source;
  EXPECT_EQ(probe_source(p, {}), source) << "it is this machine's for good";
  p.source_moves = true;
  EXPECT_EQ(probe_source(p, {}), std::nullopt) << "another node has it";
  EXPECT_EQ(probe_source(p, {source}), source);
}

TEST(ProbeQuestion, IsAnsweredByAnExpectedStatus) {
  const check_settings check{.how = check_kind::http, .expect_low = 200, .expect_high = 299};
  EXPECT_EQ(objection_to_status(check, 200), "");
  EXPECT_EQ(objection_to_status(check, 299), "");
  EXPECT_EQ(objection_to_status(check, 300), "status 300");
  EXPECT_EQ(objection_to_status(check, 199), "status 199");
}

}  // namespace
}  // namespace holdfast
