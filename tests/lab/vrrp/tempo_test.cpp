// The interval that nobody has said: quick among our own nodes, and as everybody can follow as soon as somebody else
// takes part.
#include <gtest/gtest.h>

#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

// A balancer that is late because the machine is busy otherwise is no reason to move.
const pair_config calm{.six = true, .automatic = true, .more = "vrrp front patience 2s\n"};

TEST(AutomaticInterval, IsQuickAmongOurNodesAndSlowWhileAStrangerTakesPart) {
  drill d(player::ours, calm);
  ASSERT_TRUE(d.advertises_every(50ms)) << d.story();
  d.strike();
  d.send_from_stranger({forged_advert(d.wanted().vrid, 50, 1s)}, 1);
  EXPECT_TRUE(d.advertises_every(1s)) << d.story();
  const drill::outcome o = d.end();
  EXPECT_EQ(o.holders4, std::vector<std::string>{"lb1"}) << d.story();
  EXPECT_FALSE(first_of(d.heard().adverts(), "lb2", d.struck())) << "it takes over by mistake\n" << d.story();
  EXPECT_NE(d.active().said().find("192.0.2.99 is no node of ours"), std::string::npos) << d.story();
}

TEST(AutomaticInterval, IsSlowWhenTheWireBreaksAndQuickWhenItIsBack) {
  drill d(player::ours, calm);
  ASSERT_TRUE(d.advertises_every(50ms)) << d.story();
  d.strike();
  for (int i = 0; i < 3; ++i) {
    d.scene().sync().drop({"iifname lb1", "oifname lb1"});
    ASSERT_TRUE(d.advertises_every(1s)) << d.story();
    d.scene().sync().drop({});
    ASSERT_TRUE(d.advertises_every(50ms)) << d.story();
  }
  EXPECT_EQ(d.end().holders4, std::vector<std::string>{"lb1"}) << d.story();
  EXPECT_FALSE(first_of(d.heard().adverts(), "lb2", d.struck())) << "it takes over by mistake\n" << d.story();
}

}  // namespace
}  // namespace holdfast::lab
