#include "balancer/daemon/control_place.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

settings at(const std::string& host) {
  settings s;
  s.control_tcp = place{host, "4711", ""};
  s.control_acl = "ops";
  return s;
}

settings with_rules(settings s) {
  s.acls["ops"] = {{true, *prefix::parse("10.0.0.0/8")}};
  return s;
}

TEST(ControlPlace, IsNowhereUnlessSaid) {
  const auto where = control_place(settings(), resolver());
  ASSERT_TRUE(where);
  EXPECT_FALSE(*where);
}

TEST(ControlPlace, IsOnThisMachineWithoutMore) {
  EXPECT_EQ((*control_place(at("127.0.0.1"), resolver()))->text(), "127.0.0.1:4711");
  EXPECT_TRUE(control_place(at("::1"), resolver()));
}

TEST(ControlPlace, IsBeyondItOnlyWithRules) {
  EXPECT_EQ(control_place(at("10.0.0.1"), resolver()).error(),
            "control: expected rules that say who may send commands before they are taken beyond this machine: "
            "`acl 9 permit ADDRESS` and `control_acl 9`");
  EXPECT_TRUE(control_place(with_rules(at("10.0.0.1")), resolver()));
}

TEST(ControlPlace, IsEverywhereWithoutAnAddressIfThereAreRules) {
  EXPECT_EQ((*control_place(at(""), resolver()))->text(), "127.0.0.1:4711");
  EXPECT_EQ((*control_place(with_rules(at("")), resolver()))->text(), "0.0.0.0:4711");
}

TEST(ControlPlace, NeedsAPlaceThatIsKnown) {
  EXPECT_EQ(control_place(at("ops.example"), resolver()).error().substr(0, 9), "control: ");
}

TEST(ControlPlace, LetsInWhomTheRulesPermit) {
  const settings open = at("127.0.0.1"), ruled = with_rules(open);
  EXPECT_TRUE(may_control(open, {}, *address::parse("127.0.0.9")));
  EXPECT_FALSE(may_control(open, {}, *address::parse("10.0.0.9")));
  const acl_table acls(ruled.acls, {}, {});
  EXPECT_TRUE(may_control(ruled, acls, *address::parse("10.0.0.9")));
  EXPECT_FALSE(may_control(ruled, acls, *address::parse("192.0.2.9")));
}

}  // namespace
}  // namespace holdfast
