#include "cli/screen/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/reply/human.h"

namespace holdfast {

namespace {

using testing::HasSubstr;
using testing::Not;
using cells = std::vector<boost::json::value>;

reply status_reply(std::uint64_t accepted) {
  reply r;
  r.tables.push_back({.name = "status",
                      .columns = {{"name"}, {"version"}, {"pid"}, {"uptime"}, {"node"}, {"workers"}},
                      .rows = {{"holdfast-balancer", "0.1.0", 4711, 192.0, "lb1", 2}}});
  r.tables.push_back({.name = "services",
                      .columns = {{"service"},
                                  {"connections"},
                                  {"conn_max"},
                                  {"clients"},
                                  {"clients_max"},
                                  {"accepted"},
                                  {"refused_acl"},
                                  {"no_server"},
                                  {"servers_up"},
                                  {"servers"}},
                      .rows = {{"web", 7, 500, 30, 2048, accepted, 0, 2, 1, 2}}});
  return r;
}

cells server_row(const char* name, const char* state, std::uint64_t connects, std::uint64_t sent) {
  return {"web", name, "10.0.0.1:80", state, 3, 0, connects, 1, sent, sent * 2};
}

reply servers_reply(std::vector<cells> rows) {
  return {.tables = {{.name = "servers",
                      .columns = {{"service"},
                                  {"name"},
                                  {"address"},
                                  {"state", unit::state},
                                  {"connections"},
                                  {"max"},
                                  {"connects"},
                                  {"failures"},
                                  {"sent"},
                                  {"received"}},
                      .rows = std::move(rows)}}};
}

reply clients_reply(std::vector<cells> rows) {
  return {
      .tables = {{.name = "clients",
                  .columns = {{"service"}, {"client"}, {"server"}, {"connects"}, {"sent"}, {"received"}, {"last_use"}},
                  .rows = std::move(rows)}}};
}

cells client_row(const std::string& address, std::uint64_t connects, std::uint64_t sent) {
  return {"web", boost::json::string(address), "0", connects, sent, 0, 1.0};
}

reply connections_reply(std::vector<cells> rows) {
  return {.tables = {
              {.name = "connections",
               .columns =
                   {{"id"}, {"service"}, {"client"}, {"server"}, {"state"}, {"sent"}, {"received"}, {"age"}, {"quiet"}},
               .rows = std::move(rows)}}};
}

cells connection_row(std::uint64_t id, std::uint64_t sent, double quiet) {
  return {id, "web", boost::json::string("192.0.2.1:" + std::to_string(5000 + id)), "0", "relaying", sent, sent * 2,
          60, quiet};
}

figures before() {
  return {status_reply(100), servers_reply({server_row("0", "up", 100, 0), server_row("1", "down", 50, 4096)}),
          clients_reply({client_row("192.0.2.1", 1, 0), client_row("192.0.2.2", 1, 0)})};
}

figures now() {
  return {status_reply(120), servers_reply({server_row("0", "up", 110, 4096), server_row("1", "down", 50, 4096)}),
          clients_reply({client_row("192.0.2.1", 3, 100), client_row("192.0.2.2", 1, 2048)})};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Screen, ShowsRatesOfServicesServersAndClients) {
  EXPECT_EQ(draw_screen(before(), now(), 2.0, {.width = 120, .height = 40}, false),
            R"(holdfast-balancer 0.1.0 on lb1   up 3m 12s   2 workers

SERVICE  CONNECTIONS  MAX   NEW  TO SERVERS  TO CLIENTS  CLIENTS  NO SERVER  SERVERS UP
web                7  500  10/s   2.0 KiB/s   4.0 KiB/s       30        0/s  1 of 2

SERVICE  SERVER  ADDRESS      STATE  CONNECTIONS  MAX  NEW  TO SERVER  FROM SERVER  FAILURES
web      0       10.0.0.1:80  up               3    0  5/s  2.0 KiB/s    4.0 KiB/s         1
web      1       10.0.0.1:80  down             3    0  0/s      0 B/s        0 B/s         1

SERVICE  CLIENT     SERVER  CONNECTS  NEW  TO CLIENT  FROM CLIENT  LAST USE
web      192.0.2.2  0              1  0/s  1.0 KiB/s        0 B/s        1s
web      192.0.2.1  0              3  1/s     50 B/s        0 B/s        1s)");
}

TEST(Screen, ShowsTheBusiestConnections) {
  figures then = before(), later = now();
  then.connections = connections_reply({connection_row(1, 100, 0), connection_row(2, 100, 0)});
  later.connections =
      connections_reply({connection_row(1, 100, 9), connection_row(3, 7, 2), connection_row(2, 612, 0)});
  const auto lines = lines_of(draw_screen(then, later, 1.0, {.width = 120, .height = 40}, false));
  EXPECT_EQ(lines[9], "SERVICE  CONNECTION  CLIENT          SERVER  STATE     TO SERVER  FROM SERVER    AGE  QUIET");
  EXPECT_EQ(lines[10], "web      2           192.0.2.1:5002  0       relaying    512 B/s    1.0 KiB/s  1m 0s     0s");
  EXPECT_EQ(lines[11], "web      3           192.0.2.1:5003  0       relaying          -            -  1m 0s     2s");
  EXPECT_EQ(lines[12], "web      1           192.0.2.1:5001  0       relaying      0 B/s        0 B/s  1m 0s     9s");
}

TEST(Screen, HasNoRateForWhatIsNewOrHasStartedAgain) {
  figures later = now();
  later.servers = servers_reply({server_row("0", "up", 3, 1), server_row("2", "up", 9, 9)});
  const auto lines = lines_of(draw_screen(before(), later, 1.0, {.width = 120, .height = 40}, false));
  EXPECT_THAT(lines[6], HasSubstr("up               3    0    -      1 B/s        2 B/s"));
  EXPECT_THAT(lines[7], HasSubstr("up               3    0    -          -            -"));
}

TEST(Screen, NeverExceedsItsSize) {
  figures many = now();
  for (int i = 0; i < 50; ++i) {
    many.servers.tables[0].rows.push_back(server_row(std::to_string(i + 2).c_str(), "up", 1, 1));
    many.clients.tables[0].rows.push_back(client_row("2001:db8::" + std::to_string(i), 1, 1));
    many.status.tables[1].rows.push_back(many.status.tables[1].rows[0]);
  }
  many.connections = connections_reply(std::vector<cells>(50, connection_row(1, 2, 3)));
  for (std::size_t height = 1; height < 60; ++height) {
    for (const std::size_t width : {1U, 20U, 79U}) {
      const auto lines = lines_of(draw_screen(before(), many, 1.0, {width, height}, false));
      EXPECT_LE(lines.size(), height);
      for (const std::string& line : lines) EXPECT_LE(columns_of(line), width);
    }
  }
}

TEST(Screen, SaysHowMuchItLeftOut) {
  figures many = now();
  for (int i = 0; i < 50; ++i) many.servers.tables[0].rows.push_back(server_row("x", "up", 1, 1));
  const auto lines = lines_of(draw_screen(before(), many, 1.0, {.width = 80, .height = 12}, false));
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(lines[11], "... and 47 more servers");
}

TEST(Screen, ShowsEverythingWithoutAHeightButOnlyTheBusiestClients) {
  figures many = now();
  for (int i = 0; i < 50; ++i) {
    many.servers.tables[0].rows.push_back(server_row(std::to_string(i + 2).c_str(), "up", 1, 1));
    many.clients.tables[0].rows.push_back(client_row("2001:db8::" + std::to_string(i), 1, 1));
  }
  const auto lines = lines_of(draw_screen(before(), many, 1.0, {.width = 200, .height = 0}, false));
  EXPECT_EQ(lines.size(), 1U + 3 + 2 + 52 + 2 + 20);
}

TEST(Screen, ColoursStatesOnlyWhenAsked) {
  EXPECT_THAT(draw_screen(before(), now(), 1.0, {.width = 120, .height = 40}, false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(draw_screen(before(), now(), 1.0, {.width = 120, .height = 40}, true), HasSubstr("\x1b[31mdown\x1b[0m"));
}

TEST(Screen, SurvivesAnswersWithoutTables) {
  EXPECT_EQ(draw_screen({}, {}, 1.0, {.width = 80, .height = 24}, false), "holdfast");
  figures odd = now();
  odd.servers.tables[0].columns.resize(2);
  EXPECT_THAT(draw_screen(before(), odd, 1.0, {.width = 80, .height = 24}, false), HasSubstr("SERVER"));
}

}  // namespace

}  // namespace holdfast
