#include "cli/control/control_request.h"

#include <gtest/gtest.h>

#include <array>

namespace holdfast {

namespace {

TEST(ControlRequest, TakesTheWireFormFromTheFirstWordAlone) {
  EXPECT_TRUE(take_apart("json servers\r\n").json);
  EXPECT_EQ(take_apart("json  servers \r\n").command, "servers");
  EXPECT_FALSE(take_apart("servers json\n").json);
  EXPECT_FALSE(take_apart("jsonservers\n").json);
  EXPECT_EQ(take_apart("json").command, "json");
  EXPECT_EQ(take_apart(" \t\r\n").command, "");
  EXPECT_EQ(take_apart("").command, "");
}

TEST(Permission, IsGivenToRootAndToOurOwnUser) {
  EXPECT_TRUE(may_write({.uid = 0, .gid = 7, .groups = {}}, 1000, std::nullopt));
  EXPECT_TRUE(may_write({.uid = 1000, .gid = 7, .groups = {}}, 1000, std::nullopt));
  EXPECT_FALSE(may_write({.uid = 1001, .gid = 0, .groups = {}}, 1000, std::nullopt));
}

TEST(Permission, IsGivenToMembersOfTheGroup) {
  const std::array<std::uint32_t, 3> groups{5, 6, 7};
  EXPECT_TRUE(may_write({.uid = 1001, .gid = 7, .groups = {}}, 1000, 7));
  EXPECT_TRUE(may_write({.uid = 1001, .gid = 1, .groups = groups}, 1000, 7));
  EXPECT_FALSE(may_write({.uid = 1001, .gid = 1, .groups = groups}, 1000, 8));
  EXPECT_FALSE(may_write({.uid = 1001, .gid = 1, .groups = groups}, 1000, std::nullopt));
}

}  // namespace

}  // namespace holdfast
