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

TEST(RowsOfVrrp, SayWhatAGroupIs) {
  for (const char* line : {"vrrp front interface eth0", "vrrp front id 51", "vrrp front priority 120",
                           "vrrp front address 192.0.2.80/24", "vrrp take front"})
    expect_kept(line);
}

TEST(RowsOfVrrp, RefuseWhatIsNone) {
  for (const char* line : {"vrrp front id 0", "vrrp front priority 256", "vrrp front address nowhere"})
    EXPECT_FALSE(parse(line, source::control)) << line;
}

}  // namespace
}  // namespace holdfast
