#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/loop/notify_io.h"
#include "tests/base/notify_socket.h"

namespace holdfast {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using namespace std::chrono_literals;

// The environment says where it is.
class announced_socket : public notify_socket {
 public:
  template <class... Name>
  explicit announced_socket(Name... name) : notify_socket(name...) {
    setenv("NOTIFY_SOCKET", this->name().c_str(), 1);
  }
  ~announced_socket() { unsetenv("NOTIFY_SOCKET"); }
};

TEST(Notifier, SaysEachWordInADatagram) {
  const announced_socket at;
  notifier n = notifier::from_environment();
  EXPECT_TRUE(n.has_manager());
  n.ready();
  n.status("3 services");
  n.alive();
  n.reloading();
  n.ready();
  n.stopping(7s);
  EXPECT_THAT(at.heard(), ElementsAre("READY=1\n", "STATUS=3 services\n", "WATCHDOG=1\n",
                                      MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+\n"), "READY=1\n",
                                      "STOPPING=1\nEXTEND_TIMEOUT_USEC=7000000\n"));
}

TEST(Notifier, FindsASocketWithAPath) {
  const announced_socket at("/tmp/holdfast-notify-test-" + std::to_string(getpid()));
  notifier::from_environment().ready();
  EXPECT_THAT(at.heard(), ElementsAre("READY=1\n"));
}

TEST(Notifier, TellsTheTimeOfAReloadInMicrosecondsOfTheMonotonicClock) {
  const announced_socket at;
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(monotonic_now().time_since_epoch()).count();
  };
  const auto before = now();
  notifier::from_environment().reloading();
  const std::string said = at.heard().at(0);
  const std::int64_t when = std::stoll(said.substr(said.rfind('=') + 1));
  EXPECT_LE(before, when);
  EXPECT_LE(when, now());
}

TEST(Notifier, TakesItsVariablesOutOfTheEnvironment) {
  const announced_socket at;
  setenv("WATCHDOG_USEC", "3000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(notifier::from_environment().watchdog(), duration(3s));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) EXPECT_EQ(std::getenv(name), nullptr);
  EXPECT_FALSE(notifier::from_environment().has_manager());
}

TEST(Notifier, HasAWatchdogOnlyIfItIsMeant) {
  const auto watchdog = [](const char* time, const std::string& whose) {
    const announced_socket at;
    setenv("WATCHDOG_USEC", time, 1);
    if (!whose.empty()) setenv("WATCHDOG_PID", whose.c_str(), 1);
    return notifier::from_environment().watchdog();
  };
  EXPECT_EQ(watchdog("250000", ""), duration(250ms));
  EXPECT_EQ(watchdog("250000", std::to_string(getpid() + 1)), std::nullopt);
  for (const char* nonsense : {"", "0", "-1", "1s", "99999999999999999999"}) {
    EXPECT_EQ(watchdog(nonsense, ""), std::nullopt) << nonsense;
  }
}

TEST(Notifier, DoesNothingWithoutAManager) {
  for (const std::string& name : {std::string(), std::string("relative"), std::string("/nobody/listens"),
                                  std::string("@nobody-listens"), '/' + std::string(200, 'x')}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    notifier n = notifier::from_environment();
    EXPECT_FALSE(n.has_manager()) << name;
    n.ready();
    n.retry();
  }
}

TEST(Notifier, ReadiesNobodyOnceItStops) {
  const announced_socket at;
  notifier n = notifier::from_environment();
  n.stopping(7s);
  n.reloading();
  n.ready();
  EXPECT_THAT(at.heard(), ElementsAre("STOPPING=1\nEXTEND_TIMEOUT_USEC=7000000\n"));
}

// The kernel keeps some ten datagrams for a manager that doesn't read.
TEST(Notifier, KeepsTheLastOfEachWordThatTheManagerHasNoRoomFor) {
  const announced_socket at;
  notifier n = notifier::from_environment();
  for (int i = 0; i < 2000; ++i) n.alive();
  n.reloading();
  n.ready();
  n.status("one");
  n.status("two");
  for (const std::string& early : at.heard()) EXPECT_EQ(early, "WATCHDOG=1\n");
  n.retry();
  n.retry();  // nothing is left
  EXPECT_THAT(at.heard(), ElementsAre("READY=1\nSTATUS=two\nWATCHDOG=1\n"));
}

class supervised {
 public:
  explicit supervised(duration watchdog = {}) {
    if (watchdog > 0s) setenv("WATCHDOG_USEC", std::to_string(watchdog / 1us).c_str(), 1);
    told.emplace(io, notifier::from_environment(),
                 supervision::questions{.status = [this] { return "turned " + std::to_string(++asked); },
                                        .alive = [this] { return alive; }});
  }
  std::vector<std::string> after(duration time) {
    io.restart();
    io.run_for(time);
    return at.heard();
  }

  announced_socket at;
  boost::asio::io_context io{1};
  bool alive = true;
  int asked = 0;
  std::optional<supervision> told;
};

TEST(Supervision, SaysReadyFromTheFirstTurnOfTheLoop) {
  supervised s;
  EXPECT_THAT(s.at.heard(), IsEmpty());
  EXPECT_THAT(s.after(20ms), ElementsAre("READY=1\n", "STATUS=turned 1\n"));
}

TEST(Supervision, FeedsTheWatchdogFourTimesInItsTimeWhileAllIsAlive) {
  supervised s(200ms);
  const auto first = s.after(300ms);
  const auto fed = std::count(first.begin(), first.end(), "WATCHDOG=1\n");
  EXPECT_GE(fed, 3);  // 7 on a machine that has time
  EXPECT_LE(fed, 7);
  s.alive = false;
  EXPECT_THAT(s.after(200ms), IsEmpty());
  s.alive = true;
  EXPECT_FALSE(s.after(100ms).empty());
}

TEST(Supervision, AsksNobodyWithoutAManager) {
  unsetenv("NOTIFY_SOCKET");
  boost::asio::io_context io{1};
  int asked = 0;
  const supervision told(io, notifier::from_environment(),
                         {.status = [&] { return std::to_string(++asked); }, .alive = [&] { return ++asked > 0; }});
  io.run_for(10ms);
  EXPECT_EQ(asked, 0);
}

}  // namespace

}  // namespace holdfast
