#include <gtest/gtest.h>

#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"

namespace holdfast {

namespace {

// What Pen's clients read after a line; settings are changed first, if the line is a change.
std::string pen_answer(settings& now, std::string_view line) {
  const auto s = parse(line, source::control);
  if (!s) return s.error().text();
  const auto done = apply(now, *s);
  return done ? answer(now, *s).pen : done.error().why;
}

std::string pen_answer(std::string_view line) {
  settings fresh;
  return pen_answer(fresh, line);
}

TEST(Answer, IsTheBareValueAsInPen) {
  EXPECT_EQ(pen_answer("blacklist"), "30\n");
  EXPECT_EQ(pen_answer("timeout"), "3\n");
  EXPECT_EQ(pen_answer("tracking"), "0\n");
  EXPECT_EQ(pen_answer("clients_max"), "2048\n");
  EXPECT_EQ(pen_answer("conn_max"), "500\n");
  EXPECT_EQ(pen_answer("client_acl"), "0\n");
  EXPECT_EQ(pen_answer("control_acl"), "0\n");
  EXPECT_EQ(pen_answer("debug"), "0\n");
  EXPECT_EQ(pen_answer("idle_timeout"), "Idle timeout: 0 seconds\n");
}

TEST(Answer, IsEmptyForWhatIsNotSet) {
  for (const char* line : {"log", "web_stats", "listen", "emergency", "geoip"}) EXPECT_EQ(pen_answer(line), "") << line;
}

TEST(Answer, IsOfTheGroupThatIsNamed) {
  settings now;
  EXPECT_EQ(pen_answer(now, "vrrp front interface eth0"), "");
  EXPECT_EQ(pen_answer(now, "vrrp front priority 150"), "");
  EXPECT_EQ(pen_answer(now, "vrrp front priority"), "150\n");
  EXPECT_EQ(pen_answer(now, "vrrp front interval"), "auto\n");
  EXPECT_EQ(pen_answer(now, "vrrp front interval 1s"), "");
  EXPECT_EQ(pen_answer(now, "vrrp front interval"), "1\n");
  EXPECT_EQ(pen_answer(now, "vrrp front mac"), "interface\n");
  const reply named = answer(now, *parse("vrrp front preempt delay", source::control));
  EXPECT_EQ(named.tables.at(0).columns.at(0).name, "vrrp_preempt_delay");
  const reply unknown = answer(now, *parse("vrrp frnt priority", source::control));
  EXPECT_EQ(unknown.is, verdict::refused);
  EXPECT_EQ(unknown.message, "no group frnt");
}

TEST(Answer, SaysWhetherASettingIsOn) {
  settings now;
  EXPECT_EQ(pen_answer(now, "show hash"), "off\n");
  EXPECT_EQ(pen_answer(now, "hash"), "");
  EXPECT_EQ(pen_answer(now, "show hash"), "on\n");
  EXPECT_EQ(pen_answer(now, "show sync confirm"), "on\n");
  EXPECT_EQ(pen_answer(now, "show exit_enabled"), "off\n");
  EXPECT_EQ(pen_answer(now, "show timeout"), "3\n");
  EXPECT_EQ(answer(now, *parse("show vrrp frnt preempt", source::control)).message, "no group frnt");
  for (const char* line : {"show nonsense", "show server 1 drain", "show show hash", "show service web hash"}) {
    EXPECT_EQ(answer(now, *parse(line, source::control)).is, verdict::refused) << line;
  }
}

TEST(Answer, RepeatsWhatWasSetWherePenDoes) {
  EXPECT_EQ(pen_answer("blacklist 5"), "5\n");
  EXPECT_EQ(pen_answer("timeout 100ms"), "0.1\n");
  EXPECT_EQ(pen_answer("timeout 1050ms"), "1.05\n");
  EXPECT_EQ(pen_answer("tracking 1h"), "3600\n");
  EXPECT_EQ(pen_answer("idle_timeout 5"), "Idle timeout: 5 seconds\n");
  EXPECT_EQ(pen_answer("clients_max 4000"), "4000\n");
  EXPECT_EQ(pen_answer("client_acl 2"), "2\n");
  EXPECT_EQ(pen_answer("debug 1"), "1\n");
  EXPECT_EQ(pen_answer("listen 127.0.0.1:8083"), "127.0.0.1:8083\n");
  EXPECT_EQ(pen_answer("log /tmp/l"), "/tmp/l\n");
  EXPECT_EQ(pen_answer("web_stats /tmp/x.html"), "/tmp/x.html\n");
}

TEST(Answer, IsSilentWherePenIs) {
  for (const char* line : {"pending_max 5", "tcp_fastclose up", "source 127.0.0.1", "hash", "no hash", "no log", "prio",
                           "acl 5 permit 1.2.3.4", "no acl 5", "epoll", "server 0 address a", "keepalive"}) {
    EXPECT_EQ(pen_answer(line), "") << line;
  }
}

TEST(Answer, TellsTheModeInPensOrder) {
  settings now;
  EXPECT_EQ(pen_answer(now, "mode"), "no hash no roundrobin no stubborn no weight no prio no least\n");
  for (const char* line : {"hash", "roundrobin", "prio", "least"}) pen_answer(now, line);
  EXPECT_EQ(pen_answer(now, "mode"), "hash roundrobin no stubborn no weight prio least\n");
}

TEST(Answer, IsOfTheServiceThatIsAskedAbout) {
  settings now;
  pen_answer(now, "service web listen 80");
  pen_answer(now, "service web timeout 9");
  EXPECT_EQ(pen_answer(now, "service web timeout"), "9\n");
  EXPECT_EQ(pen_answer(now, "timeout"), "3\n");
  EXPECT_EQ(pen_answer(now, "service web listen"), "80\n");
}

TEST(Answer, HasATableForPrograms) {
  settings now;
  pen_answer(now, "idle_timeout 90");
  const reply r = answer(now, *parse("idle_timeout", source::control));
  ASSERT_EQ(r.tables.size(), 1U);
  EXPECT_EQ(r.tables[0].columns.at(0).name, "idle_timeout");
  EXPECT_EQ(r.tables[0].rows.at(0).at(0).as_double(), 90.0);
  EXPECT_EQ(answer(now, *parse("log format", source::control)).tables.at(0).columns.at(0).name, "log_format");
}

TEST(Answer, ShowsChecksAndConfiguration) {
  settings now;
  EXPECT_EQ(pen_answer(now, "check"), "no check\n");
  pen_answer(now, "check http /up every 2s expect 2xx");
  EXPECT_EQ(pen_answer(now, "check"), "check http /up expect 2xx\n");
  EXPECT_EQ(pen_answer(now, "show config"), "check http /up expect 2xx\n");
}

TEST(Answer, ToHelpIsHelp) {
  EXPECT_NE(pen_answer("help").find("servers"), std::string::npos);
  EXPECT_EQ(pen_answer("help pid"), "pid\n    The process id of the daemon.\n");
  EXPECT_EQ(answer({}, *parse("help xyzzy", source::control)).is, verdict::refused);
}

}  // namespace

}  // namespace holdfast
