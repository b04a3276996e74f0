#include "cli/hfctl/bare_words.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::string said(const std::string& line) {
  const auto understood = parse(line, source::control);
  if (!understood) return "not understood: " + understood.error().text();
  const auto spelled = spelled_out(line, *understood);
  return spelled ? *spelled
                 : "column " + std::to_string(spelled.error().column) + ": expected " + spelled.error().expected;
}

TEST(BareWords, AreQuestions) {
  EXPECT_EQ(said("dummy"), "show dummy");
  EXPECT_EQ(said("service web hash"), "service web show hash");
  EXPECT_EQ(said("on lb2 service web weight"), "on lb2 service web show weight");
  EXPECT_EQ(said("sync confirm"), "show sync confirm");
  EXPECT_EQ(said("vrrp front preempt"), "show vrrp front preempt");
  EXPECT_EQ(said("cluster service web hash"), "cluster service web show hash");
}

TEST(BareWords, AreNoneWithAValue) {
  for (const char* line :
       {"dummy on", "dummy off", "no dummy", "service web hash on", "timeout 3s", "servers", "sync off",
        "cluster hash on", "cluster", "server 1 drain", "no listen 80", "check tcp", "help"}) {
    EXPECT_EQ(said(line), line);
  }
}

TEST(BareWords, CloseNoListener) {
  EXPECT_EQ(said("no listen"), "column 11: expected the place to listen at no more: `listen` shows them");
  EXPECT_EQ(said("service web no listen"), "column 23: expected the place to listen at no more: `listen` shows them");
}

}  // namespace
}  // namespace holdfast
