#include "cli/reply/reply.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace holdfast {

namespace {

using testing::HasSubstr;

reply two_servers() {
  reply_table servers{.name = "servers",
                      .columns = {{"name"}, {"state", unit::state}, {"conn_max", unit::count}, {"sent", unit::bytes}},
                      .rows = {{"0", "up", 7, 1536}, {"backup", "down", 12345, nullptr}}};
  return {.tables = {servers}, .pen = "0 addr 10.0.0.1\n1 addr 10.0.0.2\n"};
}

reply status() {
  reply_table about{.name = "status",
                    .columns = {{"version"}, {"pid", unit::count}, {"uptime", unit::seconds}},
                    .rows = {{"0.1.0", 4711, 192.5}}};
  reply_table services{.name = "services", .columns = {{"service"}, {"clients", unit::count}}, .rows = {{"web", 3}}};
  return {.tables = {about, services}};
}

TEST(PenReply, IsPensTextOrAnErrorLine) {
  EXPECT_EQ(render_pen(two_servers()), "0 addr 10.0.0.1\n1 addr 10.0.0.2\n");
  EXPECT_EQ(render_pen({.message = "done"}), "");
  EXPECT_EQ(render_pen(refused("no server 7")), "error: no server 7\n");
  EXPECT_EQ(render_pen(misunderstood("expected\na number")), "error: expected; a number\n");
}

TEST(PenReply, ShowsTheTablesOfACommandThatPenHasNot) {
  reply r = two_servers();
  r.pen.clear();
  EXPECT_THAT(render_pen(r), HasSubstr("backup  down"));
  r.tables[0].rows.clear();
  EXPECT_EQ(render_pen(r), "");
}

TEST(TextReply, AlignsColumnsAndNumbersToTheRight) {
  EXPECT_EQ(render_text(two_servers(), false),
            "NAME    STATE  CONN MAX     SENT\n"
            "0       up            7  1.5 KiB\n"
            "backup  down      12345        -\n");
}

TEST(TextReply, ColoursOnlyWhenAsked) {
  EXPECT_EQ(render_text(two_servers(), false).find('\x1b'), std::string::npos);
  const std::string coloured = render_text(two_servers(), true);
  EXPECT_THAT(coloured, HasSubstr("\x1b[32mup\x1b[0m "));
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mdown\x1b[0m "));
  reply r = two_servers();
  r.tables[0].rows = {{"0", "drain", 1, 1}, {"1", "blacklisted", 1, 1}, {"2", "no_address", 1, 1}};
  EXPECT_THAT(render_text(r, true), HasSubstr("\x1b[33mdrain\x1b[0m"));
  EXPECT_THAT(render_text(r, true), HasSubstr("\x1b[33mblacklisted\x1b[0m"));
  EXPECT_THAT(render_text(r, true), HasSubstr("  no_address  "));
}

TEST(TextReply, StandsTheFirstOfSeveralTablesUpright) {
  EXPECT_EQ(render_text(status(), false),
            "version  0.1.0\n"
            "pid      4711\n"
            "uptime   3m 12s\n"
            "\n"
            "SERVICE  CLIENTS\n"
            "web            3\n");
}

TEST(TextReply, SaysWhenThereIsNothing) {
  reply r = two_servers();
  r.tables[0].rows.clear();
  EXPECT_EQ(render_text(r, false), "no servers\n");
  EXPECT_EQ(render_text({}, false), "");
}

TEST(TextReply, ShowsMessageThenErrorThenPensText) {
  EXPECT_EQ(render_text({.message = "server 1 added"}, false), "server 1 added\n");
  EXPECT_EQ(render_text({.pen = "30\n"}, false), "30\n");
  EXPECT_EQ(render_text(refused("no server 7"), false), "error: no server 7\n");
  EXPECT_EQ(render_text({.pen = "no hash\nprio"}, false), "no hash\nprio\n");
}

TEST(Reply, RefusesInPensWordsWherePenHasSome) {
  const reply r{.is = verdict::refused, .message = "no connection 7", .pen = "Connection 7 out of range\n"};
  EXPECT_EQ(render_pen(r), "Connection 7 out of range\n");
  EXPECT_EQ(render_text(r, false), "error: no connection 7\n");
  EXPECT_EQ(render_objects(r), "{\"verdict\":\"refused\",\"message\":\"no connection 7\"}\n");
}

TEST(TextReply, ShowsASingleValueBare) {
  const reply r{.tables = {{.name = "t", .columns = {{"clients_max", unit::count}}, .rows = {{2048}}}}};
  EXPECT_EQ(render_text(r, true), "2048\n");
}

TEST(TextReply, KeepsTheDigitsOfLargeCounts) {
  const reply r{.tables = {{.name = "t",
                            .columns = {{"n", unit::count}, {"flag"}},
                            .rows = {{std::numeric_limits<std::uint64_t>::max(), true}}}}};
  EXPECT_THAT(render_text(r, false), HasSubstr("18446744073709551615  yes"));
}

TEST(TextReply, DoesNotLetStrangersSteerTheTerminal) {
  const reply r{.tables = {{.name = "t", .columns = {{"client"}}, .rows = {{"\x1b[2Jx"}}}}};
  EXPECT_THAT(render_text(r, false), HasSubstr("?[2Jx"));
  EXPECT_EQ(render_text(refused("\x1b[2J"), false), "error: ?[2J\n");
  EXPECT_EQ(render_text({.pen = "a\x1b[2J\n"}, false), "a?[2J\n");
}

TEST(ObjectsReply, NamesEveryCell) {
  EXPECT_EQ(render_objects(two_servers()),
            R"({"verdict":"done","servers":[{"name":"0","state":"up","conn_max":7,"sent":1536},)"
            R"({"name":"backup","state":"down","conn_max":12345,"sent":null}]})"
            "\n");
}

TEST(ObjectsReply, SaysVerdictMessageAndAnswer) {
  EXPECT_EQ(render_objects(refused("no server 7")), "{\"verdict\":\"refused\",\"message\":\"no server 7\"}\n");
  EXPECT_EQ(render_objects(misunderstood("x")), "{\"verdict\":\"misunderstood\",\"message\":\"x\"}\n");
  EXPECT_EQ(render_objects({.pen = "30\n"}), "{\"verdict\":\"done\",\"answer\":\"30\"}\n");
}

TEST(ObjectsReply, WritesValuesAsPeopleDo) {
  const reply r{.tables = {{.name = "t",
                            .columns = {{"since", unit::seconds},
                                        {"lag_seconds", unit::seconds},
                                        {"ms", unit::count},
                                        {"here", unit::state},
                                        {"name"}},
                            .rows = {{3600.0, 0.25, -1.5, "yes", "yes"}, {0.0, 1e-7, 86400.0, "no", nullptr}}}}};
  EXPECT_EQ(render_objects(r),
            R"({"verdict":"done","t":[{"since_seconds":3600,"lag_seconds":0.25,"ms":-1.5,"here":true,"name":"yes"},)"
            R"({"since_seconds":0,"lag_seconds":0.0000001,"ms":86400,"here":false,"name":null}]})"
            "\n");
}

TEST(ObjectsReply, IsValidEvenWithStrangeBytes) {
  const reply r{.tables = {{.name = "t", .columns = {{"client"}}, .rows = {{"\xff\x1b"}}}}};
  boost::json::error_code failed;
  boost::json::parse(render_objects(r), failed);
  EXPECT_FALSE(failed);
  EXPECT_THAT(render_objects(r), HasSubstr(R"("?\u001b")"));
}

}  // namespace

}  // namespace holdfast
