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

TEST(RowsOfTheDaemon, SayWhatItIsAsked) {
  for (const char* line : {"status", "debug 1", "reload", "pid"}) expect_kept(line);
}

TEST(RowsOfTheDaemon, RefuseWhatIsNone) {
  for (const char* line : {"debug much"}) EXPECT_FALSE(parse(line, source::control)) << line;
}

}  // namespace
}  // namespace holdfast
