#include "cli/language/match.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::string words_of(std::string_view line) {
  std::string all;
  for (const word_at& w : split(line)) all += std::string(w.text) + '@' + std::to_string(w.column) + ' ';
  return all;
}

TEST(Match, SplitsALineIntoWords) {
  EXPECT_EQ(words_of("  a  bc\td # e"), "a@3 bc@6 d@9 ");
  EXPECT_EQ(words_of("# nothing"), "");
  EXPECT_EQ(words_of(""), "");
}

TEST(Match, TakesPrefixesThatStandBeforeSomething) {
  const std::string line = "on lb1 service web servers";
  const prefixes found = take_prefixes(split(line));
  EXPECT_EQ(found.node, "lb1");
  EXPECT_EQ(found.service, "web");
  EXPECT_EQ(found.taken, 4U);
  EXPECT_EQ(found.service_at, 2U);
  EXPECT_EQ(take_prefixes(split("service web")).taken, 0U) << "that is a command of its own";
}

TEST(Match, PrefersARowsOwnWord) {
  const std::string line = "status";
  const auto best = best_matches(split(line), 0);
  ASSERT_FALSE(best.empty());
  EXPECT_EQ(best.front().fit, "w");
  EXPECT_TRUE(best_matches(split("elephant"), 0).empty());
}

}  // namespace
}  // namespace holdfast
