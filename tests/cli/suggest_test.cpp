#include "cli/language/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast {
namespace {

const std::vector<std::string> known{"clients", "connections", "servers", "status"};

TEST(Suggest, NamesTheNearestWord) {
  EXPECT_EQ(did_you_mean("server", known), "; did you mean `servers`?");
  EXPECT_EQ(did_you_mean("stauts", known), "; did you mean `status`?");
  EXPECT_EQ(did_you_mean("elephant", known), "");
}

TEST(Suggest, NamesAllThatBeginSo) {
  EXPECT_EQ(did_you_mean("cl", known), "; did you mean `clients`?");
  EXPECT_EQ(did_you_mean("s", known), "") << "one letter says nothing";
}

TEST(Suggest, ComparesNoWordsWithoutEnd) { EXPECT_EQ(did_you_mean(std::string(1000, 's'), known), ""); }

TEST(Suggest, KnowsTheFirstWordsOfCommands) {
  const auto& words = first_words();
  EXPECT_TRUE(std::is_sorted(words.begin(), words.end()));
  for (const char* word : {"on", "servers", "vrrp"}) {
    EXPECT_TRUE(std::binary_search(words.begin(), words.end(), word)) << word;
  }
}

}  // namespace
}  // namespace holdfast
