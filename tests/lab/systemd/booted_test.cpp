// Both programs under a real systemd, in their installed units: what a unit forbids, its program can do without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <fstream>

#include "base/clock_io.h"
#include "tests/lab/testbed.h"
#include "tests/places.h"

namespace holdfast::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string configuration =
    "node lb1 address 192.0.2.11:7700\nnode lb2 address 192.0.2.12:7700\ncluster key /etc/holdfast/cluster.key\n"
    "vrrp front interface eth0\nvrrp front id 51\nvrrp front interval 50ms\nvrrp front "
    "lease 60s\nvrrp front patience 2s\n"
    "vrrp front address 192.0.2.80/24\nvrrp front address 2001:db8::80/64\n"
    "on lb1 vrrp front priority 150\nlog /var/log/holdfast/access.log\n"
    "service web\nlisten 192.0.2.80:80\nserver 0 address 127.0.0.1 port 9\n";

const std::string balancer = "holdfast-balancer", agent = "holdfast-vrrp";

class booted {
 public:
  booted() {
    net_.plug(machine);
    machine.address("eth0", "192.0.2.11/24");
    machine.address("eth0", "2001:db8::11/64");
    machine.must({"env", "DESTDIR=" + root(), "cmake", "--install", build_directory(), "--prefix", "/usr/local"});
    first_ = machine.run({own_sources() + "/tests/lab/systemd/boot", root()}, {.output = root() + "/boot"});
    const bool up = eventually([this] { return !first_.running() || inside("systemctl is-system-running").good; }, 20s);
    if (!up || !first_.running()) throw std::runtime_error("systemd does not start: " + first_.output());
    write(configuration);
    do_inside("hfctl cluster key new /etc/holdfast/cluster.key && chown holdfast: /etc/holdfast/cluster.key");
  }
  ~booted() {
    if (testing::Test::HasFailure()) std::fprintf(stderr, "--- the programs said:\n%s---\n", log().c_str());
  }
  booted(const booted&) = delete;
  booted& operator=(const booted&) = delete;

  struct outcome {
    bool good = false;
    std::string text;
  };
  outcome inside(const std::string& command) {
    const std::string pid = std::to_string(first_.pid());
    std::string init = read_file("/proc/" + pid + "/task/" + pid + "/children");
    if (init.empty()) return {};
    init.pop_back();  // a blank
    const std::string output = root() + "/inside";
    std::filesystem::remove(output);
    process run = machine.run({"nsenter", "-t", init, "-a", "bash", "-c", command}, {.output = output});
    const auto status = run.wait(30s);
    return {status == 0, run.output()};
  }
  std::string do_inside(const std::string& command) {
    outcome done = inside(command);
    if (!done.good) throw std::runtime_error(command + ": " + done.text + log());
    return done.text;
  }
  std::string is(const std::string& unit, const std::string& property) {
    std::string text = do_inside("systemctl show --value -p " + property + ' ' + unit);
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  void kill(const std::string& unit, int signal) {
    do_inside("kill -" + std::to_string(signal) + ' ' + is(unit, "MainPID"));
  }
  void write(const std::string& text) { std::ofstream(root() + "/etc/holdfast/holdfast.conf") << text; }
  std::string log() const { return read_file(root() + "/etc/programs.log"); }
  bool has_both() const { return machine.holds("192.0.2.80") && machine.holds("2001:db8::80"); }
  bool has_none() const { return !machine.holds("192.0.2.80") && !machine.holds("2001:db8::80"); }
  // Both run, and the agent has the addresses.
  void start() {
    do_inside("systemctl start " + balancer + ' ' + agent);
    EXPECT_TRUE(eventually([this] { return has_both(); }, 10s));
  }

  host machine{"lb"};

 private:
  std::string root() const { return files_.path(); }
  scratch files_;
  ethernet net_;
  process first_;
};

// Until the unit has started its program for the nth time.
bool started_again(booted& b, const std::string& unit, const std::string& times, duration limit) {
  return eventually([&] { return b.is(unit, "NRestarts") == times && b.is(unit, "ActiveState") == "active"; }, limit);
}

std::string without_line(std::string log, std::string_view with) {
  const std::size_t what = log.find(with);
  if (what == log.npos) return log;
  const std::size_t line = log.rfind('\n', what) + 1;  // 0 when it is the first
  return log.erase(line, log.find('\n', what) + 1 - line);
}

// There is no lb2. And a laboratory that is a container itself may lack the right to lift limits: then its systemd
// does, too.
std::string without_what_must_be(std::string log) {
  log = without_line(std::move(log), "sync=failed node=lb2");
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0) return log;
  return without_line(std::move(log), "only the memory of the start is locked");
}

TEST(Booted, BothProgramsDoTheirWorkInTheirUnits) {
  booted b;
  b.start();
  EXPECT_TRUE(eventually([&] { return b.is(agent, "StatusText") == "front active"; }));
  EXPECT_EQ(b.is(balancer, "StatusText"), "1 service, 1 of 1 server alive, 0 connections");
  EXPECT_EQ(b.do_inside("stat -c '%U %G %a' /run/holdfast"), "holdfast holdfast 755\n");
  EXPECT_EQ(b.do_inside("stat -c '%U %a' /run/holdfast/balancer.sock /run/holdfast/vrrp.sock"),
            "holdfast 660\nholdfast 660\n");
  b.do_inside("test -e /var/log/holdfast/access.log");
  EXPECT_THAT(b.do_inside("hfctl vrrp"), HasSubstr("active"));
  for (const char* trouble : {"process=", " warning", " error"}) {
    EXPECT_THAT(without_what_must_be(b.log()), Not(HasSubstr(trouble)));
  }
  b.do_inside("systemctl stop " + agent);
  EXPECT_TRUE(b.has_none());
  EXPECT_THAT(b.do_inside("hfctl servers"), HasSubstr("web")) << "the balancer's sockets stay";
}

TEST(Booted, VirtualMacIsAllowedWhatItNeeds) {
  booted b;
  b.write(configuration + "vrrp front mac virtual\n");
  b.start();
  EXPECT_EQ(b.do_inside("cat /proc/sys/net/ipv4/conf/eth0/arp_ignore"), "1\n");
  EXPECT_TRUE(eventually([&] { return b.is(agent, "StatusText") == "front active"; }));
}

TEST(Booted, ReloadFailsWithTheFile) {
  booted b;
  b.start();
  for (const std::string& unit : {balancer, agent}) {
    b.do_inside("systemctl reload " + unit);
    b.write("nonsense\n");
    EXPECT_FALSE(b.inside("systemctl reload " + unit).good) << unit;
    EXPECT_EQ(b.is(unit, "ActiveState"), "active");
    b.write(configuration);
  }
  EXPECT_TRUE(b.has_both());
}

TEST(Booted, KilledAgentsAddressesAreGoneWithin100MillisecondsAndItReturns) {
  booted b;
  b.start();
  const std::string pid = b.is(agent, "MainPID");
  const instant struck = monotonic_now();  // so the way into the namespaces counts, too
  b.do_inside("kill -9 " + pid);
  const instant dead = monotonic_now();
  while (!b.has_none() && monotonic_now() < struck + 5s) {
  }
  const auto since = [](instant when) {
    return std::chrono::duration<double, std::milli>(monotonic_now() - when).count();
  };
  std::printf("[  figure  ] killed under systemd, both addresses gone %.1f to %.1f ms later\n", since(dead),
              since(struck));
  EXPECT_LE(since(dead), sanitized() ? 1000 : 100);
  EXPECT_TRUE(started_again(b, agent, "1", 10s));
  EXPECT_TRUE(eventually([&] { return b.has_both(); }, 10s));
}

TEST(Booted, KilledBalancerReturnsAndTheAgentSeesIt) {
  booted b;
  b.start();
  b.kill(balancer, SIGKILL);
  EXPECT_TRUE(started_again(b, balancer, "1", 10s));
  EXPECT_TRUE(eventually([&] { return b.has_both(); }, 10s));
  EXPECT_EQ(b.is(agent, "NRestarts"), "0");
}

TEST(Booted, HungAgentIsEndedByItsWatchdog) {
  booted b;
  b.start();
  b.kill(agent, SIGSTOP);
  EXPECT_TRUE(started_again(b, agent, "1", 10s));
  EXPECT_TRUE(eventually([&] { return b.has_both(); }, 10s));
}

TEST(Booted, ManyDeathsInARowExhaustNobody) {
  booted b;
  b.start();
  for (int i = 1; i <= 8; ++i) {  // systemd's own limit: five in ten seconds
    b.kill(balancer, SIGKILL);
    ASSERT_TRUE(started_again(b, balancer, std::to_string(i), 10s));
  }
}

}  // namespace
}  // namespace holdfast::lab
