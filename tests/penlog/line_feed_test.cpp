#include "penlog/line_feed.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(LineFeed, GivesWholeLinesHoweverTheyCome) {
  const std::string text = "one\n\ntwo\nthr";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    line_feed lines(10, 100);
    for (std::size_t at = 0; at < text.size(); at += step) lines.feed(std::string_view(text).substr(at, step));
    EXPECT_EQ(lines.whole(), "one\n\ntwo\n") << step;
    lines.taken(4);
    lines.end();
    EXPECT_EQ(lines.whole(), "\ntwo\nthr\n") << step;
    EXPECT_EQ(lines.cut(), 0U);
  }
}

TEST(LineFeed, CutsALineThatIsTooLong) {
  const std::string text = "0123456789\n0123456789abcdef\nx\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    line_feed lines(10, 100);
    for (std::size_t at = 0; at < text.size(); at += step) lines.feed(std::string_view(text).substr(at, step));
    EXPECT_EQ(lines.whole(), "0123456789\n0123456789\nx\n") << step;
    EXPECT_EQ(lines.cut(), 1U) << step;
  }
}

TEST(LineFeed, SaysWhenItIsFullAndHowMuchIsLost) {
  line_feed lines(10, 20);
  EXPECT_TRUE(lines.has_room());
  lines.feed("0123456789\n0123456789\nab");
  EXPECT_FALSE(lines.has_room());
  EXPECT_EQ(lines.drop(), 2U);
  EXPECT_TRUE(lines.has_room());
  lines.feed("c\n");
  EXPECT_EQ(lines.whole(), "abc\n");
  EXPECT_EQ(lines.drop(), 1U);
  EXPECT_EQ(lines.drop(), 0U);
}

TEST(LineFeed, HasNoLineAtTheEndOfNothing) {
  line_feed lines(10, 20);
  lines.end();
  EXPECT_EQ(lines.whole(), "");
}

}  // namespace
}  // namespace holdfast
