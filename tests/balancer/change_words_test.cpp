#include "balancer/daemon/change_words.h"

#include <gtest/gtest.h>

#include "cli/language/grammar.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

std::string words(const std::string& line, const pool* of) {
  const auto said = parse(line, source::control);
  EXPECT_TRUE(said) << line;
  return change_words("it is so", *said, of);
}

pool web() { return made_pool(2, service_called("web")); }

TEST(ChangeWords, AreHowItIsWhereNoServerIsMeant) {
  const pool p = web();
  EXPECT_EQ(words("service web timeout 7s", &p), "it is so");
  EXPECT_EQ(words("debug 1", nullptr), "it is so");
}

TEST(ChangeWords, CountTheConnectionsOfAServer) {
  pool p = web();
  p.servers[0].live->connections = 1;
  EXPECT_EQ(words("service web server web0 max 5", &p), "it is so, 1 connection");
  p.servers[0].live->connections = 2;
  p.servers[0].drain = true;
  EXPECT_EQ(words("service web server web0 drain", &p), "it is so, 2 connections left");
}

TEST(ChangeWords, WarnWhenNobodyTakesClientsAnyMore) {
  pool p = web();
  for (server& s : p.servers) s.drain = true;
  EXPECT_EQ(words("service web server web1 drain", &p),
            "it is so, 0 connections left; no server of service web takes new clients now");
}

TEST(ChangeWords, TellHowToKeepClientsAwayForSure) {
  const pool p = web();
  const std::string said = words("service web server web0 weight 0", &p);
  EXPECT_NE(said.find("; weight 0 keeps new clients away only while another server has a weight"), std::string::npos);
}

}  // namespace
}  // namespace holdfast
