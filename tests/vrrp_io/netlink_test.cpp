#include <gtest/gtest.h>

#include <algorithm>

#include "vrrp/kernel/netlink_io.h"

namespace holdfast {
namespace {

// What every machine has, and every user may ask for.
TEST(Netlink, KnowsTheLoopbackInterface) {
  netlink kernel;
  const auto links = kernel.links();
  ASSERT_TRUE(links) << links.error();
  const auto lo = std::ranges::find(*links, "lo", &link_state::name);
  ASSERT_NE(lo, links->end());
  const auto found = kernel.find("lo");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->index, lo->index);
}

TEST(Netlink, KnowsItsAddress) {
  netlink kernel;
  const auto all = kernel.addresses();
  ASSERT_TRUE(all) << all.error();
  const auto found = std::ranges::find(*all, *address::parse("127.0.0.1"), &address_state::host);
  ASSERT_NE(found, all->end());
  EXPECT_EQ(found->length, 8);
  EXPECT_FALSE(found->global);
  EXPECT_FALSE(found->left);
}

TEST(Netlink, SaysInWordsWhatIsNotThere) {
  netlink kernel;
  EXPECT_EQ(kernel.find("hf-nowhere").error(), "there is no interface hf-nowhere");
  EXPECT_NE(kernel.find("").error().find("can't be the name of an interface"), std::string::npos);
  EXPECT_NE(kernel.find(std::string(20, 'x')).error().find("can't be the name"), std::string::npos);
}

}  // namespace
}  // namespace holdfast
