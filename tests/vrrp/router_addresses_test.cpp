#include "vrrp/kernel/router_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const address one = address::v4(0xc0000250), two = address::v4(0xc0000251);

router_addresses made() {
  return router_addresses({{.host = one, .length = 24, .id = {}}, {.host = two, .length = 32, .id = {}}});
}

TEST(RouterAddresses, ArePutOnUnlessTheBoxHasThem) {
  router_addresses r = made();
  EXPECT_THAT(r.to_put_on(2), ElementsAre(leased_address{2, one, 24}, leased_address{2, two, 32}));
  EXPECT_TRUE(r.spare({{2, two, 32}}));
  EXPECT_FALSE(r.spare({{2, two, 32}})) << "no news";
  EXPECT_THAT(r.to_put_on(2), ElementsAre(leased_address{2, one, 24}));
  EXPECT_EQ(r.to_put_on(3).size(), 2U) << "the box has it elsewhere";
  EXPECT_TRUE(r.has(two)) << "it is ours all the same";
}

TEST(RouterAddresses, AreOursAMomentAfterWeTookThem) {
  router_addresses r = made();
  EXPECT_FALSE(r.is_ours_now(one, instant(1h)));
  r.take(instant(1h));
  EXPECT_FALSE(r.is_ours_now(one, instant(1h + 500ms))) << "who had them may not know yet";
  r.take(instant(1h + 900ms));
  EXPECT_TRUE(r.is_ours_now(one, instant(1h + 1s))) << "taken once";
  EXPECT_FALSE(r.is_ours_now(address::v4(7), instant(1h + 1s)));
  EXPECT_TRUE(r.release());
  EXPECT_FALSE(r.release());
  EXPECT_FALSE(r.holds());
}

TEST(RouterAddresses, ChangeByWhatIsAnother) {
  router_addresses r = made();
  const auto before = r.to_put_on(2);
  r.change({{.host = two, .length = 32, .id = {}}});
  const auto after = r.to_put_on(2);
  EXPECT_THAT(only_in(before, after), ElementsAre(leased_address{2, one, 24}));
  EXPECT_THAT(only_in(after, before), IsEmpty());
  EXPECT_THAT(r.hosts(), ElementsAre(two));
}

}  // namespace
}  // namespace holdfast
