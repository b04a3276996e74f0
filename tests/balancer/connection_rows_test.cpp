#include "balancer/farm/connection_rows.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

connection_row row(std::uint64_t id, std::uint32_t service, duration age, duration quiet = 0s) {
  return {.id = id,
          .service = service,
          .client = {.host = address::v4(0x0a000001), .port = 4711, .path = {}},
          .server = "web1",
          .state = flow_state::relaying,
          .sent = 10,
          .received = 20,
          .age = age,
          .quiet = quiet};
}

const std::map<std::uint32_t, std::string> names{{1, "web"}, {2, "mail"}};

TEST(ConnectionRows, AreATableAndPensLines) {
  const reply r = connections_answer({row(7, 1, 3s, 500ms)}, names, {});
  EXPECT_EQ(r.pen, "Connection 7: client 10.0.0.1:4711 server web1 state relaying sx 10 rx 20\n");
  ASSERT_EQ(r.tables.size(), 1U);
  const auto& cells = r.tables[0].rows.at(0);
  EXPECT_EQ(cells.size(), r.tables[0].columns.size());
  EXPECT_EQ(cells[1], "web");
  EXPECT_EQ(cells[7], 3.0);
  EXPECT_EQ(cells[8], 0.5);
}

TEST(ConnectionRows, LeaveOutOtherServices) {
  EXPECT_EQ(connections_answer({row(7, 1, 3s), row(8, 3, 3s)}, names, {}).tables[0].rows.size(), 1U);
}

TEST(ConnectionRows, SayWhenTheOneIsNotThere) {
  EXPECT_EQ(connections_answer({row(7, 1, 3s), row(8, 1, 3s)}, names, 8).tables[0].rows.size(), 1U);
  const reply none = connections_answer({row(7, 1, 3s)}, names, 9);
  EXPECT_EQ(none.message, "no connection 9");
  EXPECT_EQ(none.pen, "Connection 9 out of range\n");
  EXPECT_EQ(connections_answer({}, names, {}).is, verdict::done) << "there are none";
}

TEST(ConnectionRows, AreTheLinesOfPenAboutTheOne) {
  connection_row one = row(7, 1, 3s);
  one.client_socket = 11;
  one.server_socket = 12;
  one.held_for_client = 5;
  EXPECT_EQ(connections_answer({one}, names, 7).pen,
            "Connection 7:\nstate = 2\ndownfd = 11, upfd = 12\nclient = 10.0.0.1:4711, server = web1\npend = 5\n"
            "sx = 10, rx = 20\n");
  one.state = flow_state::connecting;
  one.server = "";
  EXPECT_NE(connections_answer({one}, names, 7).pen.find("state = 1\n"), std::string::npos);
  EXPECT_NE(connections_answer({one}, names, 7).pen.find(", server = -1\n"), std::string::npos);
}

TEST(ConnectionRows, TellWhoseASocketIs) {
  EXPECT_EQ(socket_answer(11, {row(7, 1, 3s)}).pen, "Socket 11 belongs to connection 7\n");
  EXPECT_EQ(socket_answer(11, {}).pen, "Socket 11 belongs to connection -1\n");
}

TEST(ConnectionRows, AreTheOldestFirst) {
  const auto all = merged({row(1, 1, 1s), row(2, 1, 3s), row(3, 1, 2s)}, 10);
  EXPECT_EQ(all[0].id, 2U);
  EXPECT_EQ(all[2].id, 1U);
}

TEST(ConnectionRows, OfTooManyAreThoseThatMovedSomethingLast) {
  const auto all = merged({row(1, 1, 9s, 5s), row(2, 1, 8s, 1s), row(3, 1, 7s, 2s)}, 2);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, 2U);
  EXPECT_EQ(all[1].id, 3U);
}

TEST(ConnectionRows, AreClosedOrNotThere) {
  EXPECT_EQ(closed_answer(5, true).pen, "Forcibly closing connection 5\n");
  EXPECT_EQ(closed_answer(5, false).pen, "Connection 5 out of range\n");
  EXPECT_EQ(closed_answer(5, false).is, verdict::refused);
}

}  // namespace
}  // namespace holdfast
