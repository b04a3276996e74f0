#include "cli/options/vrrp_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {

namespace {

using testing::HasSubstr;

vrrp_options understood(const std::vector<std::string>& words) {
  auto made = parse_vrrp_options(words);
  EXPECT_TRUE(made) << made.error();
  return made ? std::move(*made) : vrrp_options{};
}

std::string wrong(const std::vector<std::string>& words) {
  const auto made = parse_vrrp_options(words);
  return made ? "nothing" : made.error();
}

TEST(AgentsCommandLine, FillsItsMembers) {
  const auto o = understood({"-f", "-F", "/etc/h.conf", "--node", "lb1", "--run-dir=/run/x"});
  EXPECT_EQ(o.config_file, "/etc/h.conf");
  EXPECT_EQ(o.node, "lb1");
  EXPECT_EQ(o.run_dir, "/run/x");
  EXPECT_FALSE(o.release || o.help || o.version);
}

TEST(AgentsCommandLine, NeedsNoFileForWhatEndsAtOnce) {
  EXPECT_EQ(understood({"--check", "/etc/h.conf"}).check_file, "/etc/h.conf");
  EXPECT_TRUE(understood({"--release"}).release);
  EXPECT_TRUE(understood({"--help"}).help);
  EXPECT_TRUE(understood({"--version"}).version);
  EXPECT_EQ(wrong({}), "expected -F FILE (see --help)");
  EXPECT_EQ(wrong({"-f", "--node", "lb1"}), "expected -F FILE (see --help)");
}

TEST(AgentsCommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(wrong({"--nod", "x"}), "expected an option: --nod is none (see --help)");
  EXPECT_EQ(wrong({"-F", "x", "80"}), "expected options alone: 80 is none");
  EXPECT_EQ(wrong({"-F"}), "-F: expected FILE");
}

TEST(AgentsCommandLine, ExplainsEveryOption) {
  const std::string help = vrrp_options_help();
  for (const option_row& row : vrrp_option_rows()) EXPECT_THAT(help, HasSubstr(shown(row) + ' '));
}

}  // namespace

}  // namespace holdfast
