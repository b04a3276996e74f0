#include "vrrp/front/acquaintances.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

const address lb2 = address::v4(0xc000020c);
const address lb2_six = *address::parse("fe80::12");
const address lb3 = address::v4(0xc000020d);
const address stranger = address::v4(0xc0000263);

TEST(Acquaintances, AreNotNeededWithoutTheWire) {
  acquaintances those;
  EXPECT_TRUE(those.counts(stranger));
}

TEST(Acquaintances, LetEverybodyCountUntilAllHaveNamedThemselves) {
  acquaintances those;
  those.expect({"lb2", "lb3"});
  those.named("lb2", lb2, lb2_six);
  EXPECT_TRUE(those.counts(stranger)) << "it may be lb3";
  those.named("lb3", address(), address());
  EXPECT_TRUE(those.counts(stranger)) << "it has said nothing of this group yet";
  those.named("lb3", lb3, address());
  EXPECT_FALSE(those.counts(stranger));
  for (const address& one : {lb2, lb2_six, lb3}) EXPECT_TRUE(those.counts(one)) << one.text();
}

TEST(Acquaintances, ThatMoveAreKnownByWhatTheyNamedLast) {
  acquaintances those;
  those.expect({"lb2"});
  those.named("lb2", lb2, lb2_six);
  those.named("lb2", lb3, address());
  EXPECT_TRUE(those.counts(lb3));
  EXPECT_FALSE(those.counts(lb2));
  EXPECT_TRUE(those.counts(lb2_six)) << "an interface without an address for a while";
}

TEST(Acquaintances, AreKeptWhenTheClusterGrowsOrShrinks) {
  acquaintances those;
  those.expect({"lb2"});
  those.named("lb2", lb2, address());
  those.expect({"lb2", "lb3"});
  EXPECT_TRUE(those.counts(stranger));
  those.expect({"lb2"});
  EXPECT_FALSE(those.counts(stranger));
  EXPECT_TRUE(those.counts(lb2));
  those.named("nobody", stranger, address());
  EXPECT_FALSE(those.counts(stranger));
}

}  // namespace
}  // namespace holdfast
