#include "cli/hfctl/invocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {

namespace {

using testing::HasSubstr;

invocation parsed(const std::vector<std::string_view>& arguments) {
  const auto got = parse_invocation(arguments);
  EXPECT_TRUE(got) << (got ? "" : got.error());
  return got ? *got : invocation{};
}

std::string fault_of(const std::vector<std::string_view>& arguments) {
  const auto got = parse_invocation(arguments);
  return got ? "" : got.error();
}

TEST(Invocation, JoinsWordsIntoALine) {
  const invocation i = parsed({"server", "0", "port", "80"});
  EXPECT_EQ(i.what, task::one_command);
  EXPECT_EQ(i.line, "server 0 port 80");
  EXPECT_FALSE(i.json);
  EXPECT_EQ(i.at.balancer, "/run/holdfast/balancer.sock");
  EXPECT_EQ(parsed({"server 0", "port 80"}).line, "server 0 port 80");
}

TEST(Invocation, TakesOptionsAnywhereBeforeADoubleDash) {
  EXPECT_TRUE(parsed({"servers", "--json"}).json);
  const invocation i = parsed({"--json", "--", "servers", "--json"});
  EXPECT_TRUE(i.json);
  EXPECT_EQ(i.line, "servers --json");
}

TEST(Invocation, FindsTheSocket) {
  EXPECT_EQ(parsed({"--socket", "/tmp/x.sock", "pid"}).at.balancer, "/tmp/x.sock");
  EXPECT_EQ(parsed({"--socket=/tmp/x.sock", "pid"}).at.balancer, "/tmp/x.sock");
  EXPECT_EQ(parsed({"--socket", "x.sock", "pid"}).at.balancer, "./x.sock");
  EXPECT_EQ(parsed({"--socket", "lb:8888", "pid"}).at.balancer, "lb:8888");
  EXPECT_EQ(parsed({"--run-dir", "/tmp/lb1", "pid"}).at.balancer, "/tmp/lb1/balancer.sock");
}

TEST(Invocation, KnowsTheAgentUnlessOneSocketIsNamed) {
  EXPECT_EQ(parsed({"pid"}).at.agent, "/run/holdfast/vrrp.sock");
  EXPECT_EQ(parsed({"--run-dir", "/tmp/lb1", "pid"}).at.agent, "/tmp/lb1/vrrp.sock");
  EXPECT_EQ(parsed({"--socket", "/tmp/x.sock", "pid"}).at.agent, "");
}

TEST(Invocation, CountsTheScreensOfTop) {
  EXPECT_EQ(parsed({"top"}).what, task::live_screen);
  EXPECT_EQ(parsed({"top"}).count, 0U);
  EXPECT_EQ(parsed({"top", "--once"}).count, 1U);
  EXPECT_EQ(parsed({"--count", "1000000", "top"}).count, 1'000'000U);
  for (const char* bad : {"0", "1000001", "x", "", "-1", "1x"}) {
    EXPECT_EQ(fault_of({"top", "--count", bad}), "--count: expected a number from 1 to 1000000") << bad;
  }
  EXPECT_EQ(fault_of({"servers", "--once"}), "--once and --count belong to `top`");
}

TEST(Invocation, TakesTheTimeToWaitAsAnOption) {
  EXPECT_EQ(parsed({"cluster", "wait-synced", "--timeout", "30"}).line, "cluster wait-synced timeout 30");
  EXPECT_EQ(parsed({"server", "1", "drain", "--wait"}).line, "server 1 drain wait");
  EXPECT_EQ(parsed({"cluster", "wait-synced", "--timeout=5s"}).line, "cluster wait-synced timeout 5s");
  EXPECT_EQ(fault_of({"cluster", "wait-synced", "--timeout"}), "--timeout: expected a duration");
}

TEST(Invocation, TakesTheTimeForAnAnswer) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parsed({"status"}).patience, std::nullopt);
  EXPECT_EQ(parsed({"--timeout", "2", "status"}).patience, 2s);
  const invocation i = parsed({"status", "--timeout=100ms"});
  EXPECT_EQ(i.patience, 100ms);
  EXPECT_EQ(i.line, "status");
  EXPECT_EQ(parsed({"cluster", "wait-synced", "--timeout", "30"}).patience, std::nullopt);
  for (const char* bad : {"0", "x", "", "-1s"}) {
    EXPECT_THAT(fault_of({"status", "--timeout", bad}), HasSubstr("--timeout: expected a duration")) << bad;
  }
}

TEST(Invocation, KeepsTheLineToComplete) {
  const invocation i = parsed({"--complete", "server web "});
  EXPECT_EQ(i.what, task::completion);
  EXPECT_EQ(i.line, "server web ");
  EXPECT_EQ(parsed({"--complete", ""}).what, task::completion);
}

TEST(Invocation, CompletesAfterTheOptions) {
  EXPECT_EQ(parsed({"--complete", "--json  ser"}).line, "ser");
  EXPECT_EQ(parsed({"--complete", "--json "}).line, "");
  EXPECT_EQ(parsed({"--complete", "--js"}).line, "--js");
  const invocation i = parsed({"--complete", "--run-dir /tmp/lb1 server "});
  EXPECT_EQ(i.line, "server ");
  EXPECT_EQ(i.at.balancer, "/tmp/lb1/balancer.sock");
  EXPECT_EQ(parsed({"--complete", "--socket /tmp/x "}).line, "");
  EXPECT_EQ(parsed({"--complete", "--socket /tmp/x"}).line, "/");
  EXPECT_EQ(parsed({"--complete", "--socket "}).line, "/");
  EXPECT_EQ(options_beginning("--so"), std::vector<std::string>{"--socket"});
  EXPECT_EQ(options_beginning("--x"), std::vector<std::string>{});
}

TEST(Invocation, ExplainsItselfWithoutACommand) {
  EXPECT_EQ(parsed({}).what, task::usage_text);
  EXPECT_EQ(parsed({"--help"}).what, task::usage_text);
  EXPECT_EQ(parsed({"-h"}).what, task::usage_text);
  EXPECT_EQ(parsed({"--", "-h"}).line, "-h");
  EXPECT_EQ(parsed({"--version"}).what, task::version_text);
}

TEST(Invocation, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(fault_of({"--jsn", "servers"}), HasSubstr("unknown option --jsn; expected --json"));
  EXPECT_EQ(fault_of({"--socket"}), "--socket: expected the path of a control socket");
  EXPECT_EQ(fault_of({"--run-dir"}), "--run-dir: expected a directory");
}

TEST(MarkedLine, PointsAtTheColumn) {
  EXPECT_EQ(marked("server 0 prt 80", 10, "expected port"), "server 0 prt 80\n         ^ expected port");
  EXPECT_EQ(marked("gr\xc3\xbc\xc3\x9f x", 8, "no"), "gr\xc3\xbc\xc3\x9f x\n     ^ no");
  EXPECT_EQ(marked("", 1, "no"), "\n^ no");
  EXPECT_EQ(marked("\x1b[2J", 2, "no"), "?[2J\n ^ no");
}

}  // namespace

}  // namespace holdfast
