// An address answers for one box alone, soon after all of ours on the other has been killed and nobody is there to take
// it off: its lease ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock_io.h"
#include "tests/lab/vrrp/drill.h"
#include "tests/lab/vrrp/owners.h"

namespace holdfast::lab {
namespace {

struct succession {
  duration taken{};   // until the other box answered
  duration parted{};  // until the dead one did for the last time
};

succession kill_all_of_lb1(const pair_config& w) {
  drill d(player::ours, w);
  const auto dead = hardware_of(d.active().machine()), heir = hardware_of(d.other().machine());
  EXPECT_TRUE(!w.automatic || d.advertises_every(50ms)) << d.story();
  owners asked(d.scene().crowd(), at("192.0.2.2"), at(virtual4));
  EXPECT_TRUE(eventually([&] { return asked.answered() > 20; }));
  const instant killed = monotonic_now();
  d.active().kill_all();
  pass(4s);
  const std::vector<owners::answer> all = asked.stop();
  succession s{4s, 0s};
  for (const auto& [when, from] : all) {
    if (from == dead) s.parted = std::max(s.parted, when - killed);
    if (from == heir) s.taken = std::min(s.taken, when - killed);
  }
  EXPECT_EQ(all.back().from, heir) << d.story();
  EXPECT_THAT(d.scene().holders(virtual4), ::testing::ElementsAre("lb2")) << d.story();
  EXPECT_THAT(d.scene().holders(virtual6), ::testing::ElementsAre("lb2")) << d.story();
  return s;
}

void expect_one_owner(const std::string& what, const pair_config& w) {
  succession worst;
  const int times = long_form() ? 10 : 1;
  for (int i = 0; i < times; ++i) {
    const succession s = kill_all_of_lb1(w);
    worst = {std::max(worst.taken, s.taken), std::max(worst.parted, s.parted)};
  }
  std::printf("[  figure  ] all killed, %s: the other answers after %.0f ms, it alone after %.0f ms, the worst of %d\n",
              what.c_str(), milliseconds(worst.taken), milliseconds(worst.parted), times);
  EXPECT_LE(worst.parted, 1500ms);
}

TEST(Owner, IsOneAgainByDefault) { expect_one_owner("default settings", {.six = true, .automatic = true}); }
TEST(Owner, IsOneAgainAtTenMilliseconds) { expect_one_owner("10 ms", {.six = true, .interval = 10ms}); }

}  // namespace
}  // namespace holdfast::lab
