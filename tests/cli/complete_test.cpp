#include "cli/language/complete.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

settings live() {
  const auto made = load_config_text(
      "node lb1 address a:1\nnode lb2 address b:1\nacl office permit ::1\n"
      "vrrp front interface eth0\nvrrp back interface eth1\n"
      "listen 80\nserver 0 address a\nservice web\nlisten 81\nserver 0 address a\nserver www1 address b\n",
      "", "lb1", {});
  return made ? *made : settings{};
}

std::vector<std::string> offers(std::string_view line) { return complete(line, live()); }

TEST(Completion, EndsAWord) {
  EXPECT_THAT(offers("serv"), ElementsAre("server", "server_down", "servers", "service"));
  EXPECT_THAT(offers("server"), ElementsAre("server", "server_down", "servers"));
  EXPECT_THAT(offers("log f"), ElementsAre("format"));
  EXPECT_THAT(offers("xyzzy"), IsEmpty());
  EXPECT_THAT(offers("timeout x "), IsEmpty());
}

TEST(Completion, OffersCommandsForARunningDaemonAlone) {
  EXPECT_THAT(offers(""), Contains("servers"));
  EXPECT_THAT(offers(""), Contains("on"));
  EXPECT_THAT(offers(""), Not(Contains("node")));
  EXPECT_THAT(offers(""), Not(Contains("epoll")));
  EXPECT_THAT(offers(""), Not(Contains("ssl_ciphers")));
}

TEST(Completion, OffersWhatMayFollow) {
  EXPECT_THAT(offers("tcp_fastclose "), ElementsAre("both", "down", "off", "up"));
  EXPECT_THAT(offers("acl 0 "), ElementsAre("deny", "permit"));
  EXPECT_THAT(offers("vrrp front auth hmac /k "), ElementsAre("enforce", "permissive", "receive"));
  EXPECT_THAT(offers("no vrrp front p"), ElementsAre("peer", "preempt"));
  EXPECT_THAT(offers("server 0 max 3 "),
              ElementsAre("acl", "address", "blacklist", "drain", "enable", "hard", "port", "prio", "weight"));
  EXPECT_THAT(offers("timeout "), IsEmpty());
}

TEST(Completion, KnowsLiveNames) {
  EXPECT_THAT(offers("server "), ElementsAre("0", "www1"));
  EXPECT_THAT(offers("service web server w"), ElementsAre("www1"));
  EXPECT_THAT(offers("service default server "), ElementsAre("0"));
  EXPECT_THAT(offers("client_acl "), ElementsAre("office"));
  EXPECT_THAT(offers("service "), ElementsAre("default", "web"));
  EXPECT_THAT(offers("on "), ElementsAre("lb1", "lb2"));
  EXPECT_THAT(offers("on lb2 service w"), ElementsAre("web"));
  EXPECT_THAT(offers("vrrp "), ElementsAre("announce", "back", "front", "release", "standby", "take"));
  EXPECT_THAT(offers("no vrrp f"), ElementsAre("front"));
  EXPECT_THAT(offers("vrrp take "), ElementsAre("back", "front"));
}

TEST(Completion, OffersCommandsAboutAServiceAfterItsName) {
  EXPECT_THAT(offers("service web "), Contains("timeout"));
  EXPECT_THAT(offers("service web "), Not(Contains("pid")));
  EXPECT_THAT(offers("on lb1 ti"), ElementsAre("timeout"));
}

TEST(Completion, OffersCommandsForAllNodes) {
  EXPECT_THAT(offers("cluster sw"), ElementsAre("switchover"));
  EXPECT_THAT(offers("cluster serv"), ElementsAre("server", "server_down", "servers", "service"));
  EXPECT_THAT(offers("cluster service web server w"), ElementsAre("www1"));
  EXPECT_THAT(offers("cluster check "), ElementsAre("http", "tcp"));
  EXPECT_THAT(offers("cluster "), Not(Contains("vrrp")));
  EXPECT_THAT(offers("cluster "), Not(Contains("cluster")));
  EXPECT_THAT(offers("cluster switchover "), ElementsAre("back", "front", "to"));
  EXPECT_THAT(offers("cluster switchover to "), ElementsAre("lb1", "lb2"));
  EXPECT_THAT(offers("client 192.0.2.7 pin w"), ElementsAre("www1"));
}

TEST(Completion, SurvivesWhatIsNoLine) {
  EXPECT_THAT(complete(std::string(5000, 'x'), {}), IsEmpty());
  EXPECT_THAT(complete("# ", {}), Contains("mode"));
}

TEST(Followers, AreExplained) {
  EXPECT_EQ(print(what_follows("timeout")),
            "  <time>            a duration such as 30, 2s or 100ms (at least 1ms)\n"
            "                    the end of the line\n");
  EXPECT_EQ(print(what_follows("on")), "  <node>            the name of a node\n");
  EXPECT_THAT(what_follows("xyzzy"), IsEmpty());
  EXPECT_FALSE(what_follows("").empty());
}

}  // namespace

}  // namespace holdfast
