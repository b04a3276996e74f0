#include "cli/language/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/language/suggest.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Help, BeginsWithWhatIsSaidEveryDay) {
  const std::string daily = help_text(std::nullopt);
  EXPECT_THAT(daily, HasSubstr("\n  servers  "));
  EXPECT_THAT(daily, HasSubstr("hfctl help all"));
  EXPECT_THAT(daily, Not(HasSubstr("tcp_fastclose")));
  EXPECT_LT(std::count(daily.begin(), daily.end(), '\n'), 60) << daily;
}

TEST(Help, OfAllIsAllButWhatFollows) {
  const std::string all = help_text("all");
  EXPECT_THAT(all, HasSubstr("tcp_fastclose"));
  EXPECT_THAT(all, Not(HasSubstr("Show it.")));
  EXPECT_THAT(all, Not(HasSubstr("Undo it.")));
}

TEST(Help, AnswersToWordsOfOurOwn) {
  for (const char* word : {"fitness", "blind", "wire", "patience", "confirm", "lease", "held"}) {
    EXPECT_THAT(help_text(word), HasSubstr(std::string(word) + "\n    ")) << word;
  }
  EXPECT_THAT(help_text("wire"), HasSubstr("vrrp <group> wire")) << "and the command of that word";
  EXPECT_EQ(help_text("xyzzy"), "");
  EXPECT_TRUE(std::is_sorted(glossary().begin(), glossary().end(),
                             [](const term& a, const term& b) { return a.word < b.word; }));
}

TEST(Suggestion, IsOfWordsThatBeginSo) {
  EXPECT_EQ(did_you_mean("stat", first_words()), "; did you mean `status`?");
  EXPECT_THAT(did_you_mean("cl", first_words()),
              testing::AllOf(HasSubstr("one of "), HasSubstr("`clients`"), HasSubstr("`cluster`")));
  EXPECT_EQ(did_you_mean("c", first_words()), "");
}

}  // namespace
}  // namespace holdfast
