#include "vrrp/front/known_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

address_state on(int index, std::uint32_t host, std::uint8_t origin = 0) {
  return {.index = index, .host = address::v4(host), .length = 24, .origin = origin};
}

TEST(KnownLinks, ChangeOnce) {
  known_links k;
  EXPECT_FALSE(k.take_changed());
  k.link_changed({.index = 2, .name = "eth0"});
  EXPECT_TRUE(k.take_changed());
  EXPECT_FALSE(k.take_changed());
  k.link_gone(2);
  EXPECT_TRUE(k.take_changed());
  EXPECT_THAT(k.links(), IsEmpty());
}

TEST(KnownLinks, KeepQuietAboutOurOwnAddresses) {
  known_links k;
  k.address_added(on(2, 1, our_origin));
  k.address_removed(on(2, 1, our_origin));
  EXPECT_FALSE(k.take_changed());
  k.address_added(on(2, 2));
  EXPECT_TRUE(k.take_changed());
}

TEST(KnownLinks, HaveAnAddressOnceOnEachLink) {
  known_links k;
  k.address_added(on(2, 1));
  k.address_added(on(2, 1));
  k.address_added(on(3, 1));
  EXPECT_THAT(k.addresses(), ElementsAre(on(2, 1), on(3, 1)));
  k.link_gone(2);
  EXPECT_THAT(k.addresses(), ElementsAre(on(3, 1)));
}

TEST(KnownLinks, TellWhatIsStillRemoved) {
  known_links k;
  k.address_added(on(2, 1));
  k.address_added(on(2, 2));
  k.address_removed(on(2, 1));
  k.address_removed(on(2, 2));
  k.address_added(on(2, 2));
  EXPECT_THAT(k.take_removed(), ElementsAre(on(2, 1))) << "the other is back";
  EXPECT_THAT(k.take_removed(), IsEmpty());
}

TEST(KnownLinks, BeginAnewWithAListOfAll) {
  known_links k;
  k.link_changed({.index = 2, .name = "eth0"});
  k.address_added(on(2, 1));
  const std::vector<link_state> links{{.index = 5, .name = "eth5"}};
  const std::vector addresses{on(5, 7)};
  k.resync(links, addresses);
  EXPECT_EQ(k.links().size(), 1U);
  EXPECT_EQ(k.links().at(5).name, "eth5");
  EXPECT_THAT(k.addresses(), ElementsAre(on(5, 7)));
}

}  // namespace
}  // namespace holdfast
