#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <variant>

#include "base/loop/drive_io.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

// Wants to be woken `left` times, at instants that have passed, and orders one tick each time.
struct ticker {
  struct add {
    int count = 0;
  };
  struct stop {};
  using event = std::variant<add, stop, wake>;
  struct tick {
    int left = 0;
    instant at;
  };
  using effects = effect_list<tick, 1>;

  int left = 0;
  duration ahead{};

  effects on(const event& e, instant now) {
    if (const auto* more = std::get_if<add>(&e)) left += more->count;
    if (std::holds_alternative<stop>(e)) left = 0;
    if (!std::holds_alternative<wake>(e)) return {};
    return {tick{--left, now}};
  }
  std::optional<instant> deadline() const {
    if (left == 0) return std::nullopt;
    return instant{} + ahead;
  }
};

TEST(Driver, WakesTheMachineUntilItHasNoDeadline) {
  boost::asio::io_context io;
  std::vector<int> seen;
  driver<ticker> d(io, {.left = 3}, [&](const ticker::tick& t) { seen.push_back(t.left); });
  io.run();
  EXPECT_EQ(seen, (std::vector{2, 1, 0}));
}

TEST(Driver, ArmsTheAlarmAgainAfterAnEvent) {
  boost::asio::io_context io;
  int ticks = 0;
  driver<ticker> d(io, {}, [&](const ticker::tick&) { ++ticks; });
  io.run();
  EXPECT_EQ(ticks, 0);
  d.feed(ticker::add{2});
  io.restart();
  io.run();
  EXPECT_EQ(ticks, 2);
  EXPECT_EQ(d.state().left, 0);
}

TEST(Driver, DoesNotWakeWhenTheDeadlineIsWithdrawn) {
  boost::asio::io_context io;
  int ticks = 0;
  driver<ticker> d(io, {.left = 1}, [&](const ticker::tick&) { ++ticks; });
  d.feed(ticker::stop{});
  io.run();
  EXPECT_EQ(ticks, 0);
}

TEST(Driver, NeverWakesTooEarly) {
  boost::asio::io_context io;
  const duration soon = monotonic_now().time_since_epoch() + 5ms;
  instant woken;
  driver<ticker> d(io, {.left = 1, .ahead = soon}, [&](const ticker::tick& t) { woken = t.at; });
  io.run();
  EXPECT_GE(woken, instant{} + soon);
}

TEST(Driver, LeavesNothingBehind) {
  boost::asio::io_context io;
  {
    const driver<ticker> d(io, {.left = 1}, [](const ticker::tick&) { FAIL() << "woken after its end"; });
  }
  io.run();
}

TEST(Driver, MayBeFedByAnOrder) {
  boost::asio::io_context io;
  driver<ticker>* itself = nullptr;
  int ticks = 0;
  driver<ticker> d(io, {.left = 1}, [&](const ticker::tick&) {
    if (++ticks < 3) itself->feed(ticker::add{1});
  });
  itself = &d;
  io.run();
  EXPECT_EQ(ticks, 3);
}

TEST(Driver, FeedsNothingOnceItIsStopped) {
  boost::asio::io_context io;
  driver<ticker>* itself = nullptr;
  int ticks = 0;
  driver<ticker> d(io, {.left = 5}, [&](const ticker::tick&) {
    ++ticks;
    itself->stop();
  });
  itself = &d;
  io.run();
  d.feed(wake{});
  EXPECT_EQ(ticks, 1);
}

}  // namespace

}  // namespace holdfast
