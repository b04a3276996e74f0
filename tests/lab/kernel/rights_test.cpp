// The agent's own process: what it asks of the system, and what it gives up. Each case is a child that tells.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "tests/lab/testbed.h"
#include "vrrp/kernel/rights_io.h"

namespace holdfast::lab {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What `tell` says in a process of its own.
std::string child(const std::function<std::string()>& tell) {
  require_root();
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    std::string said;
    try {
      said = tell();
    } catch (const std::exception& failed) {
      said = std::string("threw: ") + failed.what();
    }
    const bool all = write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    _exit(all ? 0 : 1);
  }
  close(ends[1]);
  std::string out;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = read(ends[0], part.data(), part.size())) > 0;)
    out.append(part.data(), static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
  return out;
}

std::string status() { return read_file("/proc/thread-self/status"); }

bool may_open(int family, int type, int protocol) {
  const descriptor s(socket(family, type, protocol));
  return static_cast<bool>(s);
}

std::string opens_its_sockets() {
  const bool all =
      may_open(AF_INET, SOCK_RAW, 112) && may_open(AF_INET6, SOCK_RAW, 112) && may_open(AF_PACKET, SOCK_RAW, 0);
  return all ? "its sockets open" : "no socket";
}

constexpr const char* only_network = "0000000000003000";  // CAP_NET_ADMIN 12, CAP_NET_RAW 13

TEST(Process, KeepsTheTwoRightsThatItNeedsAndNoOthers) {
  const std::string said = child([] {
    drop_rights({});
    return status() + opens_its_sockets();
  });
  EXPECT_THAT(said, HasSubstr("CapInh:\t0000000000000000"));
  EXPECT_THAT(said, HasSubstr(std::string("CapPrm:\t") + only_network));
  EXPECT_THAT(said, HasSubstr(std::string("CapEff:\t") + only_network));
  EXPECT_THAT(said, HasSubstr(std::string("CapBnd:\t") + only_network));
  EXPECT_THAT(said, HasSubstr("CapAmb:\t0000000000000000"));
  EXPECT_THAT(said, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(said, HasSubstr("its sockets open"));
}

TEST(Process, BecomesAUserWhoMayStillDoItsWork) {
  const std::string said = child([] {
    drop_rights({.user = "nobody"});
    const bool regained = setuid(0) == 0;
    return status() + opens_its_sockets() + (regained ? "root again" : "root no more");
  });
  EXPECT_THAT(said, HasSubstr("Uid:\t65534\t65534\t65534\t65534"));
  EXPECT_THAT(said, HasSubstr("Gid:\t65534\t65534\t65534\t65534"));
  EXPECT_THAT(said, HasSubstr("Groups:\t65534"));
  EXPECT_THAT(said, HasSubstr(std::string("CapEff:\t") + only_network));
  EXPECT_THAT(said, HasSubstr("its sockets open"));
  EXPECT_THAT(said, HasSubstr("root no more"));
}

TEST(Process, SaysThatThereIsNoSuchUser) {
  EXPECT_EQ(child([] {
              drop_rights({.user = "no-such-user"});
              return std::string();
            }),
            "threw: there is no user no-such-user");
}

TEST(Process, ShowsItsMemoryToNobodyWhenItHoldsAKey) {
  const auto dumpable = [](bool key) {
    return child([key] {
      drop_rights({.holds_key = key, .user = "nobody"});
      return std::to_string(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    });
  };
  EXPECT_EQ(dumpable(true), "0");
  EXPECT_EQ(dumpable(false), "1");
}

TEST(Process, LocksItsMemoryAndTakesPrecedenceWhenPermitted) {
  const std::string said = child([] {
    std::string out;
    for (const std::string& notice : settle_in({})) out += notice + '\n';
    drop_rights({.user = "nobody"});
    sched_param now{};
    sched_getparam(0, &now);
    const int policy = sched_getscheduler(0);
    const std::string later(32 << 20, 'x');  // memory to come is locked, too, without the right to lock it
    out += std::to_string(later.size()) + '\n';
    return out + "policy " + std::to_string(policy) + " priority " + std::to_string(now.sched_priority) + '\n' +
           status();
  });
  EXPECT_THAT(said, HasSubstr("policy " + std::to_string(SCHED_FIFO | SCHED_RESET_ON_FORK) + " priority 1"));
  if (!sanitized()) {  // sanitizers lock nothing
    EXPECT_THAT(said, Not(HasSubstr("VmLck:\t       0 kB")));
  }
  EXPECT_THAT(said, Not(HasSubstr("isn't")));
}

TEST(Process, SaysWhatIsNotPermittedAndGoesOn) {
  const std::string said = child([] {
    const rlimit little{65536, 65536};
    setrlimit(RLIMIT_MEMLOCK, &little);
    drop_rights({.user = "nobody"});
    std::string out;
    for (const std::string& notice : settle_in({})) out += notice + '\n';
    return out + opens_its_sockets();
  });
  EXPECT_THAT(said, HasSubstr("no real-time priority: Operation not permitted"));
  EXPECT_THAT(said, AnyOf(HasSubstr("memory isn't locked"), HasSubstr("only the memory of the start is locked")));
  EXPECT_THAT(said, HasSubstr("its sockets open"));
}

TEST(Process, AsksForNothingThatIsNotWished) {
  EXPECT_THAT(child([] {
                std::string out;
                for (const std::string& notice : settle_in({.lock_memory = false, .realtime = false})) out += notice;
                return out + (sched_getscheduler(0) == SCHED_OTHER ? "" : "a policy");
              }),
              IsEmpty());
}

}  // namespace
}  // namespace holdfast::lab
