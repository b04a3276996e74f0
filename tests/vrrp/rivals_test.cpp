#include "vrrp/front/rivals.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

const address virtual4 = *address::parse("192.0.2.80"), own4 = *address::parse("192.0.2.1");
const mac_address printer = {0x02, 0, 0, 0, 0, 0x0a}, server = {0x02, 0, 0, 0, 0, 0x0b};
const instant start{1h};

TEST(Rivals, AreNewsOnce) {
  rivals r;
  EXPECT_TRUE(r.claim(virtual4, printer, start));
  for (int i = 1; i < 100; ++i) EXPECT_FALSE(r.claim(virtual4, printer, start + i * 1min));
  EXPECT_TRUE(r.claim(virtual4, server, start + 2h)) << "another one";
  EXPECT_TRUE(r.claim(own4, server, start + 2h)) << "another address";
}

TEST(Rivals, AreNewsAgainAfterTheyWereSilent) {
  rivals r;
  EXPECT_TRUE(r.claim(virtual4, printer, start));
  EXPECT_FALSE(r.claim(virtual4, printer, start + rivals::remembered));
  EXPECT_TRUE(r.claim(virtual4, printer, start + 2 * rivals::remembered + 1s));
  ASSERT_EQ(r.all().size(), 1U);
  EXPECT_EQ(r.all()[0].since, start + 2 * rivals::remembered + 1s);
}

TEST(Rivals, AreSoManyAtATime) {
  rivals r;
  for (std::size_t i = 0; i < rivals::most; ++i) {
    EXPECT_TRUE(r.claim(address::v4(static_cast<std::uint32_t>(i)), printer, start));
  }
  EXPECT_FALSE(r.claim(virtual4, printer, start));
  EXPECT_EQ(r.all().size(), rivals::most);
  EXPECT_TRUE(r.claim(virtual4, printer, start + 1h)) << "the others are forgotten";
}

TEST(Mac, IsSixHexadecimalNumbers) { EXPECT_EQ(mac_text(printer), "02:00:00:00:00:0a"); }

}  // namespace
}  // namespace holdfast
