#include "cli/options/log_options.h"

#include <gmock/gmock.h>

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using words = std::vector<std::string>;

template <class Result>
std::string wrong(const Result& made) {
  return made ? "nothing" : made.error();
}
std::string wrong_penlog(const words& w) { return wrong(parse_penlog_options(w)); }
std::string wrong_penlogd(const words& w) { return wrong(parse_penlogd_options(w)); }
std::string wrong_mergelogs(const words& w) { return wrong(parse_mergelogs_options(w)); }

TEST(PenlogsCommandLine, IsPensAndMore) {
  const auto pens = parse_penlog_options({"loghost", "10000", "10.0.1.1"});
  ASSERT_TRUE(pens);
  EXPECT_EQ(pens->to, (place{"loghost", "10000", ""}));
  EXPECT_EQ(pens->server, "10.0.1.1");
  const auto local = parse_penlog_options({"/run/penlogd.sock", "fd00::1"});
  ASSERT_TRUE(local);
  EXPECT_EQ(local->to, (place{"", "", "/run/penlogd.sock"}));
  EXPECT_EQ(local->server, "fd00::1");
  EXPECT_EQ(parse_penlog_options({"--key", "k", "::1", "10000"})->key, "k");
}

TEST(PenlogsCommandLine, SaysWhatIsWrong) {
  EXPECT_EQ(wrong_penlog({}), "expected HOST PORT [MY_IP], or PATH [MY_IP] (see --help)");
  EXPECT_EQ(wrong_penlog({"a", "1", "::1", "x"}), wrong_penlog({}));
  EXPECT_EQ(wrong_penlog({"/a", "1", "x"}), wrong_penlog({}));
  EXPECT_EQ(wrong_penlog({"a", "1", "web1"}), "web1: expected an address of this machine");
  EXPECT_THAT(wrong_penlog({"--key", "k", "/a"}), HasSubstr("there is no TLS"));
}

TEST(PenlogdsCommandLine, IsPensAndMore) {
  const auto made =
      parse_penlogd_options({"-fdb", "-j", "/jail", "-l", "log", "-n", "50", "-p", "pid", "-u", "nobody", "10000"});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->foreground && made->debug && made->unbuffered);
  EXPECT_EQ(made->chroot, "/jail");
  EXPECT_EQ(made->log_file, "log");
  EXPECT_EQ(made->lines, 50U);
  EXPECT_EQ(made->pid_file, "pid");
  EXPECT_EQ(made->user, "nobody");
  EXPECT_EQ(made->port, "10000");
  const auto more = parse_penlogd_options(
      {"--socket", "/s", "--tls", "[::1]:7777", "--key", "k", "--next-key", "n", "--wait=100ms", "127.0.0.1:10000"});
  ASSERT_TRUE(more);
  EXPECT_EQ(more->address, "127.0.0.1");
  EXPECT_EQ(more->patience, 100ms);
  EXPECT_EQ(parse_penlogd_options({"--socket", "/s"})->port, "");
}

TEST(PenlogdsCommandLine, HasItsLimits) {
  EXPECT_EQ(wrong_penlogd({"-n", "1", "10000"}), "nothing");
  EXPECT_EQ(wrong_penlogd({"-n", "10000000", "10000"}), "nothing");
  EXPECT_THAT(wrong_penlogd({"-n", "0", "10000"}), HasSubstr("-n: expected "));
  EXPECT_THAT(wrong_penlogd({"-n", "10000001", "10000"}), HasSubstr("-n: expected "));
  EXPECT_EQ(wrong_penlogd({"--wait", "0", "10000"}), "nothing");
  EXPECT_EQ(wrong_penlogd({"--wait", "1h", "10000"}), "nothing");
  EXPECT_THAT(wrong_penlogd({"--wait", "3601", "10000"}), HasSubstr("--wait: expected "));
}

TEST(PenlogdsCommandLine, SaysWhatIsWrong) {
  EXPECT_EQ(wrong_penlogd({}), "expected a PORT (see --help)");
  EXPECT_EQ(wrong_penlogd({"1", "2"}), "expected one PORT, not also 2");
  for (const char* port : {"abc", "http", "0", "65536", "host:"})
    EXPECT_THAT(wrong_penlogd({port}), HasSubstr("expected "));
  EXPECT_EQ(wrong_penlogd({"--tls", "7777", "1"}), "expected --tls and --key together");
  EXPECT_EQ(wrong_penlogd({"--key", "k", "1"}), "expected --tls and --key together");
  EXPECT_EQ(wrong_penlogd({"--next-key", "k", "1"}), "--next-key: expected --key, too");
  EXPECT_THAT(wrong_penlogd({"--tls", "[::1]", "--key", "k", "1"}), HasSubstr("--tls: expected "));
}

TEST(MergelogsCommandLine, IsPens) {
  const auto made = parse_mergelogs_options({"-c", "-d", "-j", "30", "-t", "-7200", "-p", "pen.log", "10.0.1.1:a:b",
                                             "[::1]:c", "fd00::1:access_log", "web1:d", "e"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->balancer_log, "pen.log");
  EXPECT_EQ(made->jitter, 30s);
  EXPECT_EQ(made->zone, -7200s);
  EXPECT_TRUE(made->debug);
  using web_log = mergelogs_options::web_log;
  EXPECT_THAT(made->web_logs, ElementsAre(web_log{"10.0.1.1", "a:b"}, web_log{"[::1]", "c"},
                                          web_log{"fd00::1", "access_log"}, web_log{"web1", "d"}, web_log{"", "e"}));
}

TEST(MergelogsCommandLine, SaysWhatIsWrong) {
  EXPECT_EQ(parse_mergelogs_options({"a:b"})->balancer_log, "");
  EXPECT_EQ(wrong_mergelogs({"-p", "pen.log"}), "expected SERVER:FILE (see --help)");
  EXPECT_EQ(wrong_mergelogs({"-j", "1000000000", "-p", "x", "a:b"}), "nothing");
  EXPECT_THAT(wrong_mergelogs({"-j", "1000000001", "-p", "x", "a:b"}), HasSubstr("-j: expected "));
  EXPECT_EQ(wrong_mergelogs({"-t", "86400", "-p", "x", "a:b"}), "nothing");
  EXPECT_THAT(wrong_mergelogs({"-t", "86401", "-p", "x", "a:b"}), HasSubstr("-t: expected "));
  EXPECT_THAT(wrong_mergelogs({"-t", "-", "-p", "x", "a:b"}), HasSubstr("-t: expected "));
}

TEST(CommandLinesOfLogs, AreExplained) {
  EXPECT_TRUE(parse_penlog_options({"--help"})->help && parse_penlogd_options({"--help"})->help);
  EXPECT_TRUE(parse_mergelogs_options({"--version"})->version);
  for (const option_row& row : penlog_option_rows()) EXPECT_THAT(penlog_options_help(), HasSubstr(shown(row) + ' '));
  for (const option_row& row : penlogd_option_rows()) EXPECT_THAT(penlogd_options_help(), HasSubstr(shown(row) + ' '));
  for (const option_row& row : mergelogs_option_rows())
    EXPECT_THAT(mergelogs_options_help(), HasSubstr(shown(row) + ' '));
}

}  // namespace
}  // namespace holdfast
