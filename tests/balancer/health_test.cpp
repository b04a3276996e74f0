#include "balancer/health/health.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

check_settings every_two_seconds() {
  check_settings check;
  check.how = check_kind::tcp;
  check.every = 2s;
  check.rise = 2;
  check.fall = 3;
  return check;
}

// A server under check in virtual time.
class patient {
 public:
  explicit patient(const check_settings& check, std::uint64_t seed = 1) : machine(check, seed, now) {}

  // Waits for the next probe, answers it at once, and says whether the verdict moved.
  std::optional<health::moved> probe(bool passes) {
    const instant due = machine.deadline().value();
    waited = due - now;
    now = due;
    const auto orders = machine.on(wake{}, now);
    EXPECT_EQ(orders.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<health::probe>(orders.at(0)));
    EXPECT_FALSE(machine.deadline()) << "one probe at a time";
    const auto verdict = passes ? machine.on(health::probe_passed{}, now) : machine.on(health::probe_failed{}, now);
    std::optional<health::moved> moved;
    forgives = false;
    for (const auto& order : verdict) {
      if (const auto* how = std::get_if<health::moved>(&order)) moved = *how;
      forgives |= std::holds_alternative<health::forgive>(order);
    }
    return moved;
  }

  instant now = at(0s);
  health machine;
  bool forgives = false;  // the last answer lifts a blacklisting
  duration waited{};      // from the last probe's answer to the next probe
};

TEST(Health, StartsUpAndProbesWithinOneInterval) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const health machine(every_two_seconds(), seed, at(0s));
    EXPECT_TRUE(machine.up());
    EXPECT_GE(machine.deadline().value(), at(0s));
    EXPECT_LE(machine.deadline().value(), at(2s));
  }
}

TEST(Health, GoesDownAfterAsManyFailuresAsFallSays) {
  patient p(every_two_seconds());
  EXPECT_FALSE(p.probe(false));
  EXPECT_FALSE(p.probe(false));
  EXPECT_TRUE(p.machine.up());
  const auto moved = p.probe(false);
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->up);
  EXPECT_EQ(moved->in_a_row, 3U);
  EXPECT_FALSE(p.machine.up());
}

TEST(Health, ComesUpAfterAsManySuccessesAsRiseSays) {
  patient p(every_two_seconds());
  for (int i = 0; i < 3; ++i) p.probe(false);
  EXPECT_FALSE(p.probe(true));
  const auto moved = p.probe(true);
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->up);
  EXPECT_EQ(moved->in_a_row, 2U);
}

TEST(Health, CountsOnlyResultsInARow) {
  patient p(every_two_seconds());
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(p.probe(false));
    EXPECT_FALSE(p.probe(false));
    EXPECT_FALSE(p.probe(true));
  }
  EXPECT_TRUE(p.machine.up());
}

TEST(Health, AsksFourTimesFasterWhenInDoubt) {
  patient p(every_two_seconds());
  p.probe(true);
  p.probe(false);
  EXPECT_GE(p.waited, 1800ms);
  EXPECT_LE(p.waited, 2200ms);
  p.probe(false);
  EXPECT_GE(p.waited, 450ms);
  EXPECT_LE(p.waited, 550ms);
  p.probe(false);  // settled: it is down
  p.probe(true);
  EXPECT_GE(p.waited, 1800ms);
  p.probe(true);
  EXPECT_LE(p.waited, 550ms);
}

TEST(Health, NeverAsksMoreOftenThanTenTimesASecondInDoubt) {
  check_settings check = every_two_seconds();
  check.every = 200ms;
  patient p(check);
  p.probe(false);
  p.probe(false);
  EXPECT_GE(p.waited, 90ms);
}

TEST(Health, SpreadsProbesOverATenthBothWays) {
  patient p(every_two_seconds());
  p.probe(true);
  duration least = 10s, most = 0s;
  for (int i = 0; i < 1000; ++i) {
    p.probe(true);
    least = std::min(least, p.waited);
    most = std::max(most, p.waited);
  }
  EXPECT_GE(least, 1800ms);
  EXPECT_LE(least, 1820ms);
  EXPECT_LE(most, 2200ms);
  EXPECT_GE(most, 2180ms);
}

TEST(Health, ProbesSoonAfterAClientsConnectFailed) {
  patient p(every_two_seconds());
  p.probe(true);
  EXPECT_TRUE(p.machine.on(health::connect_failed{}, p.now).empty());
  EXPECT_LE(p.machine.deadline().value() - p.now, 100ms);
  EXPECT_TRUE(p.machine.up()) << "one client's failure proves nothing";
}

TEST(Health, ForgivesWhatAClientMetWhenAProbePasses) {
  patient p(every_two_seconds());
  p.probe(true);
  EXPECT_TRUE(p.forgives);
  for (int i = 0; i < 3; ++i) {
    p.probe(false);
    EXPECT_FALSE(p.forgives);
  }
  p.probe(true);
  EXPECT_FALSE(p.forgives) << "it is down still";
  EXPECT_TRUE(p.probe(true));
  EXPECT_TRUE(p.forgives);
}

// The answer of a probe that began before the failure does not count for much.
TEST(Health, ProbesSoonAgainAfterAConnectThatFailedMeanwhile) {
  patient p(every_two_seconds());
  p.now = p.machine.deadline().value();
  p.machine.on(wake{}, p.now);
  p.machine.on(health::connect_failed{}, p.now);
  p.machine.on(health::probe_passed{}, p.now);
  EXPECT_LE(p.machine.deadline().value() - p.now, 110ms);
  p.probe(true);
  EXPECT_GE(p.machine.deadline().value() - p.now, 1800ms);
}

TEST(Health, IsNotHurriedByFailuresOfAServerThatIsDown) {
  patient p(every_two_seconds());
  for (int i = 0; i < 3; ++i) p.probe(false);
  const auto before = p.machine.deadline();
  p.machine.on(health::connect_failed{}, p.now);
  EXPECT_EQ(p.machine.deadline(), before);
}

TEST(Health, IgnoresAnswersItDidNotAskFor) {
  patient p(every_two_seconds());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(p.machine.on(health::probe_failed{}, p.now).empty());
  EXPECT_TRUE(p.machine.up());
}

TEST(Health, LearnsNothingFromASpoiledProbeAndAsksAgainSoon) {
  patient p(every_two_seconds());
  p.probe(false);
  p.probe(false);
  for (int i = 0; i < 100; ++i) {
    p.now = p.machine.deadline().value();
    ASSERT_EQ(p.machine.on(wake{}, p.now).size(), 1U);
    EXPECT_TRUE(p.machine.on(health::probe_spoiled{}, p.now).empty());
    EXPECT_EQ(p.machine.deadline().value() - p.now, 100ms);
  }
  EXPECT_TRUE(p.machine.up());
  const auto moved = p.probe(false);
  ASSERT_TRUE(moved) << "it neither adds to the failures in a row nor ends them";
  EXPECT_EQ(moved->in_a_row, 3U);
}

// The times of its sweeps until then, since it went down, and whether they close; all probes meanwhile end alike.
std::vector<std::pair<duration, bool>> sweeps_of(health& machine, instant from, duration until, bool passes = false) {
  std::vector<std::pair<duration, bool>> seen;
  instant now = from, down{};
  const auto take = [&](const health::effects& orders) {
    bool asked = false;
    for (const auto& order : orders) {
      if (std::holds_alternative<health::moved>(order)) down = now;
      if (const auto* s = std::get_if<health::sweep>(&order)) seen.emplace_back(now - down, s->closes);
      asked |= std::holds_alternative<health::probe>(order);
    }
    return asked;
  };
  for (auto due = machine.deadline(); due && *due <= from + until; due = machine.deadline()) {
    now = *due;
    if (!take(machine.on(wake{}, now))) continue;
    take(passes ? machine.on(health::probe_passed{}, now) : machine.on(health::probe_failed{}, now));
  }
  return seen;
}

TEST(Health, SweepsTheConnectionsOfAServerThatStaysDown) {
  health machine(every_two_seconds(), 1, at(0s), 10s);
  const auto seen = sweeps_of(machine, at(0s), 40s);
  ASSERT_GE(seen.size(), 4U);
  EXPECT_EQ(seen[0], (std::pair<duration, bool>(0s, false))) << "first it is noted what they have heard";
  for (std::size_t i = 1; i < seen.size(); ++i)
    EXPECT_EQ(seen[i], (std::pair<duration, bool>(10s * static_cast<int>(i), true)));
  machine.on(health::changed{every_two_seconds(), 0s}, at(40s));
  EXPECT_TRUE(sweeps_of(machine, at(40s), 100s).empty()) << "until that is not wanted";
}

TEST(Health, KeepsTheConnectionsOfAServerThatReturnsInTime) {
  health machine(every_two_seconds(), 1, at(0s), 10s);
  EXPECT_EQ(sweeps_of(machine, at(0s), 8s), (std::vector{std::pair<duration, bool>(0s, false)}));
  EXPECT_FALSE(machine.up());
  EXPECT_TRUE(sweeps_of(machine, at(8s), 100s, true).empty());
  EXPECT_TRUE(machine.up());
}

TEST(Health, NeverSweepsWithoutAPatience) {
  health machine(every_two_seconds(), 1, at(0s));
  EXPECT_TRUE(sweeps_of(machine, at(0s), 100s).empty());
}

TEST(Health, IgnoresAnEarlyWake) {
  patient p(every_two_seconds());
  p.probe(true);
  EXPECT_TRUE(p.machine.on(wake{}, p.now).empty());
}

TEST(Health, KeepsItsVerdictThroughAReload) {
  patient p(every_two_seconds());
  for (int i = 0; i < 3; ++i) p.probe(false);
  check_settings faster = every_two_seconds();
  faster.every = 500ms;
  faster.rise = 1;
  p.machine.on(health::changed{faster}, p.now);
  EXPECT_FALSE(p.machine.up());
  EXPECT_LE(p.machine.deadline().value() - p.now, 500ms);
  const auto moved = p.probe(true);
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->up);
}

}  // namespace
}  // namespace holdfast
