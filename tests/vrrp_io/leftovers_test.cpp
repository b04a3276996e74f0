#include <gtest/gtest.h>

#include "vrrp/agent/leftovers_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {
namespace {

// A group with an address that this machine has of its own; nothing is taken off here, see lab-kernel for that.
TEST(Leftovers, WarnOfAddressesThatTheBoxHasOfItsOwn) {
  settings s;
  vrrp_settings& g = s.vrrp["front"];
  g.name = "front";
  g.interface = "lo";
  g.id = 51;
  g.addresses = {{.host = *address::parse("127.0.0.1"), .length = 8, .id = {}}};
  netlink kernel;
  const auto warnings = warnings_about_box(kernel, s);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].substr(0, 56), "127.0.0.1 is this box's own address on lo and stays here");
  g.interface = "hf-nowhere";
  EXPECT_TRUE(warnings_about_box(kernel, s).empty());
}

}  // namespace
}  // namespace holdfast
