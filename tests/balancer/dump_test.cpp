#include "balancer/flow/dump.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Dump, IsHexadecimalDigits) {
  EXPECT_EQ(dump_text("GET\n\xff", false), "47 45 54 0a ff");
  EXPECT_EQ(dump_text("", false), "");
}

TEST(Dump, IsTextThatEndsNoLineAndNoQuotation) { EXPECT_EQ(dump_text("GET \"/\"\r\n\x1b\xff~", true), "GET ./.....~"); }

TEST(Dump, SaysHowMuchOfALongPieceIsLeftOut) {
  const std::string whole(most_dumped, 'a');
  EXPECT_EQ(dump_text(whole, true), whole);
  EXPECT_EQ(dump_text(whole + "bc", true), whole + " and 2 more");
}

}  // namespace
}  // namespace holdfast
