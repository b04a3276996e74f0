#include "cli/check/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

settings made(const std::string& text) {
  const auto no_files = [](const std::string&) -> result<std::string, std::string> { return failure{"no such file"}; };
  const auto loaded = load_config_text(text, "", "lb1", no_files);
  EXPECT_TRUE(loaded) << loaded.error().text();
  return loaded ? *loaded : settings{};
}

// "ABOUT: WHY"
std::vector<std::string> texts(const findings& all) {
  std::vector<std::string> found;
  for (const finding& f : all) {
    EXPECT_EQ(f.is, severity::warns);
    found.push_back(f.about + " | " + f.why);
  }
  return found;
}

std::vector<std::string> doubted(const std::string& text) { return texts(warnings(made(text))); }

const std::string web = "service web\nlisten 192.0.2.80:80\n";
const std::string two = web + "server 1 address 10.0.0.1:80\nserver 2 address 10.0.0.2:80\n";

TEST(Warnings, AreNoneOfAServiceAsItShouldBe) {
  EXPECT_THAT(doubted(""), IsEmpty());
  EXPECT_THAT(doubted(two + "timeout 5\nidle_timeout 1h\ncheck http / every 2s\n"), IsEmpty());
}

TEST(Warnings, AriseOverCountriesWithoutADatabase) {
  const std::string home = "acl home permit 10.0.0.0/8\nacl home permit country GB\n";
  EXPECT_THAT(doubted("acl near permit 10.0.0.0/8\n"), IsEmpty());
  EXPECT_THAT(doubted(home), ElementsAre(testing::StartsWith("acl home | acl home has rules for countries")));
  EXPECT_THAT(doubted(home + "geoip /countries.mmdb\n"), IsEmpty());
}

TEST(Warnings, AriseOverASourceOfAnotherFamily) {
  EXPECT_THAT(doubted(two + "server n address name:80\nsource 127.0.0.1\n"), IsEmpty());
  EXPECT_THAT(doubted(two + "source 127.0.0.1\nserver six address [2001:db8::1]:80\n"),
              ElementsAre("service web server six | service web: server six can't be reached from source 127.0.0.1, "
                          "which is of another family"));
}

TEST(Warnings, AriseOverASourceThatAStandbyHasNot) {
  const std::string group = "vrrp front interface eth0\nvrrp front id 80\nvrrp front address 192.0.2.80/24\n";
  EXPECT_THAT(doubted(group + two + "source 192.0.2.80\n"), IsEmpty()) << "nobody checks";
  EXPECT_THAT(doubted(group + two + "source 192.0.2.81\ncheck tcp\n"), IsEmpty());
  EXPECT_THAT(doubted(group + two + "source 192.0.2.80\ncheck tcp\n"),
              ElementsAre("service web source 192.0.2.80 | service web: source 192.0.2.80 is here only in the active "
                          "role: until then the servers are checked from the node's own address, and must let it in"));
}

TEST(Warnings, AriseOverAServiceWithoutEnds) {
  EXPECT_THAT(doubted(web), ElementsAre("service web | service web: there is no server: expected `server NAME address "
                                        "PLACE`"));
  EXPECT_THAT(
      doubted(web + "server 1 address 10.0.0.1 drain\nserver 2 address none\n"),
      ElementsAre("service web | service web: no server takes new clients: all are drained or have no address"));
  EXPECT_THAT(doubted(web + "emergency 10.0.0.9:80\n"), IsEmpty());
  EXPECT_THAT(doubted(web + "dummy\n"), IsEmpty());
  EXPECT_THAT(doubted("service web\nserver 1 address 10.0.0.1\n"),
              ElementsAre("service web | service web: nobody can come in: expected `listen PLACE`"));
}

TEST(Warnings, AriseOverMillisecondsSaidAsSeconds) {
  EXPECT_THAT(doubted(two + "timeout 60\n"), IsEmpty());
  EXPECT_THAT(doubted(two + "timeout 3000\n"),
              ElementsAre("service web timeout | service web: timeout 50m is very long: a number alone is in seconds, "
                          "and 100ms in milliseconds"));
  EXPECT_THAT(doubted(two + "peek 500\n"), ElementsAre(testing::HasSubstr("peek 500s is very long")));
  EXPECT_THAT(doubted(two + "check tcp every 2000\n"), ElementsAre(testing::HasSubstr("check every 2000s is very")));
  EXPECT_THAT(doubted(two + "idle_timeout 3000\n"), IsEmpty()) << "Pen's way, and well meant";
}

TEST(Warnings, AriseOverWeightsWithoutEffect) {
  const std::string weighted = web + "server 1 address 10.0.0.1 weight 1\nserver 2 address 10.0.0.2 weight 3\n";
  EXPECT_THAT(doubted(weighted), IsEmpty()) << "they count by default";
  EXPECT_THAT(doubted(weighted + "weight\n"), IsEmpty());
  EXPECT_THAT(doubted(weighted + "hash\n"), ElementsAre("service web hash | service web: the servers' weights have no "
                                                        "effect with `hash`: expected `weight`"));
  EXPECT_THAT(doubted(weighted + "least\n"), ElementsAre(testing::HasSubstr("no effect with `least`")));
  EXPECT_THAT(doubted(two + "hash\nserver 2 weight 0\n"), IsEmpty());
  EXPECT_THAT(doubted(two + "weight\n"),
              ElementsAre("service web weight | service web: `weight` has no effect: no server "
                          "has a weight"));
  EXPECT_THAT(doubted(two + "server 1 prio 3\n"), ElementsAre(testing::HasSubstr("prio has no effect")));
}

TEST(Warnings, WarnOfPensDefaultThatLetsSmallPiecesWait) {
  EXPECT_THAT(doubted(two + "no tcp_nodelay\n"), ElementsAre(testing::StartsWith("service web no tcp_nodelay | ")));
}

TEST(Warnings, SayHowTheControlPortIsReachedFromElsewhere) {
  EXPECT_THAT(
      doubted("control 9000\n"),
      ElementsAre("control | control 9000 is taken as 127.0.0.1:9000, for nothing says who may send commands from "
                  "elsewhere: expected `acl 9 permit ADDRESS` and `control_acl 9`"));
  EXPECT_THAT(doubted("control 9000\nacl 9 permit 10.0.0.0/8\ncontrol_acl 9\n"), IsEmpty());
  EXPECT_THAT(doubted("control 127.0.0.1:9000\n"), IsEmpty());
}

TEST(Warnings, AriseOverAServiceThatCallsItself) {
  const auto itself = [](const std::string& listen, const std::string& server) {
    return !doubted("service web\nlisten " + listen + "\nserver 1 address " + server +
                    "\nvrrp front interface eth0\nvrrp front id 5\nvrrp front address 192.0.2.80/24\n")
                .empty();
  };
  EXPECT_TRUE(itself("192.0.2.80:80", "192.0.2.80:80"));
  EXPECT_TRUE(itself("192.0.2.80:80", "192.0.2.80"));
  EXPECT_TRUE(itself("80", "127.0.0.1:80"));
  EXPECT_TRUE(itself("0.0.0.0:80", "192.0.2.80:80"));
  EXPECT_TRUE(itself("127.0.0.1:80", "localhost:80"));
  EXPECT_TRUE(itself("/run/x", "/run/x"));
  EXPECT_FALSE(itself("80", "127.0.0.1:8080"));
  EXPECT_FALSE(itself("192.0.2.80:80", "127.0.0.1:80"));
  EXPECT_FALSE(itself("80", "10.0.0.1:80"));
  EXPECT_EQ(doubted(web + "server 1 address 192.0.2.80:80\n").at(0),
            "service web server 1 | service web: server 1 is the service itself, which listens on 192.0.2.80:80");
}

TEST(Warnings, AriseOverNamesThatDoNotResolve) {
  const settings said = made(web + "server 1 address a.example\nserver 2 address b.example\nemergency a.example:80\n");
  EXPECT_THAT(texts(warnings_of_names(said, {"a.example"})),
              ElementsAre("service web server 1 | the name a.example does not resolve",
                          "service web emergency | the name a.example does not resolve"));
}

}  // namespace
}  // namespace holdfast
