#include <gtest/gtest.h>

#include "cli/language/grammar.h"

namespace holdfast {
namespace {

// Said and said again: what a line means is what it is printed as.
void expect_kept(const std::string& line) {
  const auto said = parse(line, source::control);
  ASSERT_TRUE(said) << line << ": " << said.error().text();
  const auto again = parse(print(*said), source::control);
  ASSERT_TRUE(again) << print(*said);
  EXPECT_EQ(print(*again), print(*said)) << line;
}

TEST(RowsOfServers, SayWhoServes) {
  for (const char* line : {"service web server a weight 7", "service web server a drain", "server a drain"})
    expect_kept(line);
}

TEST(RowsOfServers, RefuseWhatIsNone) {
  for (const char* line : {"service web server a weight heavy"}) EXPECT_FALSE(parse(line, source::control)) << line;
}

}  // namespace
}  // namespace holdfast
