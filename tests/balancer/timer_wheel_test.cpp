#include "balancer/loop/timer_wheel.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const instant start{100h};

TEST(TimerWheel, TellsWhatIsDueAndNothingElse) {
  timer_wheel w(start);
  w.set(3, start + 1s);
  w.set(5, start + 2s);
  EXPECT_EQ(w.due(3), start + 1s);
  EXPECT_THAT(w.expire(start + 999ms), IsEmpty());
  EXPECT_THAT(w.expire(start + 1s + timer_wheel::tick), ElementsAre(3));
  EXPECT_EQ(w.due(3), std::nullopt);
  EXPECT_THAT(w.expire(start + 1500ms), IsEmpty());
  EXPECT_THAT(w.expire(start + 3s), ElementsAre(5));
}

TEST(TimerWheel, SaysWhenToAskNext) {
  timer_wheel w(start);
  EXPECT_EQ(w.next(), std::nullopt);
  w.set(1, start + 1s);
  ASSERT_TRUE(w.next());
  EXPECT_GE(*w.next(), start + 1s);
  EXPECT_LE(*w.next(), start + 1s + timer_wheel::tick);
  w.cancel(1);
  EXPECT_EQ(w.next(), std::nullopt);
}

TEST(TimerWheel, MovesATimerThatIsSetAgain) {
  timer_wheel w(start);
  w.set(1, start + 1s);
  w.set(1, start + 5s);
  EXPECT_THAT(w.expire(start + 2s), IsEmpty());
  w.set(1, start + 3s);
  EXPECT_THAT(w.expire(start + 4s), ElementsAre(1));
}

TEST(TimerWheel, RemembersWhatLiesBeyondItsHorizon) {
  timer_wheel w(start);
  w.set(1, start + 1h);
  instant now = start;
  int wakes = 0;
  while (now < start + 1h) {
    ASSERT_TRUE(w.next());
    now = std::max(now, *w.next());
    ++wakes;
    const auto& told = w.expire(now);
    if (!told.empty()) break;
  }
  EXPECT_GE(now, start + 1h);
  EXPECT_LE(now, start + 1h + timer_wheel::tick);
  EXPECT_LT(wakes, 100);  // once a round, not once a tick
}

TEST(TimerWheel, TellsAllAfterALongSleepAndIsExactAgain) {
  timer_wheel w(start);
  for (std::uint32_t i = 0; i < 100; ++i) w.set(i, start + i * 1s);
  w.set(200, start + 1h + 1s);
  EXPECT_EQ(w.expire(start + 1h).size(), 100);
  EXPECT_THAT(w.expire(start + 1h + 900ms), IsEmpty());
  EXPECT_THAT(w.expire(start + 1h + 1100ms), ElementsAre(200));
}

TEST(TimerWheel, TellsNoMoreAtOnceThanItIsAskedFor) {
  timer_wheel w(start);
  for (std::uint32_t i = 0; i < 100; ++i) w.set(i, start + 1s);
  w.set(200, start + 1s + timer_wheel::buckets * timer_wheel::tick);  // in the same bucket, a turn later
  const instant now = start + 2s;
  std::set<std::uint32_t> told;
  for (int call = 0; call < 10; ++call) {
    ASSERT_TRUE(w.next());
    EXPECT_LE(*w.next(), now) << "there is more";
    const auto& some = w.expire(now, 10);
    EXPECT_EQ(some.size(), 10);
    told.insert(some.begin(), some.end());
  }
  EXPECT_EQ(told.size(), 100);
  EXPECT_THAT(w.expire(now, 10), IsEmpty());
  EXPECT_GT(*w.next(), now);
  EXPECT_EQ(w.due(200), start + 1s + timer_wheel::buckets * timer_wheel::tick);
}

TEST(TimerWheel, TellsWhatIsLongOverdueAtTheNextTick) {
  timer_wheel w(start);
  w.set(1, start - 1h);
  EXPECT_THAT(w.expire(start + timer_wheel::tick), ElementsAre(1));
}

TEST(TimerWheel, AgreesWithAnOrderedMap) {
  std::mt19937 random(7);
  timer_wheel w(start);
  std::map<std::uint32_t, instant> expected;
  instant now = start;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint32_t id = random() % 500;
    if (random() % 4 == 0) {
      w.cancel(id);
      expected.erase(id);
    } else {
      expected[id] = now + std::chrono::milliseconds(random() % 200'000);
      w.set(id, expected[id]);
    }
    now += std::chrono::milliseconds(random() % (step % 1000 == 0 ? 300'000 : 20));
    for (const std::uint32_t told : w.expire(now)) {
      ASSERT_TRUE(expected.contains(told));
      ASSERT_LE(expected[told], now);
      expected.erase(told);
    }
    for (const auto& [left, due] : expected) ASSERT_GT(due + timer_wheel::tick, now) << left;
  }
}

}  // namespace

}  // namespace holdfast
