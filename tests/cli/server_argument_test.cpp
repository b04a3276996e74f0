#include "cli/options/server_argument.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(ServerArgument, HasAPlaceAndNumbers) {
  const auto read = read_server_argument("0", "10.0.0.1:80:5:6:7:8");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->name, "0");
  EXPECT_EQ(read->address->host, "10.0.0.1");
  EXPECT_EQ(read->port, "80");
  EXPECT_EQ(read->max, 5U);
  EXPECT_EQ(read->hard, 6U);
  EXPECT_EQ(read->weight, 7U);
  EXPECT_EQ(read->prio, 8U);
}

TEST(ServerArgument, LeavesOutEmptyFields) {
  const auto read = read_server_argument("0", "web:::9");
  ASSERT_TRUE(read) << read.error();
  EXPECT_FALSE(read->port);
  EXPECT_FALSE(read->max);
  EXPECT_EQ(read->hard, 9U);
}

TEST(ServerArgument, PutsIpv6InBrackets) { EXPECT_EQ(read_server_argument("0", "[2001:db8::1]:80")->port, "80"); }

TEST(ServerArgument, MayBeAPathAlone) { EXPECT_TRUE(read_server_argument("0", "/run/x")); }

TEST(ServerArgument, RefusesWhatIsNone) {
  for (const char* text : {"web:0", "web:80:many", "web:1:2:3:4:5:6"}) {
    EXPECT_FALSE(read_server_argument("0", text)) << text;
  }
}

}  // namespace
}  // namespace holdfast
