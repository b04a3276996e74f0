// The program as a whole, without its process: what it tells its agents when it is told to end.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "balancer/daemon/daemon_io.h"
#include "base/tls/cluster_key_io.h"
#include "tests/balancer_io/backend.h"
#include "tests/balancer_io/bare_agent.h"
#include "tests/balancer_io/program.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

TEST(Daemon, WithoutOtherNodesIsConnectedToNone) {
  program p;
  for (const char* line : {"cluster", "cluster check", "cluster flush", "cluster servers"}) {
    EXPECT_EQ(p.answer(line), "error: not connected to any node\n") << line;
  }
}

TEST(Daemon, PinsAndForgetsClients) {
  program p;
  EXPECT_EQ(p.answer("service web client 192.0.2.7 pin 0"), "");
  EXPECT_EQ(p.answer("client 192.0.2.7"), "192.0.2.7 server 0\n");
  EXPECT_EQ(p.answer("client 192.0.2.7 forget"), "");
  EXPECT_EQ(p.answer("client 192.0.2.7 forget"), "error: no service knows the client 192.0.2.7\n");
  EXPECT_EQ(p.answer("service web client 192.0.2.7 pin 9"), "error: expected a server of service web\n");
  EXPECT_EQ(p.answer("client 192.0.2.7 pin 0"),
            "error: of which service? expected `service NAME` in front: one of web\n");
  EXPECT_EQ(p.answer("service web roundrobin"), "");
  EXPECT_EQ(p.answer("service web client 192.0.2.7 pin 0"), "error: service web remembers no clients: roundrobin\n");
}

TEST(Daemon, MakesNoServiceByTheWay) {
  program p;
  const std::string which = "error: of which service? expected `service NAME` in front: one of web\n";
  for (const char* line : {"server 9 address 127.0.0.1", "listen 127.0.0.1:18080", "listen", "check", "hash"}) {
    EXPECT_EQ(p.answer(line), which) << line;
  }
  EXPECT_EQ(p.answer("service wbe server 9 address 127.0.0.1"),
            "error: no service wbe: expected one of web; `service wbe` alone makes it\n");
  EXPECT_EQ(p.answer("service mail"), "");
  EXPECT_EQ(p.answer("service mail server 9 address 127.0.0.1"), "");
}

TEST(Daemon, SaysWhatIsSoAfterAChange) {
  program p;
  const auto message = [&](const std::string& line) { return parse_wire(p.answer("json " + line))->message; };
  EXPECT_EQ(message("service web server 0 weight 2"), "web/0: 127.0.0.1:9, weight 2, 0 connections");
  EXPECT_EQ(
      message("service web server 0 drain"),
      "web/0: 127.0.0.1:9, weight 2, draining, 0 connections left; no server of service web takes new clients now");
  EXPECT_EQ(message("service web timeout 5"), "web: timeout 5s");
  EXPECT_EQ(message("service web client 192.0.2.7 pin 0"), "192.0.2.7 goes to web/0 from its next connection on");
  EXPECT_EQ(message("service web server 0 blacklist 10m"),
            "web/0: 127.0.0.1:9, weight 2, draining; blacklisted for 10m, 0 connections left");
  EXPECT_EQ(message("service web server 0 blacklist 0"),
            "web/0: 127.0.0.1:9, weight 2, draining; chosen again, 0 connections left");
}

// As a standby: the address from which it is to come will be here with the role.
TEST(Daemon, FindsServersAliveThoughTheirSourceIsElsewhere) {
  backend a(echo);
  program p;
  const auto is = [&](const std::string& state) {
    return eventually([&] { return p.answer("json servers").find(state) != std::string::npos; });
  };
  EXPECT_EQ(p.answer("service web server 0 address " + a.where().text()), "");
  EXPECT_EQ(p.answer("service web source 192.0.2.80"), "");
  EXPECT_EQ(p.answer("service web check tcp every 100ms rise 1 fall 1"), "");
  EXPECT_TRUE(is("Cannot assign requested address"));
  EXPECT_EQ(p.answer("vrrp front interface lo"), "");
  EXPECT_EQ(p.answer("vrrp front id 80"), "");
  EXPECT_EQ(p.answer("vrrp front address 192.0.2.80/24"), "");
  EXPECT_TRUE(is("\"up\""));
}

TEST(Daemon, SaysThatItRunsWithoutSync) {
  settings pair;
  pair.nodes = {{"lb1", {"127.0.0.1", "7700", ""}}, {"lb2", {"127.0.0.2", "7700", ""}}};
  pair.cluster_key = "/nowhere/cluster.key";
  program p(pair);
  const auto status = parse_wire(p.answer("json status"));
  EXPECT_EQ(status->message,
            "PROBLEM  sync off: can't read the cluster key /nowhere/cluster.key: No such file or directory");
  EXPECT_EQ(parse_wire(program().answer("json status"))->message, "");
}

TEST(Daemon, SyncsAsSoonAsItsKeyCanBeRead) {
  folder keys;
  settings pair;
  pair.nodes = {{"lb1", {"127.77.0.1", "7700", ""}}, {"lb2", {"127.77.0.2", "7700", ""}}};
  pair.cluster_key = keys.file("cluster.key");
  program p(pair);
  const auto message = [&] { return parse_wire(p.answer("json status"))->message; };
  EXPECT_TRUE(message().starts_with("PROBLEM  sync off: can't read the cluster key"));
  ASSERT_TRUE(make_cluster_key(pair.cluster_key));
  while (!message().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

// Whatever operators have said of a server.
TEST(Daemon, KeepsOrdersOverAReload) {
  program p;
  const auto message = [&](const std::string& line) { return parse_wire(p.answer("json " + line))->message; };
  message("service web server 0 drain");
  message("service web timeout 7");
  EXPECT_EQ(message("reload"), "- service web timeout 7s\nnot as in the file until `undo` or `write`: web/0");
  EXPECT_EQ(message("undo"),
            "- service web server 0 address 127.0.0.1:9 drain\n"
            "+ service web server 0 address 127.0.0.1:9");
  EXPECT_EQ(message("reload"), "no change");
}

TEST(Daemon, KeepsWhatWasSaidWhenItIsHungUpWithoutAFile) {
  program p;
  p.answer("service web timeout 7");
  p.answer("log " + p.file("log"));
  std::filesystem::rename(p.file("log"), p.file("log.1"));
  ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(p.file("log")); }));
  EXPECT_EQ(p.answer("service web timeout"), "7\n");
}

TEST(Daemon, AddsItsFileToWhatWasSaidWhenItIsPen) {
  program p({}, "service web timeout 9\n");
  p.answer("service web roundrobin");
  p.answer("service web timeout 7");
  ASSERT_EQ(kill(getpid(), SIGHUP), 0);
  EXPECT_TRUE(eventually([&] { return p.answer("service web timeout") == "9\n"; }));
  EXPECT_NE(p.answer("service web mode").find("no hash roundrobin"), std::string::npos);
  std::filesystem::remove(p.file("pen.cfg"));
  p.answer("service web timeout 7");
  EXPECT_EQ(p.answer("reload"), "") << "it is as one without lines";
  EXPECT_EQ(p.answer("service web timeout"), "7\n");
}

TEST(Daemon, GivesAndTakesItsClientsAsLines) {
  program p;
  EXPECT_EQ(p.answer("clients put web,192.0.2.7,127.0.0.1:9,1000,2000"),
            "TAKEN  KNOWN  DROPPED  AHEAD  UNKNOWN\n    1      0        0      0        0\n");
  EXPECT_EQ(p.answer("clients lines"), "web,192.0.2.7,127.0.0.1:9,1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z\n");
  EXPECT_EQ(p.answer("service web clients lines after web:0"), p.answer("clients lines"));
}

bool is_stopping(const condition& c) { return c.stopping; }

// A process that ends and starts again, and its clients.
class restarted {
 public:
  // Servers a, b, c...
  explicit restarted(std::size_t servers) {
    const descriptor free(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    EXPECT_EQ(bind(free.get(), any.get(), any.length), 0);
    where_ = local_name(free.get());
    auto& web = wanted_.services["web"];
    web.name = "web";
    web.listeners = {{.host = "127.0.0.1", .port = std::to_string(where_.port), .path = ""}};
    for (std::size_t i = 0; i < servers; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      servers_.push_back(std::make_unique<backend>(says(name)));
      const std::string port = std::to_string(servers_.back()->where().port);
      web.servers.push_back({.name = name, .where = {.host = "127.0.0.1", .port = port, .path = ""}});
    }
    wanted_.workers = 1;
    with_.state_dir = folder_.file("state");
  }

  const std::string& state() const { return with_.state_dir; }

  // One life of the program: who answers these clients, 127.0.1.N?
  std::string answers_to(std::initializer_list<std::uint32_t> clients) {
    boost::asio::io_context io{1};
    daemon running(io, with_, wanted_);
    std::thread turning([&] { io.run(); });
    std::string heard;
    for (const std::uint32_t n : clients) {
      peer visitor = peer::to(where_, 0, {.host = address::v4(0x7f000100 + n), .port = 0, .path = {}});
      visitor.say("who\n");
      heard += visitor.hear_all();
    }
    boost::asio::post(io, [&] { running.stop(); });
    turning.join();
    return heard;
  }

 private:
  folder folder_;
  endpoint where_;
  std::vector<std::unique_ptr<backend>> servers_;
  settings wanted_;
  daemon_options with_;
};

TEST(Daemon, KnowsItsClientsAgainAfterARestart) {
  restarted program(3);
  const std::string before = program.answers_to({1, 2, 3, 4});
  EXPECT_NE(before, std::string(4, before.front()));
  std::string after = program.answers_to({4, 3, 2, 1});
  std::reverse(after.begin(), after.end());
  EXPECT_EQ(after, before);
  EXPECT_EQ(program.answers_to({2, 1}), before.substr(1, 1) + before.substr(0, 1));
}

TEST(Daemon, StartsWithoutTheClientsOfADamagedFile) {
  restarted program(1);
  std::filesystem::create_directory(program.state());
  std::ofstream(program.state() + "/web.clients") << "holdfast clients, or so it says";
  EXPECT_EQ(program.answers_to({1}), "a");
}

TEST(Daemon, TellsAgentsWhatItIsWorth) {
  program p;
  bare_agent a(p.agents());
  const auto c = a.hear_of<condition>([](const condition&) { return true; });
  EXPECT_EQ(c, (condition{.workers = 2, .listeners = 1, .servers_alive = 1, .servers = 1, .stopping = false}));
}

TEST(Daemon, SaysThatItStopsBeforeItCloses) {
  program p;
  bare_agent a(p.agents());
  EXPECT_TRUE(a.hears_beat_of(1));
  p.stop();
  EXPECT_EQ(a.hear_of<condition>(is_stopping).value().listeners, 1U);
  p.wait_for_the_end();
}

TEST(Daemon, ListensOnUntilTheAgentHasHandedOver) {
  program p;
  bare_agent a(p.agents());
  a.say(role_change{.group = "front", .is = role::active});
  EXPECT_TRUE(a.hears_beat_of(control_thread));
  EXPECT_TRUE(a.hears_beat_of(control_thread));
  p.stop();
  EXPECT_TRUE(a.hear_of<condition>(is_stopping));
  EXPECT_TRUE(a.hears_beat_of(control_thread)) << "it would have ended at once, for it has no connection";
  a.say(role_change{.group = "front", .is = role::backup});
  p.wait_for_the_end();
}

TEST(Daemon, DoesNotWaitForEverForAnAgentThatKeepsItsAddresses) {
  program p;
  bare_agent a(p.agents());
  a.say(role_change{.group = "front", .is = role::active});
  EXPECT_TRUE(a.hears_beat_of(control_thread));
  EXPECT_TRUE(a.hears_beat_of(control_thread));
  p.stop();
  p.wait_for_the_end();
}

}  // namespace

}  // namespace holdfast
