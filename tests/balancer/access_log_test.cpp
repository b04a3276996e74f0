#include "balancer/flow/access_log.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <set>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

const wall_time when{std::chrono::milliseconds(1'795'475'836'042)};
constexpr std::string_view second = "1795475836";
const endpoint web1{address::v4(0x0a000101), 8080, ""};

closed_event closed(std::string_view line) {
  return {.when = when,
          .service = "web",
          .client = made_client(7).from,
          .server = "web1",
          .sent = 123'456'789'012,
          .received = 345,
          .lasted = 1'500ms,
          .requests = 3,
          .line = line,
          .why = close_reason::server_gone};
}

std::string line_of(const request_event& e) {
  std::string out;
  append_request(out, e);
  return out;
}

std::string line_of(const closed_event& e) {
  std::string out;
  append_closed(out, e);
  return out;
}

TEST(AccessLog, WritesPensLine) {
  EXPECT_EQ(line_of(request_event{second, made_client(7).from, web1, "GET / HTTP/1.1"}),
            "10.2.0.7 1795475836 10.0.1.1 GET / HTTP/1.1\n");
  const endpoint socket{{}, 0, "/run/app.sock"};
  EXPECT_EQ(line_of(request_event{second, *address::parse("255.10.0.100"), {address::v4(0), 80, ""}, ""}),
            "255.10.0.100 1795475836 0.0.0.0 \n");
  EXPECT_EQ(line_of(request_event{second, {}, {{}, 80, ""}, ""}), "unix: 1795475836 :: \n") << "no client's address";
  EXPECT_EQ(line_of(request_event{second, *address::parse("2001:db8::1"), socket, ""}),
            "2001:db8::1 1795475836 /run/app.sock \n");
}

TEST(AccessLog, WritesOneJsonObjectForAConnection) {
  EXPECT_EQ(line_of(closed("GET / HTTP/1.1")),
            R"({"time":1795475836.042,"event":"closed","service":"web","client":"10.2.0.7","server":"web1",)"
            R"("requests":3,"line":"GET / HTTP/1.1",)"
            R"("sent":123456789012,"received":345,"duration_ms":1500,"why":"server_gone"})"
            "\n");
}

TEST(AccessLog, EscapesEveryByteThatJsonWantsEscaped) {
  std::string odd;
  for (int byte = 0; byte < 128; ++byte) odd += static_cast<char>(byte);
  const std::string line = line_of(closed(odd));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(boost::json::parse(line).at("line").as_string(), odd);
}

TEST(AccessLog, WritesWhereTheServerWasReachedFromIfThatIsTold) {
  EXPECT_EQ(line_of(request_event{second, made_client(7).from, web1, "GET / HTTP/1.1", "10.0.0.1:4000"}),
            "10.2.0.7 1795475836 10.0.1.1 GET / HTTP/1.1\t10.0.0.1:4000\n");
}

TEST(AccessLog, TurnsPensLineIntoAPenlogdDatagram) {
  std::string out;
  append_penlogd(out, "10.2.0.7 1795475836 10.0.1.1 GET / HTTP/1.1\t10.0.0.1:4000");
  EXPECT_EQ(out, "+ 10.2.0.7 10.0.1.1 GET / HTTP/1.1\t10.0.0.1:4000");
  out.clear();
  append_penlogd(out, R"({"time":1,"line":"a b c"})");
  EXPECT_EQ(out, "{\"time\":1,\"line\":\"a b c\"}");
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
