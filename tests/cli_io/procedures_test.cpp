// What hfctl does itself, beside a control server that answers what both daemons would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <fstream>
#include <mutex>

#include "tests/cli/made_cluster.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

// Two nodes as lb1's daemons see them.
struct pair_of_nodes {
  cluster_view now = made_cluster();
  bool takes_back = true;  // lb1, when told to
  std::string config = "vrrp front interface eth0\nvrrp front address 127.0.0.1/32\n";
  std::vector<std::string> heard;

  void hand_over() { std::swap(now.roles[0].role, now.roles[1].role); }

  reply answer(std::string_view line) {
    if (line == "cluster") return cluster_answer(now);
    heard.emplace_back(line);
    if (line == "cluster flush" || line == "cluster check") return {};
    if (line == "vrrp standby front") {
      hand_over();
      return {};
    }
    if (line == "vrrp take front") {
      if (takes_back) hand_over();
      return {};
    }
    if (line == "show config") return {.pen = config};
    return misunderstood("expected something else");
  }
};

struct run_result {
  int status = -1;
  std::string out;  // and errors
};

// While hfctl runs, the pair is the server's thread's, else the test's.
class Procedure : public testing::Test {
 protected:
  run_result hfctl(const std::string& arguments) {
    ours_.unlock();
    run_result r;
    FILE* from = popen((hfctl_path + " --socket " + served_.path + ' ' + arguments + " 2>&1 </dev/null").c_str(), "r");
    char buffer[4096];
    for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, from)) > 0;) r.out.append(buffer, n);
    const int status = pclose(from);
    r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ours_.lock();
    return r;
  }

  std::mutex members_;
  std::unique_lock<std::mutex> ours_{members_};
  pair_of_nodes pair;
  std::function<std::optional<reply>(std::string_view)> also;  // asked first
  served served_{{}, [this](const caller&, std::string_view line, const control_server::respond_type& respond) {
                   const std::scoped_lock mine(members_);
                   const auto first = also ? also(line) : std::nullopt;
                   respond(first ? *first : pair.answer(line));
                 }};
  folder files_;
};

TEST_F(Procedure, WaitsUntilADrainedServerHasNoConnectionLeft) {
  int looks = 0, left = 3;
  also = [&](std::string_view line) -> std::optional<reply> {
    if (line == "service web server 1 drain") return reply{};
    if (line != "service web servers") return std::nullopt;
    ++looks;
    left = std::max(0, left - 1);
    reply r;
    r.tables.push_back({"servers", {{"name", unit::text}, {"connections", unit::count}}, {{"0", 9}, {"1", left}}});
    return r;
  };
  const auto done = hfctl("service web server 1 drain --wait");
  EXPECT_EQ(done.status, 0) << done.out;
  EXPECT_THAT(done.out, HasSubstr("no connection is left"));
  EXPECT_EQ(looks, 3);
  left = 1000;
  const auto late = hfctl("service web server 1 drain wait timeout 300ms");
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.out, HasSubstr("connections left after 300ms"));
  EXPECT_EQ(hfctl("service web server 7 drain --wait").status, 1) << "the balancer knows none";
}

TEST_F(Procedure, WaitsUntilTheNodesAreInSync) {
  EXPECT_EQ(hfctl("cluster wait-synced").status, 0);
  int looks = 0;
  pair.now = made_lonely_cluster();
  also = [&](std::string_view line) -> std::optional<reply> {
    if (line == "cluster" && ++looks == 3) pair.now = made_cluster();
    return std::nullopt;
  };
  const auto r = hfctl("cluster wait-synced --timeout 20");
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, StartsWith("in sync\n"));
  EXPECT_EQ(looks, 3);
}

TEST_F(Procedure, SaysWhyTheNodesAreNotInSyncInTime) {
  pair.now = made_lonely_cluster();
  const auto r = hfctl("cluster wait-synced timeout 100ms");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out,
            "error: not in sync within 100ms: lb2: no connection: connection refused; the configurations differ\n");
}

TEST_F(Procedure, NeedsADaemonToAsk) {
  for (const char* procedure : {"cluster wait-synced", "cluster switchover", "cluster drill", "clients export"}) {
    FILE* from = popen((hfctl_path + " --run-dir /nowhere " + procedure + " 2>&1").c_str(), "r");
    char buffer[4096];
    const std::string out(buffer, fread(buffer, 1, sizeof buffer, from));
    EXPECT_EQ(WEXITSTATUS(pclose(from)), 3) << procedure;
    EXPECT_EQ(out, "hfctl: no daemon: /nowhere/balancer.sock does not exist; is holdfast-balancer running?\n");
  }
}

TEST_F(Procedure, SwitchesOverWithoutLosingAClient) {
  const auto r = hfctl("cluster switchover to lb2 --json");
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, HasSubstr("lb2 is active; lb1 stands by until `vrrp take`"));
  EXPECT_THAT(r.out, HasSubstr(R"("groups":"front","from":"lb1","to":"lb2","took_ms":)"));
  EXPECT_THAT(r.out, HasSubstr(R"("unconfirmed":0})"));
  EXPECT_THAT(pair.heard, ElementsAre("cluster flush", "vrrp standby front"));
}

TEST_F(Procedure, TellsNobodyAnythingWhenSomethingWouldBeLost) {
  pair.now.nodes[1].in_sync = false;
  pair.now.nodes[1].state = "its snapshot has not ended";
  for (const char* procedure : {"cluster switchover", "cluster drill"}) {
    const auto r = hfctl(procedure);
    EXPECT_EQ(r.status, 1);
    EXPECT_EQ(r.out, "error: lb2 is not in sync: its snapshot has not ended\n");
  }
  EXPECT_THAT(pair.heard, IsEmpty());
}

TEST_F(Procedure, LetsGoOnlyAfterTheLastNewsAreConfirmed) {
  also = [](std::string_view line) -> std::optional<reply> {
    return line == "cluster flush" ? std::optional(refused("lb2 has not confirmed 17 entries")) : std::nullopt;
  };
  const auto r = hfctl("cluster switchover");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "error: lb2 has not confirmed 17 entries\n");
  EXPECT_THAT(pair.heard, IsEmpty());
}

TEST_F(Procedure, SaysWhatTheOtherNodeDidNotGetToKnow) {
  also = [&](std::string_view line) -> std::optional<reply> {
    if (line == "vrrp standby front") pair.now.services[0].waiting = 2;
    return std::nullopt;
  };
  EXPECT_THAT(hfctl("cluster switchover --json").out, HasSubstr(R"("unconfirmed":2})"));
}

TEST_F(Procedure, AsksForOneNodeOrNone) {
  also = [](std::string_view line) -> std::optional<reply> {
    if (line == "on lb2 cluster") return reply{.message = "said to lb2 alone; this is lb1"};
    return std::nullopt;
  };
  const auto r = hfctl("on lb2 cluster switchover");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "error: said to lb2 alone; this is lb1\n");
}

TEST_F(Procedure, RehearsesAFailoverWithConnectionsOfItsOwn) {
  const auto anybody = [](const address&) { return true; };
  const endpoint any_port{address::v4(0x7f000001), 0, {}};
  served target;
  const auto at = target.on_thread([&] { return target.server->listen_tcp(any_port, anybody); });
  ASSERT_TRUE(at);
  pair.config += "listen " + at->text() + "\n";
  const auto r = hfctl("cluster drill --json");
  EXPECT_EQ(r.status, 0) << r.out;
  EXPECT_THAT(r.out, HasSubstr(R"("step":"failover","groups":"front","from":"lb1","to":"lb2")"));
  EXPECT_THAT(r.out, HasSubstr(R"("step":"failback","groups":"front","from":"lb2","to":"lb1")"));
  EXPECT_THAT(r.out, HasSubstr(R"("service":")" + at->text() + R"(","tries":)"));
  EXPECT_THAT(r.out, HasSubstr(R"("failed":0,)"));
  EXPECT_THAT(pair.heard, ElementsAre("show config", "cluster flush", "vrrp standby front", "vrrp take front"));
}

TEST_F(Procedure, RehearsesWithoutProbesWhereTheServiceIsOutOfReach) {
  const auto r = hfctl("cluster drill probe 127.0.0.1:1");
  EXPECT_EQ(r.status, 0) << r.out;
  EXPECT_THAT(r.out, StartsWith("not probed: 127.0.0.1:1 is not reachable from here\n"));
  EXPECT_THAT(r.out, HasSubstr("failback"));
}

TEST_F(Procedure, SaysWhoStaysActiveAfterARehearsal) {
  pair.takes_back = false;
  const auto r = hfctl("cluster drill");
  EXPECT_EQ(r.status, 0) << r.out;
  EXPECT_THAT(r.out, StartsWith("lb2 is preferred and stays active"));
  EXPECT_THAT(r.out, testing::Not(HasSubstr("failback")));
}

TEST_F(Procedure, ExportsPieceByPiece) {
  also = [](std::string_view line) -> std::optional<reply> {
    if (line == "service web clients lines") return reply{.message = "web:7", .pen = "web,::1,a,1,2\n"};
    if (line == "service web clients lines after web:7") return reply{.pen = "web,::2,a,1,2\n"};
    return std::nullopt;
  };
  const auto shown = hfctl("service web clients export");
  EXPECT_EQ(shown.status, 0);
  EXPECT_EQ(shown.out, "service,client,server,assigned,used\nweb,::1,a,1,2\nweb,::2,a,1,2\n");
  const std::string file = files_.file("clients.csv");
  const auto r = hfctl("service web clients export " + file);
  EXPECT_EQ(r.out, "2 clients are in " + file + "\n");
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), shown.out);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(hfctl("service web clients export " + file).status, 1) << "never over another file";
}

TEST_F(Procedure, LeavesNoHalfOfAnExport) {
  also = [](std::string_view line) -> std::optional<reply> {
    if (line == "clients lines") return reply{.message = "web:7", .pen = "web,::1,a,1,2\n"};
    return refused("no more");
  };
  const std::string file = files_.file("clients.csv");
  EXPECT_EQ(hfctl("clients export " + file).status, 1);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Procedure, ImportsInPiecesThatALineHolds) {
  std::size_t lines = 0, longest = 0;
  also = [&](std::string_view line) -> std::optional<reply> {
    if (!line.starts_with("clients put ")) return std::nullopt;
    longest = std::max(longest, line.size());
    const auto here = static_cast<std::uint64_t>(std::count(line.begin(), line.end(), ',') / 4);
    lines += here;
    return reply{.tables = {{"import", {{"taken", unit::count}, {"unknown", unit::count}}, {{here - 1, 1}}}}};
  };
  const std::string file = files_.file("clients.csv");
  std::ofstream to(file);
  to << "service,client,server,assigned,used\r\n\n# a comment\n";
  for (int i = 0; i < 1000; ++i) to << "web,10.0.0." << i % 256 << ",10.0.1.11:80,1,2026-11-25T03:01:24.123Z\n";
  to.close();
  const auto r = hfctl("clients import " + file + " --json");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(lines, 1000U);
  EXPECT_GT(longest, 3500U);
  EXPECT_LE(longest + std::string_view("json ").size(), control_limits{}.line);
  EXPECT_THAT(r.out, MatchesRegex(R"(.*"taken":98[0-9],"unknown":1[0-9]\}.*)"));
  EXPECT_THAT(pair.heard, ElementsAre("cluster check")) << "so that the other node learns of it";
}

TEST_F(Procedure, ImportsNothingOfAFileThatIsWrongSomewhere) {
  const std::string file = files_.file("clients.csv");
  std::ofstream(file) << "web,::1,a,1,2\nweb,::1,a,1\n";
  const auto r = hfctl("clients import " + file);
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "error: " + file + ":2: expected service,client,server,assigned,used\n");
  EXPECT_EQ(hfctl("clients import " + files_.file("none")).out,
            "error: " + files_.file("none") + ": No such file or directory\n");
  EXPECT_THAT(pair.heard, IsEmpty());
}

}  // namespace

}  // namespace holdfast
