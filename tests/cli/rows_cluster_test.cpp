#include <gtest/gtest.h>

#include "cli/language/grammar.h"

namespace holdfast {
namespace {

// Said and said again: what a line means is what it is printed as.
void expect_kept(const std::string& line, source from = source::control) {
  const auto said = parse(line, from);
  ASSERT_TRUE(said) << line << ": " << said.error().text();
  const auto again = parse(print(*said), from);
  ASSERT_TRUE(again) << print(*said);
  EXPECT_EQ(print(*again), print(*said)) << line;
}

TEST(RowsOfTheCluster, SayWhoBelongsToIt) {
  expect_kept("node lb1 address 10.0.0.1:7700", source::file);
  for (const char* line : {"cluster", "cluster check"}) expect_kept(line);
}

TEST(RowsOfTheCluster, RefuseWhatIsNone) {
  for (const char* line : {"sync maybe"}) EXPECT_FALSE(parse(line, source::control)) << line;
}

}  // namespace
}  // namespace holdfast
