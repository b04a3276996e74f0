#include "cli/configuration/now_is.h"

#include <gtest/gtest.h>

#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"

namespace holdfast {
namespace {

std::string after(settings& now, const std::string& line) {
  const auto said = parse(line, source::control);
  if (!said) return said.error().text();
  const auto done = apply(now, *said);
  return done ? now_is(now, *said) : done.error().why;
}

TEST(NowIs, HowAServerIs) {
  settings now;
  EXPECT_EQ(after(now, "service web"), "web: 0 listeners, 0 servers");
  EXPECT_EQ(after(now, "service web server 1 address 10.0.1.11:80"), "web/1: 10.0.1.11:80");
  EXPECT_EQ(after(now, "service web server 1 weight 2 max 9"), "web/1: 10.0.1.11:80, weight 2, max 9");
  EXPECT_EQ(after(now, "service web server 1 drain"), "web/1: 10.0.1.11:80, weight 2, max 9, draining");
  EXPECT_EQ(after(now, "service web server 1 drain for 30s"),
            "web/1: 10.0.1.11:80, weight 2, max 9, draining; what is left is closed in 30s");
  EXPECT_EQ(after(now, "service web no server 1"), "web/1: removed; its connections have 30s");
  EXPECT_EQ(after(now, "server 5 address none"), "default/5: no address");
}

TEST(NowIs, WhereAServiceListens) {
  settings now;
  EXPECT_EQ(after(now, "listen 80"), "default: listens on 80");
  EXPECT_EQ(after(now, "listen 192.0.2.1:81"), "default: listens on 80, 192.0.2.1:81");
  EXPECT_EQ(after(now, "no listen 80"), "default: listens on 192.0.2.1:81");
  EXPECT_EQ(after(now, "no listen"), "default: listens nowhere");
  EXPECT_EQ(after(now, "no service default"), "default: removed");
}

TEST(NowIs, WhatWasSaidInItsUsualForm) {
  settings now;
  EXPECT_EQ(after(now, "timeout 3000ms"), "default: timeout 3s");
  EXPECT_EQ(after(now, "hash off"), "default: hash off");
  EXPECT_EQ(after(now, "no sync"), "no sync");
  EXPECT_EQ(after(now, "acl 3 permit 10.0.0.0/8"), "acl 3: 1 rule");
  EXPECT_EQ(after(now, "no acl 3"), "acl 3: no rules, all are permitted");
  EXPECT_EQ(after(now, "vrrp front interface eth0"), "vrrp front interface eth0");
  EXPECT_EQ(after(now, "epoll"), "epoll has no effect");
}

}  // namespace
}  // namespace holdfast
