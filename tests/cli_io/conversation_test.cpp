#include <gtest/gtest.h>

#include "tests/cli_io/served.h"

namespace holdfast {
namespace {

TEST(Conversation, IsALineAndItsAnswer) {
  const served s;
  EXPECT_EQ(talker(s.path).ask("status\n"), "status|\n");
}

TEST(Conversation, TakesALineWithoutEndFromWhoSaysNoMore) {
  const served s;
  const talker t(s.path);
  t.say("stat");
  t.say("us");
  t.say_no_more();
  EXPECT_EQ(t.hear(), "status|\n");
}

}  // namespace
}  // namespace holdfast
