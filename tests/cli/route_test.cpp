#include "cli/talk/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/language/grammar.h"

namespace holdfast {

namespace {

using enum station;
using testing::ElementsAre;
using testing::IsEmpty;

route along(std::string_view line) {
  const auto s = parse(line, source::control);
  EXPECT_TRUE(s) << line;
  return s ? route_of(s->what) : route{};
}

void expect_route(std::string_view line, manner how, const std::vector<station>& to) {
  EXPECT_EQ(along(line).how, how) << line;
  EXPECT_EQ(along(line).to, to) << line;
}

TEST(Route, LeadsToTheOneWhoseBusinessItIs) {
  for (const char* line : {"servers", "timeout 5", "close 7", "server 0 drain", "acl 0 deny ::1"}) {
    expect_route(line, manner::first, {balancer});
  }
  for (const char* line : {"vrrp", "vrrp release", "vrrp take front", "vrrp announce", "events 5"}) {
    expect_route(line, manner::first, {agent});
  }
}

TEST(Route, OfWhatConcernsAllNodesLeadsToTheBalancer) {
  for (const char* line : {"cluster", "cluster check", "cluster flush", "cluster servers", "cluster server 0 drain"}) {
    expect_route(line, manner::first, {balancer});
  }
}

TEST(Route, OfAChangeOfTheAgentsGoesOnToTheBalancer) {
  for (const char* line : {"vrrp front priority 5", "no vrrp front", "no vrrp front preempt", "vrrp front peer ::1"}) {
    expect_route(line, manner::chain, {agent, balancer});
  }
}

TEST(Route, LeadsToBothWhatBothDo) {
  for (const char* line : {"reload", "include x", "cluster key /k", "no cluster key"}) {
    expect_route(line, manner::each, {balancer, agent});
  }
}

TEST(Route, LeadsToEitherWhatEitherKnows) {
  for (const char* line : {"status", "pid", "control", "write", "exit", "show config", "timeout", "cluster key"}) {
    expect_route(line, manner::first, {balancer, agent});
  }
  expect_route("vrrp front priority", manner::first, {agent, balancer});
}

TEST(Route, OfAProcedureLeadsNowhere) {
  for (const char* line : {"cluster key new /k", "cluster drill", "cluster switchover", "clients export"}) {
    EXPECT_THAT(along(line).to, IsEmpty()) << line;
  }
}

TEST(Patience, IsShortForAQuestionAndLongerWhereThereIsMoreToDo) {
  using namespace std::chrono_literals;
  const auto patience = [](std::string_view line) { return patience_for(parse(line, source::control)->what); };
  for (const char* line : {"status", "servers", "pid", "cluster", "vrrp", "events", "timeout", "show config"}) {
    EXPECT_EQ(patience(line), 1s) << line;
  }
  for (const char* line : {"timeout 5", "server 0 drain", "write", "vrrp take front", "clients", "recent"}) {
    EXPECT_EQ(patience(line), 10s) << line;
  }
  for (const char* line : {"reload", "include x", "cluster flush", "cluster check", "cluster servers"}) {
    EXPECT_EQ(patience(line), 60s) << line;
  }
}

TEST(AsksForState, IsWhatTheOtherDaemonMayKnowSomethingOf) {
  const auto asks = [](std::string_view line) { return asks_for_state(parse(line, source::control)->what); };
  EXPECT_TRUE(asks("status"));
  EXPECT_TRUE(asks("cluster"));
  for (const char* line : {"servers", "reload", "cluster check", "timeout", "vrrp"}) EXPECT_FALSE(asks(line)) << line;
}

reply told(verdict is, std::string message) { return {.is = is, .message = std::move(message)}; }

TEST(JoinedAnswer, OfOneIsThatAnswer) {
  const reply r = join({{agent, told(verdict::refused, "no")}});
  EXPECT_EQ(r.is, verdict::refused);
  EXPECT_EQ(r.message, "no");
}

TEST(JoinedAnswer, HasTheTablesAndTextsOfAll) {
  reply a, b;
  a.tables.push_back({"one", {{"x"}}, {{1}}});
  a.pen = "1\n";
  b.tables.push_back({"two", {{"y"}}, {{2}}});
  b.pen = "2\n";
  const reply r = join({{balancer, a}, {agent, b}});
  EXPECT_EQ(r.is, verdict::done);
  ASSERT_EQ(r.tables.size(), 2U);
  EXPECT_EQ(r.tables[0].name, "one");
  EXPECT_EQ(r.tables[1].name, "two");
  EXPECT_EQ(r.pen, "1\n2\n");
}

TEST(JoinedAnswer, IsARefusalIfOneRefuses) {
  for (const bool first : {true, false}) {
    const reply done = told(verdict::done, "reloaded"), no = told(verdict::refused, "line 3");
    const reply r = join({{balancer, first ? no : done}, {agent, first ? done : no}});
    EXPECT_EQ(r.is, verdict::refused);
    EXPECT_EQ(r.message, "line 3");
  }
}

TEST(JoinedAnswer, NamesThemWhenTheySayDifferentThings) {
  const auto no = [](const char* why) { return told(verdict::refused, why); };
  EXPECT_EQ(join({{balancer, no("a")}, {agent, no("b")}}).message, "holdfast-balancer: a; holdfast-vrrp: b");
  EXPECT_EQ(join({{balancer, no("a")}, {agent, no("a")}}).message, "a");
  EXPECT_EQ(join({{balancer, told(verdict::done, "")}, {agent, told(verdict::done, "b")}}).message, "holdfast-vrrp: b");
}

}  // namespace

}  // namespace holdfast
