#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "cli/talk/ask_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

std::string why_not(const std::string& where) {
  const auto answer = ask(where, "pid", 10s);
  return answer ? "it answered " + *answer : answer.error().why;
}

TEST(Ask, HearsTheAnswerToItsEnd) {
  const served s({}, [](const caller&, std::string_view line, const control_server::respond_type& respond) {
    respond({.pen = std::string(3 << 20, line.at(0))});
  });
  const auto answer = ask(s.path, "xyz", 10s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, std::string(3 << 20, 'x'));
}

TEST(Ask, ReachesAPortInAnySpelling) {
  served s;
  const auto bound = s.on_thread([&] {
    const endpoint any{.host = {}, .port = 0, .path = {}};  // ::, which takes IPv4, too
    return s.server->listen_tcp(any, [](const address&) { return true; });
  });
  ASSERT_TRUE(bound) << bound.error();
  const std::string port = std::to_string(bound->port);
  for (const char* host : {"127.0.0.1:", "localhost:", "[::1]:", "::1:", ":"}) {
    const auto answer = ask(host + port, "mode", 10s);
    ASSERT_TRUE(answer) << host << answer.error().why;
    EXPECT_EQ(*answer, "mode|\n");
  }
}

TEST(Ask, SaysWhoIsMissing) {
  const folder f;
  EXPECT_EQ(why_not(f.file("a")), "no daemon: " + f.file("a") + " does not exist; is holdfast-balancer running?");
  {
    const served s;
  }
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  f.file("b").copy(where.sun_path, sizeof where.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  EXPECT_EQ(why_not(f.file("b")), "no daemon: nobody listens on " + f.file("b"));
  ::close(dead);
}

TEST(Ask, SaysWhatAPlaceLooksLike) {
  EXPECT_EQ(why_not("nowhere"), "expected host:port or the path of a socket, not nowhere");
  EXPECT_THAT(why_not("127.0.0.1:no-such-service"), StartsWith("can't reach 127.0.0.1:no-such-service: "));
  EXPECT_THAT(why_not('/' + std::string(200, 'x')), HasSubstr("too long"));
}

TEST(Ask, HearsWhyItIsTurnedAway) {
  const served s({.callers = 1});
  const talker first(s.path);
  const auto answer = ask(s.path, "json pid", 10s);
  ASSERT_TRUE(answer) << answer.error().why;
  EXPECT_EQ(*answer, "error: 1 callers at once already: try again later\n");
}

TEST(Ask, DoesNotWaitForEver) {
  control_server::respond_type kept;
  const served s(
      {}, [&](const caller&, std::string_view, control_server::respond_type respond) { kept = std::move(respond); });
  const auto answer = ask(s.path, "pid", 20ms);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().silent);
  EXPECT_EQ(answer.error().why,
            "holdfast-balancer does not answer (20ms): it hangs, pid " + std::to_string(::getpid()));
}

}  // namespace

}  // namespace holdfast
