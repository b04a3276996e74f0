// The program itself, run beside a control server that answers what a daemon would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct run_result {
  int status = -1;
  std::string out;  // and errors
};

run_result run(const std::string& command) {
  run_result r;
  FILE* from = popen((command + " 2>&1 </dev/null").c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, from)) > 0;) r.out.append(buffer, n);
  const int status = pclose(from);
  r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return r;
}

reply servers() {
  return {.tables = {{.name = "servers",
                      .columns = {{"service"}, {"name"}, {"state", unit::state}, {"sent", unit::bytes}},
                      .rows = {{"web", "0", "up", 2048}}}},
          .pen = "0 addr 10.0.0.1\n"};
}

control_server::handler_type daemon() {
  return [](const caller&, std::string_view line, const control_server::respond_type& respond) {
    if (line == "servers") return respond(servers());
    if (line == "timeout") return respond({.pen = "3\n"});
    if (line == "show config") return respond({.pen = "service web\nserver backup address 10.0.0.1\n"});
    if (line == "close 7") return respond(refused("no connection 7"));
    respond(misunderstood("expected something else"));
  };
}

class Hfctl : public testing::Test {
 protected:
  run_result hfctl(const std::string& arguments) const {
    return run(hfctl_path + " --socket " + served_.path + ' ' + arguments);
  }
  served served_{{}, daemon()};
};

TEST_F(Hfctl, PrintsATableForAPerson) {
  const auto r = hfctl("servers");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "SERVICE  NAME  STATE     SENT\nweb      0     up     2.0 KiB\n");
}

TEST_F(Hfctl, PrintsObjectsForAProgram) {
  const auto r = hfctl("servers --json");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, R"({"verdict":"done","servers":[{"service":"web","name":"0","state":"up","sent":2048}]})"
                   "\n");
}

TEST_F(Hfctl, ExitsWithTheVerdict) {
  EXPECT_EQ(hfctl("timeout").out, "3\n");
  const auto refusal = hfctl("close 7");
  EXPECT_EQ(refusal.status, 1);
  EXPECT_EQ(refusal.out, "error: no connection 7\n");
  EXPECT_EQ(hfctl("mode").status, 2);
  EXPECT_EQ(hfctl("--json close 7").out, "{\"verdict\":\"refused\",\"message\":\"no connection 7\"}\n");
}

TEST_F(Hfctl, MarksTheColumnOfAMistakeWithoutAskingTheDaemon) {
  const auto r = run(hfctl_path + " --socket /nowhere server 0 prt 80");
  EXPECT_EQ(r.status, 2);
  EXPECT_THAT(r.out, StartsWith("server 0 prt 80\n         ^ expected acl, address"));
}

TEST_F(Hfctl, SaysThatThereIsNoDaemon) {
  const auto r = run(hfctl_path + " --run-dir /nowhere servers");
  EXPECT_EQ(r.status, 3);
  EXPECT_EQ(r.out, "hfctl: no daemon: /nowhere/balancer.sock does not exist; is holdfast-balancer running?\n");
  EXPECT_EQ(run(hfctl_path + " --run-dir /nowhere top --once").status, 3);
}

TEST_F(Hfctl, SpeaksWithTheAgentAtItsOwnSocket) {
  const folder f;
  const served agent(
      {},
      [](const caller&, std::string_view line, const control_server::respond_type& respond) {
        if (line != "vrrp") return respond(misunderstood("expected something else"));
        respond({.tables = {{.name = "groups", .columns = {{"group"}, {"state"}}, .rows = {{"front", "active"}}}}});
      },
      f.file("vrrp.sock"));
  const auto r = run(hfctl_path + " --run-dir " + f.file("") + " vrrp");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "GROUP  STATE\nfront  active\n");
  EXPECT_EQ(run(hfctl_path + " --run-dir " + f.file("") + " servers").status, 3);
}

// The first of the pair takes callers, as the kernel does for a process that hangs, and never says a word.
TEST_F(Hfctl, SaysThatTheBalancerHangsAndWhatTheAgentKnows) {
  const folder f;
  control_server::respond_type kept;
  const served balancer(
      {}, [&](const caller&, std::string_view, control_server::respond_type respond) { kept = std::move(respond); },
      f.file("balancer.sock"));
  const served agent(
      {},
      [](const caller&, std::string_view line, const control_server::respond_type& respond) {
        if (line != "vrrp") return respond(misunderstood("expected something else"));
        respond({.tables = {{.name = "groups", .columns = {{"group"}, {"state"}}, .rows = {{"front", "active"}}}}});
      },
      f.file("vrrp.sock"));
  const std::string to = hfctl_path + " --run-dir " + f.file("") + " --timeout 50ms ";
  const std::string hangs = "holdfast-balancer does not answer (50ms): it hangs, pid " + std::to_string(getpid());
  for (const char* line : {"status", "cluster"}) {
    const auto r = run(to + line);
    EXPECT_EQ(r.status, 3);
    EXPECT_EQ(r.out, "hfctl: " + hangs + "\nGROUP  STATE\nfront  active\n") << line;
  }
  const auto r = run(to + "--json status");
  EXPECT_EQ(r.status, 3);
  EXPECT_EQ(r.out, R"({"verdict":"refused","message":")" + hangs +
                       R"(","groups":[{"group":"front","state":"active"}]})" + "\nhfctl: " + hangs + "\n");
  EXPECT_EQ(run(to + "servers").out, "hfctl: " + hangs + "\n");
  EXPECT_EQ(run(to + "clients export").status, 3);
}

TEST_F(Hfctl, MakesAClusterKeyWithoutADaemon) {
  const folder f;
  const std::string make = hfctl_path + " --run-dir /nowhere cluster key new " + f.file("key");
  const auto r = run(make);
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "a new key is in " + f.file("key") + ": copy it to the other nodes\n");
  EXPECT_EQ(std::filesystem::status(f.file("key")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(run(make).status, 1);  // never another in its place
}

TEST_F(Hfctl, HelpsWithoutADaemon) {
  EXPECT_THAT(run(hfctl_path + " --run-dir /nowhere help").out, HasSubstr("switchover"));
  EXPECT_THAT(run(hfctl_path + " --run-dir /nowhere help all").out, HasSubstr("conn_max"));
  EXPECT_THAT(run(hfctl_path + " --run-dir /nowhere help servers").out,
              HasSubstr("The servers, their limits and traffic."));
  EXPECT_THAT(run(hfctl_path + " --run-dir /nowhere 'server 0 ?'").out, HasSubstr("drain"));
  EXPECT_EQ(run(hfctl_path + " help nonsense").status, 2);
  EXPECT_EQ(run(hfctl_path).status, 0);
  EXPECT_EQ(run(hfctl_path + " --nonsense").status, 2);
  EXPECT_THAT(run(hfctl_path + " --version").out, StartsWith("hfctl (Holdfast) "));
}

TEST_F(Hfctl, CompletesWithLiveNamesAndQuietlyWithoutThem) {
  EXPECT_EQ(hfctl("--complete 'service web server b'").out, "backup\n");
  EXPECT_EQ(hfctl("--complete 'to'").out, "top\n");
  const auto r = run(hfctl_path + " --run-dir /nowhere --complete 'servi'");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "service\n");
}

TEST_F(Hfctl, IsPenctlUnderThatName) {
  const folder f;
  std::filesystem::create_symlink(hfctl_path, f.file("penctl"));
  const auto penctl = [&](const std::string& arguments) { return run(f.file("penctl") + ' ' + arguments); };
  const auto list = penctl(served_.path + " servers");
  EXPECT_EQ(list.status, 0);
  EXPECT_EQ(list.out, "0 addr 10.0.0.1\n");
  const auto refusal = penctl(served_.path + " close 7");
  EXPECT_EQ(refusal.status, 1);
  EXPECT_EQ(refusal.out, "error: no connection 7\n");
  EXPECT_EQ(penctl(f.file("none") + " servers").status, 1);
  EXPECT_EQ(penctl("").out, "usage: penctl host:port|/path/to/socket command\n");
  EXPECT_EQ(penctl("").status, 0);
}

TEST(HfctlTop, DrawsOneScreenForAScript) {
  const served s({}, [](const caller&, std::string_view line, const control_server::respond_type& respond) {
    reply connections;
    connections.tables.push_back({.name = "connections", .columns = {{"client"}}, .rows = {{"192.0.2.7:99"}}});
    respond(line == "servers" ? servers() : line == "connections limit 200" ? connections : reply{});
  });
  const auto r = run(hfctl_path + " --socket " + s.path + " top --once");
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.out, HasSubstr("SERVICE  SERVER  ADDRESS  STATE"));
  EXPECT_THAT(r.out, HasSubstr("0 B/s"));
  EXPECT_THAT(r.out, HasSubstr("192.0.2.7:99"));
}

}  // namespace

}  // namespace holdfast
