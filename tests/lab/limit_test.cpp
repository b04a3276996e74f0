// What has a maximum, at its maximum.
#include <csignal>
#include <future>
#include <numeric>

#include "base/clock_io.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\n";

std::string server_line(testbed& bed, int n, const std::string& more) {
  return "server " + std::to_string(n) + " address " + bed.server(n).address4() + " port 80 " + more + '\n';
}

// Connects and asks, and keeps the connection.
conversation hold(testbed& bed, const std::string& client, std::string& met) {
  conversation c(bed.crowd(), at(client), testbed::service4());
  met = c.get();
  return c;
}

TEST(SoftLimit, SendsNewClientsElsewhereButNotThoseThatWereHereBefore) {
  testbed bed(2);
  watched_balancer lb(bed, web + "prio\n" + server_line(bed, 0, "max 2 hard 4 prio 1") + server_line(bed, 1, "prio 2"));
  std::string met;
  EXPECT_EQ(bed.ask(at("10.9.0.9")), "s0");  // was here before, from now on
  const conversation first = hold(bed, "10.9.0.1", met);
  EXPECT_EQ(met, "s0");
  const conversation second = hold(bed, "10.9.0.2", met);
  EXPECT_EQ(met, "s0");
  EXPECT_EQ(bed.ask(at("10.9.0.3")), "s1");
  const conversation known = hold(bed, "10.9.0.9", met);
  EXPECT_EQ(met, "s0");
}

TEST(HardLimit, SendsEvenKnownClientsElsewhere) {
  testbed bed(2);
  watched_balancer lb(bed, web + "prio\n" + server_line(bed, 0, "max 1 hard 2 prio 1") + server_line(bed, 1, "prio 2"));
  for (const char* client : {"10.9.0.1", "10.9.0.2", "10.9.0.3"}) {
    EXPECT_EQ(bed.ask(at(client)), "s0");
    EXPECT_TRUE(eventually([&] { return lb.tell("service web connections").find(client) == std::string::npos; }));
  }
  std::string met;
  const conversation first = hold(bed, "10.9.0.1", met);
  EXPECT_EQ(met, "s0");
  const conversation second = hold(bed, "10.9.0.2", met);
  EXPECT_EQ(met, "s0");
  const conversation third = hold(bed, "10.9.0.3", met);
  EXPECT_EQ(met, "s1");
}

TEST(ConnectionLimit, StopsAcceptingAndKeepsWhatRuns) {
  testbed bed(1);
  watched_balancer lb(bed, web + "conn_max 10\n" + bed.servers4());
  std::vector<conversation> held;
  std::string met;
  for (int i = 1; i <= 10; ++i) {
    held.push_back(hold(bed, "10.9.0." + std::to_string(i), met));
    EXPECT_EQ(met, "s0");
  }
  // More arrive, for every worker; the kernel takes them, and nobody accepts them.
  std::vector<std::future<std::string>> waiting;
  for (const char* client : {"10.9.1.1", "10.9.1.2", "10.9.1.3", "10.9.1.4", "10.9.1.5", "10.9.1.6"})
    waiting.push_back(std::async(std::launch::async, [&bed, client] { return bed.ask(at(client)); }));
  for (const auto& one : waiting) EXPECT_EQ(one.wait_for(50ms), std::future_status::timeout);
  EXPECT_TRUE(eventually([&] { return lb.program().output().find("service=web full=") != std::string::npos; }));
  EXPECT_THAT(lb.tell("--json status"), ::testing::ContainsRegex("\"full\":[1-9]"));
  for (conversation& c : held) EXPECT_EQ(c.get(), "s0");
  held.pop_back();  // one place, and all who wait get it in turn
  for (auto& one : waiting) EXPECT_EQ(one.get(), "s0");
}

// As many clients as ask; those for whom there is no room wait in the kernel.
std::vector<conversation> crowd_in(testbed& bed, int count) {
  std::vector<conversation> held;
  for (const address& client : testbed::clients4(count)) {
    held.emplace_back(bed.crowd(), client, testbed::service4(), 200ms);
    held.back().send("GET / HTTP/1.1\r\nHost: lab\r\n\r\n");
  }
  return held;
}

TEST(FileLimit, IsSurvivedWithoutSpinning) {
  testbed bed(1);
  watched_balancer lb(bed, web + "conn_max 5000\n" + bed.servers4(), {.arguments = {}, .files = 200});
  std::vector<conversation> held = crowd_in(bed, 300);
  ASSERT_TRUE(eventually([&] { return lb.program().open_files() >= 150; })) << lb.program().open_files();
  const duration before = lb.program().cpu_time();
  const instant since = monotonic_now();
  std::this_thread::sleep_for(2s);  // the measured while
  const double busy = std::chrono::duration<double>(lb.program().cpu_time() - before) / (monotonic_now() - since);
  std::printf("[  figure  ] share of a core at the file limit: %.3f\n", busy);
  EXPECT_LT(busy, sanitized() ? 0.5 : 0.1);
  EXPECT_THAT(held.front().get(), ::testing::StartsWith("s0"));
  held.clear();
  EXPECT_TRUE(eventually([&] { return ask(bed.crowd(), at("10.9.5.1"), testbed::service4(), 1s) == "s0"; }));
  EXPECT_EQ(lb.ctl({"status"}).status, 0);
}

TEST(FileLimit, LeavesDescriptorsForThoseWhoAskAboutIt) {
  testbed bed(1);
  watched_balancer lb(bed, web + "check http / every 1s\n" + bed.servers4(), {.arguments = {}, .files = 64});
  std::vector<conversation> held = crowd_in(bed, 60);
  EXPECT_TRUE(eventually([&] { return lb.program().output().find("accept=backing_off") != std::string::npos; }));
  const instant since = monotonic_now();
  EXPECT_THAT(lb.tell("--json status"), ::testing::ContainsRegex("\"no_files\":[1-9]"));
  lb.tell("reload");
  EXPECT_LT(monotonic_now() - since, 5s);
  EXPECT_LE(lb.program().open_files(), 64U - 16);
  EXPECT_THAT(held.front().get(), ::testing::StartsWith("s0"));
  EXPECT_THAT(lb.program().output(), ::testing::Not(::testing::HasSubstr("state=down")));
  held.clear();
  EXPECT_TRUE(eventually([&] { return ask(bed.crowd(), at("10.9.5.1"), testbed::service4(), 1s) == "s0"; }));
}

// Balancers side by side, each on a port of its own.
struct row_of_balancers {
  std::vector<std::unique_ptr<watched_balancer>> all;

  row_of_balancers(testbed& bed, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string text = "service web\nlisten 192.0.2.80:" + std::to_string(80 + i) + "\n";
      const launch how{.arguments = {}, .files = 0, .name = "lb" + std::to_string(i)};
      all.push_back(
          std::make_unique<watched_balancer>(bed, text + "conn_max 12000\nbacklog 4096\n" + bed.servers4(), how));
    }
  }

  endpoint place(int client) const {
    return testbed::service4(static_cast<std::uint16_t>(80 + client % static_cast<int>(all.size())));
  }

  template <class T, class Figure>
  T sum(Figure figure) const {
    return std::accumulate(all.begin(), all.end(), T{},
                           [&](T so_far, const auto& lb) { return so_far + (lb->program().*figure)(); });
  }
};

TEST(IdleConnection, CostsAtMostOneKibibyteOfUserMemory) {
  testbed bed(3);
  constexpr int count = 10'000;
  constexpr std::size_t files = 2 * count + 2000;  // two a connection, and what is kept back from clients
  // Where no process may have that many (root without CAP_SYS_RESOURCE can't raise its hard limit), two share them.
  const int balancers = file_limit() >= files ? 1 : 2;
  ASSERT_GE(file_limit() * static_cast<std::size_t>(balancers), files)
      << "too few open files allowed for " << count
      << " connections: raise the hard limit (ulimit -Hn, LimitNOFILE=), and sysctl fs.nr_open if it is lower";
  const row_of_balancers row(bed, balancers);
  for (const address& client : testbed::clients4(50))
    EXPECT_EQ(bed.ask(client, row.place(client.bytes()[15])).front(), 's');
  const auto before = row.sum<std::size_t>(&process::anonymous_memory);
  std::vector<conversation> held;
  held.reserve(count);
  for (const address& client : testbed::clients4(count)) {
    held.emplace_back(bed.crowd(), client, row.place(static_cast<int>(held.size())));
    ASSERT_EQ(held.back().get().front(), 's') << held.size() << ' ' << held.back().trouble();
  }
  const double each = static_cast<double>(row.sum<std::size_t>(&process::anonymous_memory) - before) / count;
  std::printf("[  figure  ] user memory of each of %d idle connections (%d balancers): %.0f bytes\n", count, balancers,
              each);
  EXPECT_LE(each, sanitized() ? 16384 : 1024);
  const auto busy = row.sum<duration>(&process::cpu_time);
  std::this_thread::sleep_for(1s);  // the measured while
  EXPECT_LT(row.sum<duration>(&process::cpu_time) - busy, sanitized() ? 500ms : 100ms);
  for (std::size_t i = 0; i < held.size(); i += 97) EXPECT_EQ(held[i].get().front(), 's');
  held.clear();
  const auto all_closed = [&] { return row.sum<std::size_t>(&process::open_files) < 200; };
  EXPECT_TRUE(eventually(all_closed, 10s)) << row.sum<std::size_t>(&process::open_files);
}

TEST(IdleTimeout, ClosesAConnectionOnlyWhenNothingMoves) {
  testbed bed(1);
  watched_balancer lb(bed, web + "idle_timeout 1\n" + bed.servers4());
  conversation quiet(bed.crowd(), at("10.9.0.1"), testbed::service4(), 10s);
  EXPECT_EQ(quiet.get(), "s0");
  const instant since = monotonic_now();
  EXPECT_EQ(quiet.receive(1), "");
  EXPECT_THAT(quiet.trouble(), ::testing::AnyOf("(closed)", "(reset)"));
  EXPECT_GE(monotonic_now() - since, 900ms);
}

}  // namespace
}  // namespace holdfast::lab
