#include "cli/language/command.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Command, IsOfItsKind) {
  const command status = say::common_request{say::status{}};
  EXPECT_TRUE(std::holds_alternative<say::common_request>(status));
  command copy = status;
  EXPECT_TRUE(copy == status);
  copy = say::common_request{say::pid{}};
  EXPECT_FALSE(copy == status);
}

TEST(Command, IsAboutTheDefaultServiceUnlessSaid) {
  sentence s;
  EXPECT_EQ(s.of_service(), default_service);
  s.service = "web";
  EXPECT_EQ(s.of_service(), "web");
}

}  // namespace
}  // namespace holdfast
