#include <gtest/gtest.h>

#include "penlog/log_host_io.h"

namespace holdfast {
namespace {

TEST(LogHost, IsAnAddressOfEitherFamilyOrAName) {
  EXPECT_EQ(find_log_host("127.0.0.1", "10000")->text(), "127.0.0.1:10000");
  EXPECT_EQ(find_log_host("::1", "10000")->text(), "[::1]:10000");
  EXPECT_EQ(find_log_host("[::1]", "10000")->text(), "[::1]:10000");
  EXPECT_EQ(find_log_host("", "10000")->text(), "[::]:10000");
  EXPECT_EQ(find_log_host("localhost", "syslog")->port, 514);
}

TEST(LogHost, SaysWhatIsWrong) {
  const auto port = find_log_host("127.0.0.1", "abc");
  ASSERT_FALSE(port);
  EXPECT_TRUE(port.error().starts_with("127.0.0.1 abc: "));
  EXPECT_FALSE(find_log_host("not a name", "80"));
}

}  // namespace
}  // namespace holdfast
