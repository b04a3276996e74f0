#include "protocols/penlog/penlog_line.h"

#include <gmock/gmock.h>

namespace holdfast {
namespace {

using std::chrono::sys_seconds;
using testing::Optional;

const std::string web = "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /o HTTP/1.1\" 200 2326";

std::optional<penlog_error> refusal_of(std::string_view line) {
  const auto read = read_penlog_line(line);
  return read ? std::nullopt : std::optional(read.error());
}
std::optional<sys_seconds> at(const std::string& time, std::chrono::seconds zone = {}) {
  return time_of("h - - [" + time + "] \"GET\" 1", zone);
}
sys_seconds utc(std::int64_t seconds) { return sys_seconds(std::chrono::seconds(seconds)); }

TEST(PenlogLine, ReadsWhatABalancerTells) {
  const auto read = read_penlog_line("+ 192.0.2.7 10.0.1.1 GET /a b HTTP/1.1");
  ASSERT_TRUE(read);
  const auto& line = std::get<balancer_line>(*read);
  EXPECT_EQ(line.client, "192.0.2.7");
  EXPECT_EQ(line.server, "10.0.1.1");
  EXPECT_EQ(line.request, "GET /a b HTTP/1.1");
  EXPECT_EQ(line.source, std::nullopt);
}

TEST(PenlogLine, ReadsWhereABalancerReachedTheServerFrom) {
  const auto read = read_penlog_line("+ ::1 fd00::1 GET / HTTP/1.1\t[fd00::9]:4000");
  const auto& line = std::get<balancer_line>(*read);
  EXPECT_EQ(line.request, "GET / HTTP/1.1");
  EXPECT_EQ(line.source, (log_source{*address::parse("fd00::9"), 4000}));
  const auto odd = read_penlog_line("+ ::1 fd00::1 GET /\tthere HTTP/1.1");
  EXPECT_EQ(std::get<balancer_line>(*odd).request, "GET /\tthere HTTP/1.1") << "no source";
}

TEST(PenlogLine, ReadsALineOfAnyWebServer) {
  const auto read = read_penlog_line(web);
  const auto& line = std::get<web_line>(*read);
  EXPECT_EQ(line.server, "");
  EXPECT_EQ(line.text, web);
  EXPECT_EQ(line.host, "10.0.0.1");
  EXPECT_EQ(line.request, "GET /o HTTP/1.1");
  const std::string quoted = R"(h "GET /\"x\\" 200)";
  EXPECT_EQ(std::get<web_line>(*read_penlog_line(quoted)).request, R"(GET /\"x\\)");
}

TEST(PenlogLine, ReadsWhoseLineItIs) {
  const std::string text = "@fd00::1 " + web;
  const auto read = read_penlog_line(text);
  EXPECT_EQ(std::get<web_line>(*read).server, "fd00::1");
  EXPECT_EQ(std::get<web_line>(*read).text, web);
}

TEST(PenlogLine, RefusesWhatIsNeither) {
  EXPECT_EQ(refusal_of(""), penlog_error::empty);
  for (const char* line : {"+", "+ ", "+ a", "+ a ", "+a b c", "++ a b c", "+ a\tb c d"})
    EXPECT_EQ(refusal_of(line), penlog_error::no_balancer_line) << line;
  for (const char* line :
       {"no quotes", "h \"no end", "h \"no end\\\"", "\"GET / HTTP/1.1\" 200", " \"GET\" 1", "@", "@a", "@ \"GET\""})
    EXPECT_NE(refusal_of(line), std::nullopt) << line;
  EXPECT_EQ(refusal_of("+ " + std::string(129, 'a') + " b c"), penlog_error::no_balancer_line);
  EXPECT_EQ(refusal_of("+ " + std::string(128, 'a') + " b c"), std::nullopt);
}

TEST(PenlogLine, IsTakenAsLongAsADatagramCanBe) {
  const std::string head = "h \"GET /\" ";
  EXPECT_EQ(refusal_of(head + std::string(max_penlog_line - head.size(), 'x')), std::nullopt);
  EXPECT_EQ(refusal_of(head + std::string(max_penlog_line - head.size() + 1, 'x')), penlog_error::too_long);
  EXPECT_EQ(refusal_of("@10.0.1.1 " + head + std::string(max_penlog_line - head.size(), 'x')), std::nullopt);
  EXPECT_EQ(refusal_of("+ a b " + std::string(max_penlog_line, 'x')), penlog_error::too_long);
}

TEST(PenlogLine, ReadsALineOfABalancersFile) {
  const auto line = read_filed_balancer_line("192.0.2.7 1795475836 10.0.1.1 GET / HTTP/1.1\t10.0.0.1:4000");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time, utc(1'795'475'836));
  EXPECT_EQ(line->request, "GET / HTTP/1.1");
  EXPECT_EQ(line->source, (log_source{*address::parse("10.0.0.1"), 4000}));
  for (const char* wrong : {"a", "a b c d", "a -1 c d", "a 1 ", "a 99999999999999 c d", "{\"time\":1}"})
    EXPECT_FALSE(read_filed_balancer_line(wrong)) << wrong;
}

TEST(PenlogLine, UnescapesAsNginxAndApacheEscape) {
  EXPECT_EQ(unescaped(R"(a\x22b\x5Cc\xe9)"), "a\"b\\c\xe9");
  EXPECT_EQ(unescaped(R"(a\"b\\c\td)"), "a\"b\\c\td");
  EXPECT_EQ(unescaped(R"(\q\x\x1\xzz\)"), R"(\q\x\x1\xzz\)");
}

TEST(PenlogLine, ReadsSourcesOfBothFamilies) {
  const address four = *address::parse("10.0.0.1"), six = *address::parse("fd00::1");
  EXPECT_EQ(read_log_source("10.0.0.1"), (log_source{four, 0}));
  EXPECT_EQ(read_log_source("10.0.0.1:80"), (log_source{four, 80}));
  EXPECT_EQ(read_log_source("[10.0.0.1]:80"), (log_source{four, 80}));
  EXPECT_EQ(read_log_source("fd00::1"), (log_source{six, 0}));
  EXPECT_EQ(read_log_source("[fd00::1]:80"), (log_source{six, 80}));
  for (const char* wrong :
       {"", "-", "host", "host:80", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", "unix:", "[]:80", "[:80", "]:80"})
    EXPECT_EQ(read_log_source(wrong), std::nullopt) << wrong;
}

TEST(PenlogLine, KnowsTheTimeInEveryZone) {
  EXPECT_THAT(at("10/Oct/2000:13:55:36 -0700"), Optional(utc(971'211'336)));
  EXPECT_THAT(at("10/Oct/2000:20:55:36 +0000"), Optional(utc(971'211'336)));
  EXPECT_THAT(at("11/Oct/2000:02:40:36 +0545"), Optional(utc(971'211'336)));
  EXPECT_THAT(at("10/Oct/2000:22:55:36", std::chrono::hours(2)), Optional(utc(971'211'336)));
  for (const char* wrong : {"", "x", "32/Oct/2000:13:55:36 -0700", "10/Okt/2000:13:55:36 -0700",
                            "10/Oct/2000:24:55:36 -0700", "10/Oct/2000:13:55:36 -07", "10/Oct/2000:13:55:36 *0700",
                            "10/Oct/9999:13:55:36 -0700", "-1/Oct/2000:13:55:36 -0700"})
    EXPECT_EQ(at(wrong), std::nullopt) << wrong;
  EXPECT_EQ(time_of("h - - \"GET\""), std::nullopt);
  EXPECT_EQ(time_of("[10/Oct/2000:13:55:36 -0700]"), std::nullopt);
  EXPECT_THAT(time_of("[10.0.0.1]:4000 - - [10/Oct/2000:13:55:36 -0700] \"GET\""), Optional(utc(971'211'336)));
}

TEST(PenlogLine, PutsTheClientInAndKeepsControlCharactersOutOfTheLog) {
  const std::string client = "192.0.2.7";
  std::string out;
  append_merged(out, web, 8, &client);
  EXPECT_EQ(out, client + web.substr(8) + '\n');
  out.clear();
  append_merged(out, std::string("a\x1b[31m\tb\x7f\0c", 11), 1, nullptr);
  EXPECT_EQ(out, "a\\x1B[31m\tb\\x7F\\x00c\n");
}

TEST(PenlogLine, SaysWhatWasExpected) {
  for (int i = 0; i <= static_cast<int>(penlog_error::no_request); ++i)
    EXPECT_TRUE(std::string(describe(static_cast<penlog_error>(i))).starts_with("expected "));
}

}  // namespace
}  // namespace holdfast
