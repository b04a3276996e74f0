#include "cli/options/pen_option_table.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(PenOptionTable, SaysWhatEachOptionDoes) {
  for (const option& o : pen_option_table()) {
    EXPECT_TRUE(o.does != effect::refused || !o.text.empty()) << "why";
    EXPECT_EQ(o.does == effect::keeps, o.keeps != nullptr);
    EXPECT_EQ(o.does == effect::own, o.own != nullptr);
  }
}

}  // namespace
}  // namespace holdfast
