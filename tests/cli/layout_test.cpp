#include "cli/reply/layout.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

const reply_table servers{"servers",
                          {{"name", unit::text}, {"state", unit::state}, {"sent", unit::bytes}},
                          {{"web1", "up", 1}, {"a", "down", 22}}};

TEST(Layout, AlignsColumns) {
  const auto lines = lay_out(servers, {});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].substr(0, 13), "NAME  STATE  ");
  EXPECT_EQ(lines[1].substr(0, 8), "web1  up");
  EXPECT_EQ(lines[2].substr(0, 10), "a     down");
  EXPECT_EQ(lines[1].size(), lines[2].size()) << "numbers end at one column";
}

TEST(Layout, ColoursStatesOnRequest) {
  EXPECT_EQ(lay_out(servers, {})[1].find('\x1b'), std::string::npos);
  EXPECT_NE(lay_out(servers, {.colour = true})[1].find("\x1b[32mup\x1b[0m"), std::string::npos);
}

TEST(Layout, CutsWhatDoesNotFit) {
  for (const std::string& line : lay_out(servers, {.width = 8})) EXPECT_LE(line.size(), 8U);
}

TEST(Layout, StandsUpright) {
  const auto lines = lay_upright(servers, {});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "name   web1");
  EXPECT_EQ(lines[1], "state  up");
}

}  // namespace
}  // namespace holdfast
