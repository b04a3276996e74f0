// Clients that only listen: what can't live on without the addresses is told so, on both of its sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "base/clock_io.h"
#include "tests/lab/sync/cluster.h"

namespace holdfast::lab {
namespace {

constexpr int listeners = 400;

// Says it, and hears all up to the end of the answer.
void say(conversation& to, std::string_view what, std::string_view end_of_answer) {
  to.send(what);
  std::string heard;
  while (to.trouble().empty() && !heard.ends_with(end_of_answer)) heard += to.receive(1);
  EXPECT_EQ(to.trouble(), "") << heard;
}

// Until the other side has ended or reset it; none: it hasn't for `limit`.
std::optional<duration> until_told(const conversation& c, instant since, duration limit) {
  pollfd one{.fd = c.fd(), .events = POLLIN | POLLRDHUP, .revents = 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit - (monotonic_now() - since)).count();
  if (::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0) return std::nullopt;
  return monotonic_now() - since;
}

const char* programs = "/usr/lib/postgresql/15/bin/";

// Redis and PostgreSQL on that machine, in those files.
class databases {
 public:
  databases(backend& on, const scratch& files) {
    redis_ = on.machine().run(
        {"redis-server", "--bind", on.address4(), "--save", "", "--protected-mode", "no", "--dir", files.path()});
    const std::string make = "cd " + files.path().string() + " && chmod 777 . && setpriv --reuid postgres --regid " +
                             "postgres --init-groups " + programs + "initdb -D data --no-sync -A trust >made 2>&1 && " +
                             "echo 'host all all 0.0.0.0/0 trust' >>data/pg_hba.conf";
    on.machine().must({"bash", "-c", make});
    postgres_ = on.machine().run({"setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups",
                                  std::string(programs) + "postgres", "-D", files.path() / "data", "-c",
                                  "listen_addresses=" + on.address4(), "-c", "unix_socket_directories="});
    for (const std::uint16_t port : {6379, 5432}) {
      const auto up = [&] {
        return conversation(on.machine(), address(), at(on.address4(), port), 1s).trouble().empty();
      };
      EXPECT_TRUE(eventually(up, 20s)) << port;
    }
  }
  ~databases() { postgres_.kill(SIGQUIT), postgres_.wait(5s); }

 private:
  process redis_, postgres_;
};

class Departure : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.start();
    for (int i = 0; i < listeners; ++i) {
      const bool four = i % 2 == 0;
      held_.emplace_back(cluster_.scene().crowd(), at(four ? "192.0.2.2" : "2001:db8::2"),
                         at(four ? virtual4 : virtual6, 80));
      ASSERT_EQ(held_.back().get().front(), 's') << held_.back().trouble();
    }
  }
  void expect_all_told(instant since, duration limit) {
    duration last{};
    int silent = 0;
    for (const conversation& one : held_) {
      const auto told = until_told(one, since, limit);
      silent += !told;
      if (told) last = std::max(last, *told);
    }
    EXPECT_EQ(silent, 0) << cluster_.scene().said();
    std::printf("[  figure  ] the last of %d idle clients was told after %.0f ms\n", listeners,
                std::chrono::duration<double, std::milli>(last).count());
  }
  std::string connections(int number) { return cluster_.tell(number, "connections"); }
  bool has_none(int number) {
    return eventually([&] { return connections(number).find("192.0.2.2") == std::string::npos; }, 5s);
  }

  cluster cluster_;
  std::vector<conversation> held_;
};

TEST_F(Departure, OfASwitchoverIsTold) {
  const instant began = monotonic_now();
  cluster_.tell(1, "cluster switchover");
  const duration order = monotonic_now() - began;
  expect_all_told(began + order, 100ms);
  EXPECT_TRUE(has_none(1)) << connections(1);
}

TEST_F(Departure, OfAnAgentThatEndsInOrderIsTold) {
  const instant began = monotonic_now();
  cluster_.lb(1).agent().ask_to_end();
  expect_all_told(began, 500ms);
  EXPECT_TRUE(has_none(1)) << connections(1);
}

// Nobody is there to tell. When the lease is over and `departed` too, both nodes are rid of them.
TEST_F(Departure, OfAnAddressWithoutAnAgentEndsItsConnections) {
  cluster_.lb(1).agent().kill();
  EXPECT_TRUE(eventually([&] { return connections(1).find("192.0.2.2") == std::string::npos; }, 20s)) << connections(1);
  EXPECT_THAT(cluster_.tell(1, "status --json"), ::testing::HasSubstr("\"departed\":" + std::to_string(listeners)));
}

// Twenty times 400 clients that stay and say nothing, where 500 have room: whoever comes next is served.
TEST(Departures, LeaveNobodyBehindInTwentySwitchovers) {
  cluster c({.connections = 500});
  c.start();
  duration longest{};
  for (int round = 0; round < 20; ++round) {
    const int active = 1 + round % 2;
    std::vector<conversation> held;
    for (int i = 0; i < 400; ++i) {
      held.emplace_back(c.scene().crowd(), at("192.0.2.2"), at(virtual4, 80));
      ASSERT_EQ(held.back().get().front(), 's') << round << ' ' << held.back().trouble();
    }
    c.tell(active, "cluster switchover");
    const instant moved = monotonic_now();
    EXPECT_EQ(ask(c.scene().crowd(), at("192.0.2.2"), at(virtual4, 80)).front(), 's') << round;
    longest = std::max(longest, monotonic_now() - moved);
    const auto left = [&] { return c.tell(active, "connections").find("192.0.2.2") == std::string::npos; };
    EXPECT_TRUE(eventually(left, 3s)) << round << ' ' << c.tell(active, "connections");
    ASSERT_TRUE(c.synced());
  }
  const double ms = std::chrono::duration<double, std::milli>(longest).count();
  std::printf("[  figure  ] after a switchover a new client was served within %.0f ms, the worst of 20\n", ms);
  EXPECT_LT(ms, 100);
}

TEST(Departures, AreToldToSubscribersOfRedisAndPostgresql) {
  cluster c({.services = "service redis\nlisten 192.0.2.80:6379\nserver 0 address 10.0.1.11 port 6379\n"
                         "service sql\nlisten 192.0.2.80:5432\nserver 0 address 10.0.1.11 port 5432\n"});
  const databases run(c.scene().server(0), c.scene().files());
  c.start();
  using namespace std::string_literals;
  const std::string ready = "Z\0\0\0\5I"s;
  conversation redis(c.scene().crowd(), at("192.0.2.2"), at(virtual4, 6379));
  say(redis, "SUBSCRIBE news\r\n", ":1\r\n");
  conversation sql(c.scene().crowd(), at("192.0.2.2"), at(virtual4, 5432));
  say(sql, "\0\0\0\x29\0\3\0\0user\0postgres\0database\0postgres\0\0"s, ready);
  say(sql, "Q\0\0\0\x11LISTEN news;\0"s, ready);
  const instant began = monotonic_now();
  c.tell(1, "cluster switchover");
  const duration order = monotonic_now() - began;
  for (const auto& [name, client] : {std::pair("redis", &redis), std::pair("postgresql", &sql)}) {
    const auto told = until_told(*client, began + order, 100ms);
    EXPECT_TRUE(told) << name;
    if (told)
      std::printf("[  figure  ] %s: told %.0f ms after the switchover\n", name,
                  std::chrono::duration<double, std::milli>(*told).count());
  }
}

}  // namespace
}  // namespace holdfast::lab
