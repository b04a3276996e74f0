// Clients that only listen: what can't live on without the addresses is told so, on both of its sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "base/clock_io.h"
#include "tests/lab/sync/cluster.h"

namespace holdfast::lab {
namespace {

constexpr int listeners = 400;

// Until the other side has ended or reset it; none: it hasn't for `limit`.
std::optional<duration> until_told(const conversation& c, instant since, duration limit) {
  pollfd one{.fd = c.fd(), .events = POLLIN | POLLRDHUP, .revents = 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit - (monotonic_now() - since)).count();
  if (::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0) return std::nullopt;
  return monotonic_now() - since;
}

class Departure : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.start();
    for (int i = 0; i < listeners; ++i) {
      const bool four = i % 2 == 0;
      held_.emplace_back(cluster_.scene().crowd(), at(four ? "192.0.2.2" : "2001:db8::2"),
                         at(four ? virtual4 : virtual6, 80));
      ASSERT_EQ(held_.back().get().front(), 's') << held_.back().trouble();
    }
  }
  void expect_all_told(instant since, duration limit) {
    duration last{};
    int silent = 0;
    for (const conversation& one : held_) {
      const auto told = until_told(one, since, limit);
      silent += !told;
      if (told) last = std::max(last, *told);
    }
    EXPECT_EQ(silent, 0) << cluster_.scene().said();
    std::printf("[  figure  ] the last of %d idle clients was told after %.0f ms\n", listeners,
                std::chrono::duration<double, std::milli>(last).count());
  }
  std::string connections(int number) { return cluster_.tell(number, "connections"); }
  bool has_none(int number) {
    return eventually([&] { return connections(number).find("192.0.2.2") == std::string::npos; }, 5s);
  }

  cluster cluster_;
  std::vector<conversation> held_;
};

TEST_F(Departure, OfASwitchoverIsTold) {
  const instant began = monotonic_now();
  cluster_.tell(1, "cluster switchover");
  const duration order = monotonic_now() - began;
  expect_all_told(began + order, 100ms);
  EXPECT_TRUE(has_none(1)) << connections(1);
}

TEST_F(Departure, OfAnAgentThatEndsInOrderIsTold) {
  const instant began = monotonic_now();
  cluster_.lb(1).agent().ask_to_end();
  expect_all_told(began, 500ms);
  EXPECT_TRUE(has_none(1)) << connections(1);
}

// Nobody is there to tell. When the lease is over and `departed` too, both nodes are rid of them.
TEST_F(Departure, OfAnAddressWithoutAnAgentEndsItsConnections) {
  cluster_.lb(1).agent().kill();
  EXPECT_TRUE(eventually([&] { return connections(1).find("192.0.2.2") == std::string::npos; }, 20s)) << connections(1);
  EXPECT_THAT(cluster_.tell(1, "status --json"), ::testing::HasSubstr("\"departed\":" + std::to_string(listeners)));
}

}  // namespace
}  // namespace holdfast::lab
