#include "vrrp/kernel/instance.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

link_state link_of(const instance& one) {
  return {.index = 9, .name = one.name(), .mac = one.mac(), .parent = one.parent, .kind = "macvlan"};
}

TEST(Instance, HasTheVirtualMacOfItsIdAndFamily) {
  const instance four{.parent = 2, .id = 51, .ipv6 = false}, six{.parent = 2, .id = 51, .ipv6 = true};
  EXPECT_EQ(four.mac(), (mac_address{0, 0, 0x5e, 0, 1, 51}));
  EXPECT_EQ(six.mac(), (mac_address{0, 0, 0x5e, 0, 2, 51}));
  EXPECT_EQ(four.name(), "hf4-51-2");
  EXPECT_EQ(six.name(), "hf6-51-2");
}

TEST(Instance, IsKnownAgainByAllThatIsOurs) {
  const instance one{.parent = 12, .id = 255, .ipv6 = true};
  EXPECT_EQ(instance_of(link_of(one)), one);
  link_state other = link_of(one);
  other.kind = "bridge";
  EXPECT_EQ(instance_of(other), std::nullopt);
  other = link_of(one);
  other.mac[4] = 1;
  EXPECT_EQ(instance_of(other), std::nullopt) << "the MAC of the other family";
  other = link_of(one);
  other.name = "eth0";
  EXPECT_EQ(instance_of(other), std::nullopt);
  other.name = "";
  EXPECT_EQ(instance_of(other), std::nullopt);
}

TEST(Instance, HasItsSettingsInFiles) {
  EXPECT_EQ(setting_path("hf4-51-2", "ipv4/arp_ignore"), "/proc/sys/net/ipv4/conf/hf4-51-2/arp_ignore");
}

}  // namespace
}  // namespace holdfast
