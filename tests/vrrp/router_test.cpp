#include "vrrp/election/router.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
constexpr auto initialize = router_state::initialize;
constexpr auto backup = router_state::backup;
constexpr auto active = router_state::active;

const address ours = address::v4(0x0a000001), lower = address::v4(0x0a000000), higher = address::v4(0x0a000002);

constexpr duration skew = duration(1s) * 156 / 256;  // of priority 100 at one second

instant at(duration since) { return instant(1h + since); }

struct bench {
  explicit bench(router::parameters p = {})
      : machine([&] {
          p.primary = ours;
          return p;
        }()) {}

  router::effects tell(const router::event& e, duration when) { return machine.on(e, at(when)); }
  router::effects start(duration when = 0s) { return tell(router::started{}, when); }
  router::effects hear(std::uint8_t priority, duration when, address from = higher, duration interval = 1s) {
    return tell(router::heard{priority, interval, from}, when);
  }
  void make_active() {
    start();
    tell(wake{}, machine.deadline().value() - at(0s));
    ASSERT_EQ(machine.state(), active);
  }
  duration due() const { return machine.deadline().value() - at(0s); }

  router machine;
};

std::vector<std::uint8_t> adverts(const router::effects& orders) {
  std::vector<std::uint8_t> said;
  for (const auto& o : orders) {
    if (const auto* a = std::get_if<router::advertise>(&o)) said.push_back(a->priority);
  }
  return said;
}
template <class Order>
bool has(const router::effects& orders) {
  return std::any_of(orders.begin(), orders.end(), [](const auto& o) { return std::holds_alternative<Order>(o); });
}

TEST(Router, WaitsThreeIntervalsPlusSkewAfterItsStart) {
  bench b;
  b.start();
  EXPECT_EQ(b.machine.state(), backup);
  EXPECT_EQ(b.due(), 3s + skew);
}

TEST(Router, TakesOverThreeIntervalsPlusSkewAfterSilence) {
  bench b;
  b.start();
  b.hear(150, 10s);
  EXPECT_EQ(b.due(), 10s + 3s + skew);
  EXPECT_TRUE(b.tell(wake{}, b.due() - 1ns).empty());
  const auto orders = b.tell(wake{}, b.due());
  EXPECT_EQ(adverts(orders), std::vector<std::uint8_t>{100});
  EXPECT_TRUE(std::holds_alternative<router::advertise>(orders[0]));
  EXPECT_TRUE(std::holds_alternative<router::take_addresses>(orders[1]));
  EXPECT_TRUE(std::holds_alternative<router::announce>(orders[2]));
  EXPECT_EQ(b.machine.state(), active);
}

TEST(Router, OwnsItsAddressesFromTheStartWithPriority255) {
  bench b({.priority = 255});
  const auto orders = b.start();
  EXPECT_EQ(adverts(orders), std::vector<std::uint8_t>{255});
  EXPECT_EQ(b.machine.state(), active);
}

TEST(Router, AdvertisesEveryInterval) {
  bench b;
  b.make_active();
  const duration first = b.due();
  EXPECT_EQ(adverts(b.tell(wake{}, first)), std::vector<std::uint8_t>{100});
  EXPECT_EQ(b.due(), first + 1s);
}

TEST(Router, WaitsTheSkewTimeWhenTheActiveLeaves) {
  bench b;
  b.start();
  b.hear(0, 2s);
  EXPECT_EQ(b.due(), 2s + skew);
}

TEST(Router, LearnsTheIntervalOfTheActive) {
  bench b;
  b.start();
  b.hear(150, 1s, higher, 100ms);
  EXPECT_EQ(b.due(), 1s + 300ms + skew / 10);
}

TEST(Router, LearnsNoIntervalInVersion2) {
  bench b({.learns = false});
  b.start();
  b.hear(150, 1s, higher, 100ms);
  EXPECT_EQ(b.due(), 1s + 3s + skew);
}

TEST(Router, LetsItsTimerRunForALowerPriorityWhenItPreempts) {
  bench b;
  b.start();
  const duration before = b.due();
  EXPECT_TRUE(b.hear(99, 1s).empty());
  EXPECT_EQ(b.due(), before);
  b.hear(100, 1s);
  EXPECT_GT(b.due(), before);
}

TEST(Router, FollowsALowerPriorityWhenItDoesNotPreempt) {
  bench b({.preempt = false});
  b.start();
  b.hear(1, 2s);
  EXPECT_EQ(b.due(), 2s + 3s + skew);
}

TEST(Router, YieldsToAHigherPriorityAndSaysSo) {
  bench b;
  b.make_active();
  const auto orders = b.hear(101, 10s, lower);
  EXPECT_EQ(adverts(orders), std::vector<std::uint8_t>{0});
  EXPECT_TRUE(has<router::release_addresses>(orders));
  EXPECT_EQ(b.machine.state(), backup);
}

TEST(Router, LetsTheGreaterAddressWinBetweenEqualPriorities) {
  bench b;
  b.make_active();
  EXPECT_EQ(adverts(b.hear(100, 10s, lower)), std::vector<std::uint8_t>{100});
  EXPECT_EQ(b.machine.state(), active);
  b.hear(100, 11s, higher);
  EXPECT_EQ(b.machine.state(), backup);
}

TEST(Router, AssertsItselfAtOnceAgainstALowerPriority) {
  bench b;
  b.make_active();
  EXPECT_EQ(adverts(b.hear(99, 10s)), std::vector<std::uint8_t>{100});
  EXPECT_EQ(b.due(), 11s);
}

TEST(Router, AdvertisesAtOnceWhenAnotherActiveLeaves) {
  bench b;
  b.make_active();
  EXPECT_EQ(adverts(b.hear(0, 10s)), std::vector<std::uint8_t>{100});
  EXPECT_EQ(b.machine.state(), active);
}

TEST(Router, LeavesWithPriorityZero) {
  bench b;
  b.make_active();
  const auto orders = b.tell(router::stopped{}, 10s);
  EXPECT_EQ(adverts(orders), std::vector<std::uint8_t>{0});
  EXPECT_TRUE(has<router::release_addresses>(orders));
  EXPECT_EQ(b.machine.state(), initialize);
  EXPECT_EQ(b.machine.deadline(), std::nullopt);
}

TEST(Router, FollowsWhomItWasAboutToPreemptWhenItMayNotAnyMore) {
  bench b;
  b.start();
  b.hear(50, 2900ms, lower);
  b.tell(router::changed{{.primary = ours, .preempt = false}}, 3s);
  EXPECT_EQ(b.due(), 5900ms + skew);
}

TEST(Router, FollowsWhomItWasAboutToPreemptWhenItIsWorthLess) {
  bench b;
  b.start();
  b.hear(50, 2900ms, lower);
  b.tell(router::changed{{.primary = ours, .priority = 3}}, 3s);
  EXPECT_GT(b.due(), 5900ms);
}

TEST(Router, DoesNotWaitForWhoHasLeftWhenItMayNotPreemptAnyMore) {
  for (const bool said : {true, false}) {
    bench b;
    b.start();
    b.hear(50, 2s, lower);
    said ? b.hear(0, 2100ms, lower) : b.tell(router::active_left{}, 2100ms);
    b.tell(router::changed{{.primary = ours, .preempt = false}}, 2200ms);
    EXPECT_EQ(b.due(), 2100ms + skew);
  }
}

TEST(Router, LeavesAsBackupWithoutAWord) {
  bench b;
  b.start();
  EXPECT_TRUE(adverts(b.tell(router::stopped{}, 1s)).empty());
  EXPECT_EQ(b.machine.state(), initialize);
}

TEST(Router, TakesNoPartBeforeItsStart) {
  bench b;
  for (const router::event& e :
       {router::event(router::heard{150, 1s, higher}), router::event(wake{}), router::event(router::chosen{}),
        router::event(router::overruled{}), router::event(router::active_left{}), router::event(router::spared{1s}),
        router::event(router::stopped{})}) {
    EXPECT_TRUE(b.tell(e, 1s).empty());
    EXPECT_EQ(b.machine.state(), initialize);
  }
}

TEST(Router, IsSilentAboutASleep) {
  bench b;
  b.make_active();
  const auto orders = b.tell(router::overruled{.in_order = false}, 20s);
  EXPECT_TRUE(adverts(orders).empty());
  EXPECT_TRUE(has<router::release_addresses>(orders));
}

TEST(Router, SparesTheActiveAfterALateLook) {
  bench b;
  b.start();
  b.tell(router::spared{1s}, 3500ms);
  EXPECT_EQ(b.due(), 4500ms);
  b.tell(router::spared{1s}, 1s);
  EXPECT_EQ(b.due(), 4500ms) << "it never shortens";
}

TEST(Router, ComputesSkewInFullResolution) {
  const auto skew_of = [](std::uint8_t priority, duration interval) {
    return router({.primary = {}, .priority = priority, .interval = interval}).skew_time();
  };
  EXPECT_EQ(skew_of(100, 50ms), duration(50ms) * 156 / 256);
  EXPECT_EQ(skew_of(254, 10ms), duration(10ms) * 2 / 256);
  EXPECT_EQ(skew_of(1, 40950ms), duration(40950ms) * 255 / 256);
}

TEST(Router, SkewsByAPartOfOneSecondInVersion2) {
  EXPECT_EQ(router({.interval = 3s, .learns = false}).active_down_interval(), 9s + skew);
}

TEST(Router, TakesANewIntervalSoonAsActive) {
  bench b;
  b.make_active();
  const duration now = b.due() - 900ms;
  b.tell(router::changed{{.primary = ours, .interval = 100ms}}, now);
  EXPECT_EQ(b.due(), now + 100ms);
}

TEST(Router, SaysALongerIntervalAtOnceAndTwiceAgainBeforeItFollowsIt) {
  bench b;
  b.make_active();
  b.tell(router::changed{{.primary = ours, .interval = 50ms}}, b.due() - 10ms);
  const duration now = b.due() - 30ms;
  const auto orders = b.tell(router::changed{{.primary = ours, .interval = 1s}}, now);
  ASSERT_EQ(orders.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<router::advertise>(orders[0]));
  for (int more = 1; more <= 2; ++more) {
    EXPECT_EQ(b.due(), now + more * 50ms);
    b.tell(wake{}, b.due());
  }
  EXPECT_EQ(b.due(), now + 100ms + 1s);
}

TEST(Router, WaitsForTheLongestIntervalUntilItHasHeardTheActives) {
  const router::parameters quick{.primary = ours, .interval = 50ms, .unheard = 1s};
  bench b(quick);
  b.tell(router::started{}, 0s);
  EXPECT_EQ(b.due(), 3s + skew);
  b.tell(router::changed{quick}, 1s);
  b.hear(200, 2s, higher, 50ms);
  EXPECT_EQ(b.due(), 2s + 150ms + skew / 20);
  b.tell(wake{}, b.due());
  EXPECT_EQ(b.machine.state(), router_state::active);
  const duration now = b.due();
  b.tell(router::overruled{}, now);
  EXPECT_EQ(b.due(), now + 3s + skew) << "by somebody whom we have not heard";
}

}  // namespace
}  // namespace holdfast
