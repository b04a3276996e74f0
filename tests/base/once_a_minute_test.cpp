#include "base/log/once_a_minute.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(OnceAMinute, SaysHowOftenItWasSilent) {
  once_a_minute limit;
  EXPECT_EQ(limit.say("a", instant(1h)), "a");
  EXPECT_EQ(limit.say("b", instant(1h + 1s)), std::nullopt);
  EXPECT_EQ(limit.say("c", instant(1h + 59s)), std::nullopt);
  EXPECT_EQ(limit.say("d", instant(1h + 60s)), "d unsaid=2");
  EXPECT_EQ(limit.say("e", instant(1h + 120s)), "e") << "nothing was left out since";
}

}  // namespace
}  // namespace holdfast
