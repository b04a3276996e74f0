// What is left of an agent that has been killed, and how soon it is gone: the work of ExecStopPost.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include "base/clock_io.h"
#include "tests/lab/testbed.h"

namespace holdfast::lab {
namespace {

constexpr const char* four = "192.0.2.80";
constexpr const char* six = "2001:db8::80";

struct box {
  box() {
    net.plug(machine);
    machine.address("eth0", "192.0.2.11/24");
    machine.address("eth0", "2001:db8::11/64");
    agent = machine.run({built("holdfast-vrrp"), "-F", file, "--run-dir", files.path()},
                        {.output = files.path() / "agent.out"});
    EXPECT_TRUE(eventually([this] { return has_both(); }, 10s)) << agent.output();
    agent.kill(SIGKILL);
    agent.wait(5s);
    EXPECT_TRUE(has_both()) << "a killed agent leaves them";
  }
  bool has_both() const { return machine.holds(four) && machine.holds(six); }
  bool has_none() const { return !machine.holds(four) && !machine.holds(six); }
  process release() {
    return machine.run({built("holdfast-vrrp"), "--release", "-F", file}, {.output = files.path() / "out"});
  }

  scratch files;
  ethernet net;
  host machine{"lb"};
  std::string file = files.write("holdfast.conf",
                                 "vrrp front interface eth0\nvrrp front id 51\nvrrp front interval 50ms\n"
                                 "vrrp front lease 60s\nvrrp front address 192.0.2.80/24\n"
                                 "vrrp front address 2001:db8::80/64\n");
  process agent;
};

TEST(Release, TakesAKilledAgentsAddressesAwayWithin100Milliseconds) {
  box b;
  const instant began = monotonic_now();
  process release = b.release();
  while (!b.has_none() && monotonic_now() < began + 5s) {
  }
  const double gone = std::chrono::duration<double, std::milli>(monotonic_now() - began).count();
  EXPECT_EQ(release.wait(5s), std::optional(0)) << release.output();
  const double ended = std::chrono::duration<double, std::milli>(monotonic_now() - began).count();
  std::printf("[  figure  ] released after %.1f ms, the program ended after %.1f ms\n", gone, ended);
  EXPECT_LE(gone, sanitized() ? 1000 : 100);
  EXPECT_EQ(release.output(), "");
}

TEST(Release, NeedsNoConfigurationThatCanBeRead) {
  box b;
  b.files.write("holdfast.conf", "nonsense\n");
  process release = b.release();
  EXPECT_EQ(release.wait(5s), std::optional(0)) << release.output();
  EXPECT_NE(release.output().find("holdfast.conf:1"), std::string::npos) << "it says so";
  EXPECT_TRUE(b.has_none());
}

}  // namespace
}  // namespace holdfast::lab
