// How often a group may move, and which moves are alarms.
#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"

namespace holdfast {
namespace {

TEST(Group, HoldsBackAfterThreeChangesInAMinute) {
  bench b;
  b.start();
  duration t = 0s;
  for (int i = 0; i < 3; ++i) {
    b.tell(wake{}, t = b.due());
    ASSERT_EQ(b.machine.is(), role::active);
    b.hear(150, t += 1s);
    b.hear(150, t, 1);
  }
  EXPECT_FALSE(b.machine.preempts(at(t)));
  EXPECT_TRUE(b.machine.preempts(at(t + damping::first_hold)) || b.machine.held_until());
  b.tell(wake{}, t = b.due());
  EXPECT_EQ(b.machine.is(), role::active) << "silence is not a matter of preemption";
}

TEST(Group, AlarmsWhenSomethingHasHappenedToIt) {
  bench b;
  const auto alarms = [&](const group::event& e, duration when) {
    for (const auto& o : b.tell(e, when)) {
      if (const auto* move = std::get_if<group::moved>(&o)) return move->alarms;
    }
    ADD_FAILURE() << "no move at " << when.count();
    return false;
  };
  const auto heard = [](std::uint8_t priority) { return group::heard{0, priority, 1s, peer}; };
  EXPECT_FALSE(alarms(group::started{}, 0s));
  EXPECT_FALSE(alarms(wake{}, b.due())) << "the first of all: nobody was heard";
  EXPECT_TRUE(alarms(heard(150), 10s)) << "overruled";
  b.hear(150, 10s, 1);
  EXPECT_TRUE(alarms(wake{}, b.due())) << "the other fell silent";
  EXPECT_TRUE(alarms(group::judged{"eth0", fitness::fault, "no carrier"}, 20s));
  EXPECT_FALSE(alarms(group::judged{"eth0", fitness::fit, ""}, 21s)) << "it takes part again";
  EXPECT_FALSE(alarms(group::told_to_release{}, 22s));
  EXPECT_FALSE(alarms(group::told_to_take{}, 23s));
  EXPECT_FALSE(alarms(group::stopped{}, 24s));
}

TEST(Group, HoldsBackForWhatItDidInAnEarlierLife) {
  bench b;
  for (const duration when : {1s, 2s, 3s}) b.tell(group::activated_before{at(when)}, 4s);
  b.start();
  b.hear(50, 5s, 0);
  b.hear(50, 5s, 1);
  EXPECT_FALSE(b.machine.preempts(at(5s)));
  ASSERT_TRUE(b.machine.held_until());
  EXPECT_EQ(*b.machine.held_until(), at(3s + damping::first_hold));
}

}  // namespace
}  // namespace holdfast
