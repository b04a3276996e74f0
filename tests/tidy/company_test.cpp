// The rules about all files together, shown by houses of a few files.
#include "tests/tidy/company.h"

#include <gtest/gtest.h>

namespace holdfast::tidy {

namespace {

std::string told(const findings& all) {
  std::string out;
  for (const finding& f : all) out += (out.empty() ? "" : " ") + f.path;
  return out;
}

TEST(Company, WantsATestOfEachName) {
  const std::vector<source> house = {{"cli/a.cpp", ""},           {"cli/a.h", ""},      {"cli/b_io.cpp", ""},
                                     {"cli/only.h", ""},          {"cli/main.cpp", ""}, {"tests/cli/a_test.cpp", ""},
                                     {"tests/lab/b_test.cpp", ""}};
  EXPECT_EQ(told(check_tests(house, {})), "");
  const std::vector<source> without(house.begin(), house.begin() + 5);
  EXPECT_EQ(told(check_tests(without, {})), "cli/a.cpp cli/b_io.cpp");
  EXPECT_EQ(told(check_tests(without, {{"cli/a", "because"}, {"cli/b", "because"}})), "");
}

TEST(Company, WantsANameForEachFile) {
  EXPECT_EQ(told(check_namesakes({{"cli/a.h", ""}, {"cli/a.cpp", ""}, {"cli/a_io.h", ""}, {"tests/cli/a.h", ""}})), "");
  EXPECT_EQ(told(check_namesakes({{"cli/x/a.h", ""}, {"base/a.h", ""}})), "base/a.h");
}

TEST(Company, CallsIoWhatReachesTheMachine) {
  const source socket("cli/a_io.cpp", "#include <sys/socket.h>\n"),
      asio("cli/b_io.h", "#include <boost/asio/post.hpp>\n");
  const source driver("cli/c_io.cpp", "#include \"cli/c_io.h\"\n#include \"cli/a_io.h\"\n");
  EXPECT_EQ(told(check_io_names({socket, asio, driver})), "");
  const source own("cli/d_io.cpp", "#include \"cli/d_io.h\"\n#include <vector>\n"), declares("cli/d_io.h", "");
  EXPECT_EQ(told(check_io_names({own, declares})), "cli/d_io");
}

TEST(Company, CountsLines) {
  const io_share share = share_of({{"vrrp/a.cpp", "1\n2\n3\n"}, {"vrrp/b_io.h", "1\n"}, {"cli/c_io.h", "1\n"}}, "vrrp");
  EXPECT_EQ(share.all, 4U);
  EXPECT_EQ(share.io, 1U);
  EXPECT_EQ(share.percent(), 25);
}

}  // namespace

}  // namespace holdfast::tidy
