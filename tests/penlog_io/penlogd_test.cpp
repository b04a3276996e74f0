#include <gmock/gmock.h>

#include "base/tls/cluster_key_io.h"
#include "tests/penlog_io/programs.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string web(const std::string& host, const std::string& path) {
  return host + " - - [30/Nov/2026:18:00:00 +0000] \"GET " + path + " HTTP/1.1\" 200 5\n";
}

// A penlogd on a port of its own.
class Penlogd : public testing::Test {
 protected:
  void start(std::vector<std::string> more = {}) {
    std::filesystem::remove(files.file(log));
    std::vector<std::string> words{penlogd, "-f", std::to_string(port)};
    words.insert(words.end(), more.begin(), more.end());
    program.emplace(words, files.file("out"));
    ASSERT_TRUE(eventually([&] {
      // Together: of two, it might hear the second alone, and keep all that follows waiting behind it.
      probe.send(port, "+ ready 127.0.0.1 GET /ready HTTP/1.1\n" + web("h", "/ready"));
      return files.text_of(log).find("GET /ready") != std::string::npos;  // "already in use" is none
    }));
  }
  void ask(const std::string& client, const std::string& path) const {
    probe.send(port, "+ " + client + " 127.0.0.1 GET " + path + " HTTP/1.1\n");
  }
  void serve(const std::string& path) const { probe.send(port, web("10.0.0.1", path)); }
  bool written(const std::string& line) {
    return eventually([&] { return files.text_of(log).find(line) != std::string::npos; });
  }

  folder files;
  std::string log = "out";
  int port = free_port();
  datagram_socket probe;
  std::optional<running> program;
};

TEST_F(Penlogd, NamesTheClientOnStandardOutputAtOnce) {
  start();
  ask("192.0.2.7", "/o");
  serve("/o");
  EXPECT_TRUE(written(web("192.0.2.7", "/o")));
  EXPECT_EQ(program->stop(), 0);
}

TEST_F(Penlogd, HasEverythingInItsFilesOverHangUpAndTermination) {
  log = "log";
  start({"-l", files.file("log"), "-p", files.file("pid")});
  EXPECT_THAT(files.text_of("pid"), StartsWith(std::to_string(program->pid())));
  for (int i = 0; i < 100; ++i) {
    ask("192.0.2.7", "/" + std::to_string(i));
    serve("/" + std::to_string(i));
  }
  ASSERT_TRUE(written("/99 "));
  std::filesystem::rename(files.file("log"), files.file("log.1"));
  program->say(SIGHUP);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(files.file("log")); }));
  for (int i = 100; i < 1000; ++i) {
    ask("192.0.2.7", "/" + std::to_string(i));
    serve("/" + std::to_string(i));
  }
  EXPECT_EQ(program->stop(), 0);
  const std::string all = files.text_of("log.1") + files.text_of("log");
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(all, HasSubstr(web("192.0.2.7", "/" + std::to_string(i))));
  EXPECT_FALSE(std::filesystem::exists(files.file("pid")));
}

TEST_F(Penlogd, WritesWhatNobodyHasAskedForAsItCame) {
  start({"--wait", "50ms"});
  serve("/alone");
  EXPECT_TRUE(written(web("10.0.0.1", "/alone")));
}

TEST_F(Penlogd, WritesWhatStillWaitsWhenItEnds) {
  start({"--wait", "1h"});
  serve("/alone");
  EXPECT_EQ(program->stop(), 0);
  EXPECT_THAT(files.text_of("out"), HasSubstr(web("10.0.0.1", "/alone")));
}

TEST_F(Penlogd, KeepsALongLineWhole) {
  start();
  const std::string path = "/" + std::string(20'000, 'x');
  ask("192.0.2.7", path);
  serve(path);
  EXPECT_TRUE(written(web("192.0.2.7", path)));
}

TEST_F(Penlogd, CountsWhatItRefuses) {
  start();
  for (const char* nonsense : {"nonsense", "+ a", "\n", "@x"}) probe.send(port, nonsense);
  program->say(SIGUSR1);
  EXPECT_TRUE(written("refused=4"));
  EXPECT_THAT(files.text_of("out"), HasSubstr("line=refused from=127.0.0.1 why=\"expected "));
}

TEST_F(Penlogd, TellsWebServersApartByTheirAddresses) {
  start();
  const datagram_socket other("127.0.0.2");
  probe.send(port, "+ 192.0.2.2 127.0.0.2 GET / HTTP/1.1\n");
  probe.send(port, "+ 192.0.2.1 127.0.0.1 GET / HTTP/1.1\n");
  serve("/");
  other.send(port, web("10.0.0.1", "/"));
  EXPECT_TRUE(written(web("192.0.2.1", "/") + web("192.0.2.2", "/")));
}

TEST_F(Penlogd, HearsPenlogOverIpv6AUnixSocketAndTls) {
  ASSERT_TRUE(make_cluster_key(files.file("key")));
  const std::string tls = std::to_string(free_port()), key = files.file("key"), local = files.file("socket");
  start({"--socket", local, "--tls", "[::]:" + tls, "--key", key, "--wait", "1h"});
  const std::string udp = std::to_string(port);
  const struct {
    std::string server, arguments;
  } ways[] = {{"::1", "::1 " + udp},
              {"127.0.0.3", "localhost " + udp + " 127.0.0.3"},
              {"127.0.0.1", local},
              {"fd00::7", local + " fd00::7"},
              {"127.0.0.1", "--key " + key + " 127.0.0.1 " + tls},
              {"127.0.0.4", "--key " + key + " 127.0.0.1 " + tls + " 127.0.0.4"},
              {"::1", "--key " + key + " ::1 " + tls}};
  int number = 0;
  for (const auto& way : ways) {
    const std::string path = "/" + std::to_string(++number);
    probe.send(port, "+ 192.0.2.7 " + way.server + " GET " + path + " HTTP/1.1\n");
    const auto sent = run("printf '" + web("10.0.0.1", path) + "' | " + penlog + " " + way.arguments);
    EXPECT_EQ(sent.status, 0);
    EXPECT_EQ(sent.out, "");
    EXPECT_TRUE(written(web("192.0.2.7", path))) << way.arguments;
  }
}

TEST_F(Penlogd, HearsNobodyWithAnotherKey) {
  for (const char* name : {"key", "other"}) ASSERT_TRUE(make_cluster_key(files.file(name)));
  const std::string tls = std::to_string(free_port());
  start({"--tls", "127.0.0.1:" + tls, "--key", files.file("key")});
  const auto sent = run("echo line | " + penlog + " --key " + files.file("other") + " 127.0.0.1 " + tls);
  EXPECT_EQ(sent.out, "penlog: Key was rejected by service\npenlog: 1 lines were lost\n");
  EXPECT_TRUE(written("caller=refused from=127.0.0.1 why=\"the peer doesn't hold the same cluster key\""));
}

TEST_F(Penlogd, LeavesNoSocketThatKeepsTheNextFromStarting) {
  const std::string local = files.file("socket");
  start({"--socket", local});
  program->stop(SIGKILL);
  start({"--socket", local});
  EXPECT_EQ(program->stop(), 0);
}

TEST_F(Penlogd, GoesToTheBackgroundWithItsLogOpen) {
  const std::string pid = files.file("pid");
  const auto began = run(penlogd + " -p " + pid + " -l " + files.file("log") + ' ' + std::to_string(port));
  EXPECT_EQ(began.status, 0);
  EXPECT_EQ(began.out, "");
  ask("192.0.2.7", "/o");
  serve("/o");
  log = "log";
  EXPECT_TRUE(written(web("192.0.2.7", "/o")));
  run("kill $(cat " + pid + ")");
  EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(pid); }));
}

TEST_F(Penlogd, SaysWhyItDoesNotStart) {
  start();
  const std::string used = std::to_string(port);
  EXPECT_EQ(run(penlogd + " -f " + used).status, 1);
  const auto behind = run(penlogd + " " + used);
  EXPECT_EQ(behind.status, 1);
  EXPECT_EQ(behind.out, "penlogd: can't listen on the port " + used + ": Address already in use\n");
  const std::string other = std::to_string(free_port());
  EXPECT_THAT(run(penlogd + " -f -l /nonexistent/log " + other).out, HasSubstr("can't write /nonexistent/log"));
  EXPECT_THAT(run(penlogd + " -f -u no-such-user " + other).out, HasSubstr("expected a user of this system"));
  EXPECT_EQ(run(penlogd + " -f -u no-such-user " + other).status, 1);
}

TEST_F(Penlogd, EndsWithPensStatusWhenItIsMisunderstood) {
  for (const char* wrong : {"", "-x", "abc", "-n", "-n 0 10000", "1 2", "--tls 7777 10000"}) {
    const auto said = run(penlogd + " " + wrong);
    EXPECT_EQ(said.status, 0) << wrong;
    EXPECT_THAT(said.out, StartsWith("penlogd: ")) << wrong;
    EXPECT_THAT(said.out, HasSubstr("usage: penlogd ")) << wrong;
  }
}

}  // namespace
}  // namespace holdfast
