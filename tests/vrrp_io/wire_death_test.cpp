// The other agent is a process of its own, and is killed.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor_io.h"
#include "tests/vrrp_io/wire_rig.h"

namespace holdfast {

namespace {

// Agent "a" in a process of its own, which calls "b" once it is told b's port.
class other_process {
 public:
  other_process() {
    int ends[2] = {};
    ensure(pipe(ends) == 0);
    pid_ = fork();
    ensure(pid_ >= 0);
    if (pid_ == 0) run(ends[0]);
    descriptor(ends[0]).reset();
    tell_.reset(ends[1]);
  }
  ~other_process() { say(SIGKILL); }
  other_process(const other_process&) = delete;
  other_process& operator=(const other_process&) = delete;

  void call(std::uint16_t port) const { ensure(write(tell_.get(), &port, sizeof port) == sizeof port); }

  // SIGSTOP and SIGKILL have been obeyed when this returns.
  void say(int signal) {
    if (pid_ == 0) return;
    kill(pid_, signal);
    int status = 0;
    if (signal == SIGKILL || signal == SIGSTOP) waitpid(pid_, &status, WUNTRACED);
    if (signal == SIGKILL) pid_ = 0;
  }

 private:
  [[noreturn]] static void run(int orders) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::uint16_t port = 0;
    if (read(orders, &port, sizeof port) != sizeof port) _exit(1);
    boost::asio::io_context io;
    agent a(io, "a", {{"b", loopback(port)}});
    io.run();
    _exit(0);
  }

  pid_t pid_ = 0;
  descriptor tell_;
};

// Made before any socket of ours, so that the process inherits none.
class WireDeath : public testing::Test {
 protected:
  void connect() {
    b.emplace(io, "b", std::vector<wire_node>{{"a", loopback(1)}});
    a.call(b->where.port);
    ASSERT_TRUE(eventually(io, [&] { return b->connected(); }));
  }

  other_process a;
  boost::asio::io_context io;
  std::optional<agent> b;
};

TEST_F(WireDeath, IsReportedWhenTheAgentIsKilled) {
  connect();
  a.say(SIGKILL);
  const auto gone = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually(io, [&] { return b->news.size() == 2; }));
  EXPECT_EQ(b->news.back(), "died a");
  RecordProperty("microseconds", static_cast<int>((std::chrono::steady_clock::now() - gone) / 1us));
}

TEST_F(WireDeath, IsReportedWhenTheAgentIsKilledWithWordsUnread) {
  connect();
  a.say(SIGSTOP);
  for (std::uint64_t i = 0; i < 10; ++i) b->itself->say(report_of(i, 64));
  a.say(SIGKILL);
  ASSERT_TRUE(eventually(io, [&] { return b->news.size() == 2; }));
  EXPECT_EQ(b->news.back(), "died a");
}

TEST_F(WireDeath, IsNotReportedWhileTheAgentIsFrozen) {
  connect();
  a.say(SIGSTOP);
  io.restart();
  io.run_for(100ms);
  EXPECT_EQ(b->news.size(), 1U);
  a.say(SIGCONT);
  ASSERT_TRUE(eventually(io, [&] { return b->itself->status().at(0).round_trip.has_value(); }));
  EXPECT_TRUE(b->connected());
}

}  // namespace

}  // namespace holdfast
