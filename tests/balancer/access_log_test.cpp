#include "balancer/flow/access_log.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <set>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

const wall_time when{std::chrono::milliseconds(1'795'475'836'042)};
const endpoint web1{address::v4(0x0a000101), 8080, ""};

request_event request(std::string_view line) { return {when, "web", made_client(7).from, "web1", web1, line}; }

closed_event closed() {
  return {when, "web", made_client(7).from, "web1", 123'456'789'012, 345, 1'500ms, close_reason::server_gone};
}

std::string request_line_in(log_format format, const request_event& e) {
  std::string out;
  append_request(out, format, e);
  return out;
}

TEST(AccessLog, WritesPensLine) {
  EXPECT_EQ(request_line_in(log_format::pen, request("GET / HTTP/1.1")),
            "10.2.0.7 1795475836 10.0.1.1 GET / HTTP/1.1\n");
  const endpoint socket{{}, 0, "/run/app.sock"};
  EXPECT_EQ(request_line_in(log_format::pen, {when, "web", *address::parse("2001:db8::1"), "app", socket, ""}),
            "2001:db8::1 1795475836 /run/app.sock \n");
}

TEST(AccessLog, WritesNothingForAClosedConnectionInPensForm) {
  std::string out = "before\n";
  append_closed(out, log_format::pen, closed());
  EXPECT_EQ(out, "before\n");
}

TEST(AccessLog, WritesOneJsonObjectALine) {
  EXPECT_EQ(request_line_in(log_format::json, request("GET / HTTP/1.1")),
            R"({"time":1795475836.042,"event":"request","service":"web","client":"10.2.0.7","server":"web1",)"
            R"("line":"GET / HTTP/1.1"})"
            "\n");
  std::string out;
  append_closed(out, log_format::json, closed());
  EXPECT_EQ(out, R"({"time":1795475836.042,"event":"closed","service":"web","client":"10.2.0.7","server":"web1",)"
                 R"("sent":123456789012,"received":345,"duration_ms":1500,"why":"server_gone"})"
                 "\n");
}

TEST(AccessLog, EscapesEveryByteThatJsonWantsEscaped) {
  std::string odd;
  for (int byte = 0; byte < 128; ++byte) odd += static_cast<char>(byte);
  const std::string line = request_line_in(log_format::json, request(odd));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(boost::json::parse(line).at("line").as_string(), odd);
}

TEST(AccessLog, TurnsPensLineIntoAPenlogdDatagram) {
  std::string out;
  append_penlogd(out, "10.2.0.7 1795475836 10.0.1.1 GET / HTTP/1.1\n");
  EXPECT_EQ(out, "+ 10.2.0.7 10.0.1.1 GET / HTTP/1.1\n");
  out.clear();
  append_penlogd(out, R"({"time":1,"line":"a b c"})");
  EXPECT_EQ(out, "{\"time\":1,\"line\":\"a b c\"}\n");
}

TEST(AccessLog, NamesEveryReason) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(close_reason::ordered); ++i) {
    names.insert(name_of(static_cast<close_reason>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(close_reason::ordered) + 1);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace holdfast
