#include "cli/manual/manual.h"

#include <gtest/gtest.h>

#include "cli/language/suggest.h"

namespace holdfast {
namespace {

TEST(Manual, NamesEveryCommand) {
  const std::string page = page_of_commands();
  for (const std::string& word : first_words()) EXPECT_NE(page.find(word), std::string::npos) << word;
}

TEST(Manual, HasAPageForEachProgramAndTheFile) {
  for (const std::string& page : {manual_of_files(), manual_of_hfctl(), manual_of_balancer(), manual_of_vrrp(),
                                  manual_of_penlog(), manual_of_penlogd(), manual_of_mergelogs()}) {
    EXPECT_NE(page.find(".TH "), std::string::npos);
    EXPECT_NE(page.find("\n.SH "), std::string::npos);
  }
}

TEST(Manual, CompletesHfctlByItself) {
  const std::string script = completion_for_bash();
  EXPECT_NE(script.find("--complete"), std::string::npos);
  EXPECT_TRUE(script.ends_with(" hfctl\n")) << script;
}

}  // namespace
}  // namespace holdfast
