// Servers as slots of a table, as Pen's users know them.
#include "tests/cli/operated.h"

namespace holdfast {

namespace {

TEST(Server, WithANumberMayBeAnEmptySlotAsInPen) {
  operated o;
  EXPECT_EQ(o.say("server 1 acl 9 address 0 port 0 max 0 weight 0 prio 0"), "");
  EXPECT_EQ(o.say("server 0 address 10.0.0.1 port 80"), "");
  EXPECT_EQ(o.service().servers.at(0).name, "0") << "numbers stand in their order";
  EXPECT_EQ(o.service().servers.at(1).where, (place{"0.0.0.0", "0", ""}));
  EXPECT_TRUE(o.service().servers.at(1).is_empty());
  EXPECT_EQ(o.say("server 1 address 10.0.0.2 port 81"), "");
  EXPECT_EQ(o.service().servers.at(1).acl, "9");
  EXPECT_FALSE(o.service().servers.at(1).is_empty());
  EXPECT_EQ(o.say("server 1 port 0"), "");
  EXPECT_TRUE(o.service().servers.at(1).is_empty());
  EXPECT_EQ(o.say("server 1 address 0.0.0.0 port 0"), "");
  EXPECT_EQ(o.say("server web address 10.0.0.3:80"), "");
  EXPECT_EQ(o.say("server web port 0"), "0 is no port; `server web drain` keeps new clients away");
}

TEST(Server, AtAUnixSocketHasThePortThatPenWrites) {
  operated o;
  EXPECT_EQ(o.say("server 2 acl 0 address /run/x port 1 max 0 hard 0"), "");
  EXPECT_EQ(o.service().servers.at(0).where, (place{"", "", "/run/x"}));
  EXPECT_EQ(o.say("server 2 port 80"), "a port belongs to a server with a host: expected an address");
}

TEST(Server, IsBlacklistedAmongOtherWords) {
  operated o;
  EXPECT_EQ(o.say("server 0 blacklist 60"), "no server 0 in service default: give its address first");
  EXPECT_EQ(o.say("server 0 address 10.0.0.1 port 80 blacklist 60 max 3"), "");
  EXPECT_EQ(o.service().servers.at(0).max, 3U);
  EXPECT_EQ(o.now.to_disable, (std::vector<disabled_server>{{"default", "0", 60s}}));
  EXPECT_EQ(o.say("server 0 blacklist 0", source::control), "");
  EXPECT_EQ(o.now.to_disable, (std::vector<disabled_server>{{"default", "0", 0s}})) << "what was said last";
}

}  // namespace

}  // namespace holdfast
