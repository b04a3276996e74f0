// What the programs tell the service manager that has started them.
#include "tests/lab/systemd/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

namespace holdfast::lab {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const std::string balancer_file =
    "workers 2\nservice web\nlisten 127.0.0.1:80\nserver 0 address 127.0.0.1 port 9\nserver 1 address 127.0.0.2 port "
    "9\n";
const std::string agent_file =
    "vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\nvrrp front interval 50ms\n";

struct box {
  box() {
    net.plug(machine);
    machine.address("eth0", "192.0.2.11/24");
  }
  std::vector<std::string> command(const std::string& program, const std::string& configuration) {
    return {program, "-f", "-F", files.write("holdfast.conf", configuration), "--run-dir", files.path()};
  }
  std::vector<std::string> balancer() { return command(built("holdfast-balancer"), balancer_file); }
  std::vector<std::string> agent() { return command(built("holdfast-vrrp"), agent_file); }
  std::string tell(const std::string& command) {
    return machine.must({built("hfctl"), "--run-dir", files.path(), command});
  }

  scratch files;
  ethernet net;
  host machine{"lb"};
};

// In four times the time of the watchdog it is fed as often as it must be, and as a rule twice that.
void expect_fed(service& s) {
  const auto all = s.said_in(4 * watchdog_time);
  EXPECT_GE(std::count(all.begin(), all.end(), "WATCHDOG=1"), 8) << s.output();
}

void expect_reload(service& s) {
  EXPECT_TRUE(s.says("RELOADING=1")) << s.output();
  EXPECT_TRUE(s.says("MONOTONIC_USEC=")) << s.output();
  EXPECT_TRUE(s.says("READY=1")) << s.output();
}

void expect_end(service& s) {
  s.program().kill(SIGTERM);
  EXPECT_TRUE(s.says("STOPPING=1")) << s.output();
  EXPECT_EQ(s.program().wait(10s), std::optional(0)) << s.output();
}

TEST(BalancerAsAService, IsReadyWhenItAnswers) {
  box b;
  service s(b.machine, b.files, b.balancer());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  EXPECT_THAT(b.tell("status"), HasSubstr("web"));
  EXPECT_TRUE(s.says("STATUS=1 service, 2 of 2 servers alive, 0 connections")) << s.output();
  expect_end(s);
}

TEST(BalancerAsAService, IsNotReadyWhenItDoesNotStart) {
  box b;
  service s(b.machine, b.files, b.command(built("holdfast-balancer"), balancer_file + "log /nowhere/access.log\n"));
  EXPECT_EQ(s.program().wait(10s), std::optional(1));
  EXPECT_FALSE(s.says("READY=1", 100ms));
}

TEST(BalancerAsAService, SaysWhenItReloads) {
  box b;
  service s(b.machine, b.files, b.balancer());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  s.program().kill(SIGHUP);
  expect_reload(s);
  b.tell("reload");
  expect_reload(s);
  b.files.write("holdfast.conf", "nonsense\n");
  s.program().kill(SIGHUP);
  expect_reload(s);  // a refused one ends, too
}

TEST(BalancerAsAService, TellsWhatHasChanged) {
  box b;
  service s(b.machine, b.files, b.balancer());
  ASSERT_TRUE(s.says("STATUS=1 service, 2 of 2")) << s.output();
  b.files.write("holdfast.conf", balancer_file + "service other\nlisten 127.0.0.1:81\n");
  b.tell("reload");
  EXPECT_TRUE(s.says("STATUS=2 services, 2 of 2 servers alive")) << s.output();
}

TEST(BalancerAsAService, FeedsTheWatchdogWhileNothingHappens) {
  box b;
  service s(b.machine, b.files, b.balancer());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  expect_fed(s);
}

TEST(BalancerAsAService, FeedsTheWatchdogOnlyWhileAllItsThreadsRun) {
  box b;
  service s(b.machine, b.files, b.balancer());
  ASSERT_TRUE(s.says("WATCHDOG=1")) << s.output();
  const std::vector<int> threads = threads_of(s.program().pid());
  ASSERT_GE(threads.size(), 3U);
  for (const int one : {threads.front(), threads.back()}) {  // the control thread, the last worker
    {
      const frozen_thread still(one);
      s.said_in(watchdog_time / 2);  // it may have gone round since the last time
      EXPECT_TRUE(s.is_silent_for(2 * watchdog_time)) << (one == threads.back() ? "a worker" : "control");
    }
    EXPECT_TRUE(s.says("WATCHDOG=1")) << "it goes on";
  }
  s.program().freeze();
  EXPECT_TRUE(s.is_silent_for(2 * watchdog_time));
  s.program().thaw();
  EXPECT_TRUE(s.says("WATCHDOG=1"));
}

TEST(AgentAsAService, IsReadyWhenItTakesPart) {
  box b;
  service s(b.machine, b.files, b.agent());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  EXPECT_THAT(b.tell("vrrp"), HasSubstr("front"));
  EXPECT_TRUE(s.says("STATUS=front active")) << s.output();
  EXPECT_TRUE(b.machine.holds("192.0.2.80"));
  expect_end(s);
  EXPECT_FALSE(b.machine.holds("192.0.2.80"));
}

TEST(AgentAsAService, SaysWhyItIsNotFit) {
  box b;
  service s(b.machine, b.files, b.command(built("holdfast-vrrp"), agent_file + balancer_file));
  EXPECT_TRUE(s.says("READY=1")) << "it waits for no balancer: " << s.output();
  EXPECT_TRUE(s.says("STATUS=front fault: ")) << s.output();
}

TEST(AgentAsAService, SaysWhenItReloads) {
  box b;
  service s(b.machine, b.files, b.agent());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  s.program().kill(SIGHUP);
  expect_reload(s);
  b.files.write("holdfast.conf", "nonsense\n");
  s.program().kill(SIGHUP);
  expect_reload(s);
}

TEST(AgentAsAService, FeedsTheWatchdogUntilItHangs) {
  box b;
  service s(b.machine, b.files, b.agent());
  ASSERT_TRUE(s.says("READY=1")) << s.output();
  expect_fed(s);
  {
    const frozen_thread still(s.program().pid());  // its log and its file of events have threads of their own
    EXPECT_TRUE(s.is_silent_for(2 * watchdog_time));
  }
  EXPECT_TRUE(s.says("WATCHDOG=1"));
}

}  // namespace
}  // namespace holdfast::lab
