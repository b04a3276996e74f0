#include "cli/configuration/apply.h"

#include <gtest/gtest.h>

#include "tests/cli/operated.h"

namespace holdfast {

namespace {

TEST(Flag, IsOnOrOff) {
  settings s;
  const auto after = [&](const std::string& line) {
    const auto said = parse(line, source::control);
    EXPECT_TRUE(said && apply(s, *said)) << line;
    return s.services["default"].hash;
  };
  EXPECT_TRUE(after("hash"));
  EXPECT_FALSE(after("hash off"));
  EXPECT_TRUE(after("hash on"));
  EXPECT_FALSE(after("no hash"));
}

TEST(Scalar, IsSetAndUnset) {
  operated o;
  EXPECT_EQ(o.say("timeout 7"), "");
  EXPECT_EQ(o.service().timeout, 7s);
  EXPECT_EQ(o.say("hash"), "");
  EXPECT_TRUE(o.service().hash);
  EXPECT_EQ(o.say("no hash"), "");
  EXPECT_FALSE(o.service().hash);
  EXPECT_EQ(o.say("emergency spare:80"), "");
  EXPECT_EQ(o.service().emergency, (place{"spare", "80", ""}));
  EXPECT_EQ(o.say("no emergency"), "");
  EXPECT_EQ(o.service().emergency, std::nullopt);
  EXPECT_EQ(o.say("web_stats /x"), "");
  EXPECT_EQ(o.say("no web_stats"), "");
  EXPECT_EQ(o.now.web_stats, "");
  EXPECT_EQ(o.say("control 127.0.0.1:8888"), "");
  EXPECT_TRUE(o.now.control_tcp);
  EXPECT_EQ(o.say("no control"), "");
  EXPECT_FALSE(o.now.control_tcp);
  EXPECT_EQ(o.say("client_prefix 24 64"), "");
  EXPECT_EQ(o.service().client_prefix6, 64);
}

TEST(Service, BeginsByItsNameOrItsListener) {
  operated o;
  EXPECT_EQ(o.say("service web"), "");
  EXPECT_EQ(o.say("service mail listen 25"), "");
  EXPECT_EQ(o.service("mail").name, "mail");
  EXPECT_EQ(o.say("service wbe timeout 3"), "no service wbe: expected one of mail, web");
  EXPECT_EQ(o.say("service web timeout 3"), "");
  EXPECT_EQ(o.say("no service web"), "");
  EXPECT_EQ(o.say("no service web"), "no service web: expected one of mail");
}

TEST(Service, CalledDefaultNeedsNoBeginning) {
  operated o;
  EXPECT_EQ(o.say("timeout 3"), "");
  EXPECT_EQ(o.service().name, "default");
}

TEST(Service, CalledDefaultIsNotMadeByWhatIsRefused) {
  operated o;
  EXPECT_NE(o.say("no server 1"), "");
  EXPECT_TRUE(o.now.services.empty());
}

std::string lacks(const settings& now, const std::string& line) {
  const auto said = parse(line, source::control);
  EXPECT_TRUE(said) << line;
  return lacks_service(now, *said);
}

// A mistyped name makes nothing in a running balancer, and neither does a name that was left out.
TEST(Service, IsKnownBeforeAnythingIsSaidOfIt) {
  settings named;
  named.services["mail"].name = "mail";
  named.services["web"].name = "web";
  for (const char* line : {"service wbe listen 80", "service wbe server 9 address a", "service wbe servers"}) {
    EXPECT_EQ(lacks(named, line), "no service wbe: expected one of mail, web; `service wbe` alone makes it") << line;
  }
  for (const char* line : {"server 9 address a", "listen 80", "listen", "check", "hash on", "timeout", "close server 1",
                           "client 192.0.2.1 pin 1", "server 1 blacklist 0"}) {
    EXPECT_EQ(lacks(named, line), "of which service? expected `service NAME` in front: one of mail, web") << line;
  }
  for (const char* line : {"service wbe", "service web listen 80", "servers", "clients", "client 192.0.2.1", "debug 1",
                           "vrrp front priority 3", "cluster"}) {
    EXPECT_EQ(lacks(named, line), "") << line;
  }
}

TEST(Service, CalledDefaultIsMeantWhereItIsTheOnlyOne) {
  EXPECT_EQ(lacks({}, "server 9 address a"), "") << "Pen's files make it so";
  settings pen;
  pen.services["default"];
  pen.services["web"];
  EXPECT_EQ(lacks(pen, "server 9 address a"), "");
  EXPECT_EQ(lacks({}, "service web listen 80"), "no service web: `service web` alone makes it");
}

TEST(Service, IsOneOf256) {
  operated o;
  for (std::size_t i = 0; i < max_services; ++i) ASSERT_EQ(o.say("service s" + std::to_string(i)), "");
  EXPECT_EQ(o.say("service more"), "expected at most 256 services");
  EXPECT_EQ(o.say("service more listen 80"), "expected at most 256 services");
  EXPECT_EQ(o.say("timeout 3"), "expected at most 256 services");
}

TEST(Listener, IsAddedOnceAndRemoved) {
  operated o;
  EXPECT_EQ(o.say("listen 80"), "");
  EXPECT_EQ(o.say("listen [::1]:443"), "");
  EXPECT_EQ(o.say("listen 80"), "");
  EXPECT_EQ(o.service().listeners.size(), 2U);
  EXPECT_EQ(o.say("service web listen 80"), "service default listens on 80 already");
  EXPECT_EQ(o.say("no listen 81"), "service default does not listen on 81");
  EXPECT_EQ(o.say("no listen 80"), "");
  EXPECT_EQ(o.service().listeners, (std::vector<place>{{"::1", "443", ""}}));
  EXPECT_EQ(o.say("no listen"), "");
  EXPECT_TRUE(o.service().listeners.empty());
}

TEST(Listener, IsOneOf256) {
  operated o;
  for (std::size_t i = 1; i <= max_listeners; ++i) ASSERT_EQ(o.say("listen " + std::to_string(i)), "");
  EXPECT_EQ(o.say("listen 1000"), "expected at most 256 listeners of a service");
  EXPECT_EQ(o.say("listen 1"), "");
}

TEST(Listener, OfARangeIsOneAPort) {
  operated o;
  EXPECT_EQ(o.say("listen 10.0.0.1:30000-30002"), "");
  EXPECT_EQ(o.service().listeners,
            (std::vector<place>{{"10.0.0.1", "30000", ""}, {"10.0.0.1", "30001", ""}, {"10.0.0.1", "30002", ""}}));
  EXPECT_EQ(o.say("service web listen 10.0.0.1:29999-30000"), "service default listens on 10.0.0.1:30000 already");
  EXPECT_EQ(o.say("no listen 10.0.0.1:30001-30003"), "service default does not listen on 10.0.0.1:30003");
  EXPECT_EQ(o.service().listeners.size(), 3U) << "all or nothing";
  EXPECT_EQ(o.say("no listen 10.0.0.1:30001-30002"), "");
  EXPECT_EQ(o.say("listen 1-256"), "expected at most 256 listeners of a service");
  EXPECT_EQ(o.say("listen 1-255"), "");
  EXPECT_EQ(o.service().listeners.size(), 256U);
}

TEST(Listener, OfAPathMayHaveAModeAndAnOwner) {
  operated o;
  EXPECT_EQ(o.say("listen /run/a mode 0660 owner www group adm"), "");
  const socket_access& made = o.service().socket_access.at("/run/a");
  EXPECT_EQ(made.mode, 0660U);
  EXPECT_EQ(made.owner, "www");
  EXPECT_EQ(made.group, "adm");
  EXPECT_EQ(o.say("listen 80 mode 0660"), "mode, owner and group belong to a path");
  EXPECT_EQ(o.say("no listen /run/a"), "");
  EXPECT_TRUE(o.service().socket_access.empty());
}

TEST(ConnMax, IsPensOnlyForTheServiceWithoutAName) {
  operated o;
  EXPECT_EQ(o.say("listen 80"), "");
  EXPECT_EQ(o.say("service web listen 81"), "");
  EXPECT_EQ(o.service().conn_max, 500U);
  EXPECT_EQ(o.now.services.at("web").conn_max, 0U);
  EXPECT_EQ(o.say("service web conn_max 7"), "");
  EXPECT_EQ(o.now.services.at("web").conn_max, 7U);
  EXPECT_EQ(o.say("service web conn_max auto"), "");
  EXPECT_EQ(o.now.services.at("web").conn_max, 0U);
}

TEST(Peek, MayHaveATime) {
  operated o;
  EXPECT_EQ(o.say("peek"), "");
  EXPECT_TRUE(o.service().peek);
  EXPECT_EQ(o.service().peek_time, 3s);
  EXPECT_EQ(o.say("peek 500ms"), "");
  EXPECT_EQ(o.service().peek_time, 500ms);
  EXPECT_EQ(o.say("peek off"), "");
  EXPECT_EQ(o.service().peek_time, 3s);
  EXPECT_EQ(o.say("peek 500ms"), "");
  EXPECT_EQ(o.say("no peek"), "");
  EXPECT_EQ(o.service(), fresh_service(default_service));
}

TEST(ServerDown, ClosesAfterATimeOrKeeps) {
  operated o;
  EXPECT_EQ(o.say("server_down close after 3s"), "");
  EXPECT_EQ(o.service().server_down, 3s);
  EXPECT_EQ(o.say("server_down keep"), "");
  EXPECT_EQ(o.service().server_down, 0s);
}

TEST(Server, HasNoWeightUntilItIsGivenOne) {
  operated o;
  EXPECT_EQ(o.say("server 0 address 10.0.0.1"), "");
  EXPECT_EQ(o.service().servers.at(0).weight, std::nullopt);
  EXPECT_EQ(o.say("server 0 weight 0"), "");
  EXPECT_EQ(o.service().servers.at(0).weight, 0U);
}

TEST(Server, MayBeDrainedForAWhile) {
  operated o;
  EXPECT_EQ(o.say("server 0 drain for 30s"), "no server 0 in service default: give its address first");
  EXPECT_EQ(o.say("server 0 address 10.0.0.1"), "");
  EXPECT_EQ(o.say("server 0 drain for 30s"), "");
  EXPECT_TRUE(o.service().servers.at(0).drain);
  EXPECT_EQ(o.say("no server 0 after 30s"), "");
  EXPECT_TRUE(o.service().servers.empty());
}

TEST(Server, IsMadeByItsAddress) {
  operated o;
  EXPECT_EQ(o.say("server 0 max 3"), "no server 0 in service default: give its address first");
  EXPECT_EQ(o.say("server 0 address 10.0.0.1 max 3"), "");
  EXPECT_EQ(o.say("server 0 hard 5 drain"), "");
  const server_settings& made = o.service().servers.at(0);
  EXPECT_EQ(made.max, 3U);
  EXPECT_EQ(made.hard, 5U);
  EXPECT_TRUE(made.drain);
  EXPECT_EQ(o.say("server 0 enable"), "");
  EXPECT_FALSE(o.service().servers.at(0).drain);
  EXPECT_EQ(o.say("no server 0"), "");
  EXPECT_EQ(o.say("no server 0"), "no server 0 in service default: give its address first");
}

TEST(Server, KeepsItsPortWhenItMoves) {
  operated o;
  EXPECT_EQ(o.say("server a address 10.0.0.1:80"), "");
  EXPECT_EQ(o.say("server a address 10.0.0.2"), "");
  EXPECT_EQ(o.service().servers.at(0).where, (place{"10.0.0.2", "80", ""}));
  EXPECT_EQ(o.say("server a address 10.0.0.3 port 81"), "");
  EXPECT_EQ(o.service().servers.at(0).where, (place{"10.0.0.3", "81", ""}));
  EXPECT_EQ(o.say("server a address /run/a"), "");
  EXPECT_EQ(o.service().servers.at(0).where, (place{"", "", "/run/a"}));
  EXPECT_EQ(o.say("server a port 80"), "a port belongs to a server with a host: expected an address");
}

TEST(Server, WithoutAddressIsASlot) {
  operated o;
  EXPECT_EQ(o.say("server 2 acl 0 address (unknown address family 0 port 0 max 0 hard 0 prio 0"), "");
  EXPECT_EQ(o.service().servers.at(0).where, place{});
  EXPECT_EQ(o.say("server 2 address 10.0.0.1"), "");
}

TEST(Server, IsOneOfAThousand) {
  operated o;
  for (std::size_t i = 0; i < max_servers; ++i) ASSERT_EQ(o.say("server " + std::to_string(i) + " address a"), "");
  EXPECT_EQ(o.say("server more address a"), "expected at most 1000 servers of a service");
  EXPECT_EQ(o.say("server 999 max 2"), "");
}

TEST(Server, IsKnownByItsNameOrByItsPlaceIfThatIsANumber) {
  const auto identity = [](std::string name, place where) {
    return server_settings{.name = name, .where = where}.identity();
  };
  EXPECT_EQ(identity("web1", {"10.0.0.1", "80", ""}), "web1");
  EXPECT_EQ(identity("0", {"10.0.0.1", "80", ""}), "10.0.0.1:80");
  EXPECT_EQ(identity("0", {"10.0.0.1", "", ""}), "10.0.0.1:");
  EXPECT_EQ(identity("0", {"", "", "/run/a"}), "/run/a");
  EXPECT_EQ(identity("0", {}), "0");
}

TEST(Server, HasAnIdentityOfItsOwnEvenWhereAnotherNumberHasItsPlace) {
  service_settings of;
  for (const char* name : {"0", "1", "web", "2", "3"}) of.servers.push_back({.name = name, .where = {"a", "80", ""}});
  of.servers[3].where.port = "81";
  EXPECT_EQ(of.identities(), (std::vector<std::string>{"a:80", "a:80 2", "web", "a:81", "a:80 3"}));
}

TEST(Acl, HasPensNumbersWithoutMakingThem) {
  operated o;
  EXPECT_EQ(o.say("client_acl 7"), "");
  EXPECT_EQ(o.say("control_acl 9"), "");
  EXPECT_EQ(o.say("server 0 address a acl 3"), "");
  EXPECT_EQ(o.say("client_acl 10"), "no acl 10: expected 0 to 9, or one made by `acl 10 permit|deny ...` before");
}

TEST(Acl, WithANameMustBeMade) {
  operated o;
  EXPECT_EQ(o.say("server 0 address a acl office"),
            "no acl office: expected 0 to 9, or one made by `acl office permit|deny ...` before");
  EXPECT_EQ(o.say("acl office permit 10.0.0.0/8"), "");
  EXPECT_EQ(o.say("acl office deny country GB"), "");
  EXPECT_EQ(o.say("server 0 address a acl office"), "");
  EXPECT_EQ(o.say("client_acl office"), "");
  EXPECT_EQ(o.say("control_acl office"), "");
  EXPECT_EQ(o.now.acls.at("office").size(), 2U);
}

TEST(Acl, IsEmptiedButStaysKnown) {
  operated o;
  EXPECT_EQ(o.say("acl office permit 10.0.0.0/8"), "");
  EXPECT_EQ(o.say("no acl office"), "");
  EXPECT_TRUE(o.now.acls.at("office").empty());
  EXPECT_EQ(o.say("acl 3 deny ::1"), "");
  EXPECT_EQ(o.say("no acl 3"), "");
  EXPECT_FALSE(o.now.acls.contains("3"));
}

TEST(Acl, IsOneOf256) {
  operated o;
  for (std::size_t i = 0; i < max_acls; ++i) ASSERT_EQ(o.say("acl a" + std::to_string(i) + " deny ::1"), "");
  EXPECT_EQ(o.say("acl more deny ::1"), "expected at most 256 acls");
  EXPECT_EQ(o.say("no acl more"), "expected at most 256 acls");
  EXPECT_EQ(o.say("acl a0 deny ::2"), "");
}

TEST(Acl, HasAtMostAHundredThousandRules) {
  operated o;
  o.now.acls["a"].resize(max_acl_rules - 1);
  EXPECT_EQ(o.say("acl a deny ::1"), "");
  const auto more = parse("acl a deny ::2", source::file);
  EXPECT_EQ(apply(o.now, *more).error().why, "expected at most 100000 rules in an acl");
  EXPECT_EQ(o.now.acls["a"].size(), max_acl_rules);
}

TEST(Node, IsOneOfEightAndMayMove) {
  operated o;
  for (std::size_t i = 0; i < max_nodes; ++i)
    ASSERT_EQ(o.say("node n" + std::to_string(i) + " address 10.0.0.1:1"), "");
  EXPECT_EQ(o.say("node more address 10.0.0.1:1"), "expected at most 8 nodes");
  EXPECT_EQ(o.say("node n0 address 10.0.0.2:1"), "");
  EXPECT_EQ(o.now.nodes.at(0).where.host, "10.0.0.2");
}

TEST(Check, BeginsAnewWithEachCommand) {
  operated o;
  EXPECT_EQ(o.say("check http /healthz expect 2xx every 5s rise 3 fall 4"), "");
  EXPECT_EQ(o.service().check, (check_settings{.how = check_kind::http,
                                               .path = "/healthz",
                                               .expect_low = 200,
                                               .expect_high = 299,
                                               .every = 5s,
                                               .rise = 3,
                                               .fall = 4}));
  EXPECT_EQ(o.say("check http / host www.example.org:81 port 8080"), "");
  EXPECT_EQ(o.service().check,
            (check_settings{.how = check_kind::http, .path = "/", .port = 8080, .host = "www.example.org:81"}));
  EXPECT_EQ(o.say("check tcp port 81"), "");
  EXPECT_EQ(o.service().check, (check_settings{.how = check_kind::tcp, .port = 81}));
  EXPECT_EQ(o.say("check tcp"), "");
  EXPECT_EQ(o.service().check, (check_settings{.how = check_kind::tcp}));
  EXPECT_EQ(o.say("no check"), "");
  EXPECT_EQ(o.service().check, check_settings{});
}

TEST(WhatPenHas, IsAcceptedWithoutEffectOrRefusedBySentence) {
  operated o;
  for (const char* line : {"epoll", "block", "no block", "idlers 2", "no http", "no transparent", "no udp"}) {
    EXPECT_EQ(o.say(line), "") << line;
  }
  EXPECT_EQ(o.now, settings{});
  EXPECT_EQ(o.say("http"), "http is not in this version");
  EXPECT_EQ(o.say("ssl_option no_sslv2"), "ssl_option is not in this version");
  for (const char* line : {"tarpit_acl 3", "tarpit_acl", "dsr_if eth0", "dsr_ip 192.0.2.80"}) {
    EXPECT_NE(o.say(line).find(" is not in this version: it belongs to direct server return"), std::string::npos)
        << line;
  }
  EXPECT_EQ(o.say("transparent"), "transparent is not in this version");
}

TEST(Request, ChangesNoSettings) {
  operated o;
  for (const char* line : {"servers", "exit", "reload", "socket 3", "timeout", "help"}) {
    EXPECT_EQ(o.say(line, source::control), "") << line;
  }
  EXPECT_EQ(o.now, settings{});
}

}  // namespace

}  // namespace holdfast
