// Reloads: under load, and with a file that is wrong.
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <csignal>
#include <regex>

#include "base/clock_io.h"
#include "tests/lab/scene.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {
namespace {

struct load_report {
  int requests = 0;
  int failed = 0;  // socket errors of any kind, and answers other than 2xx and 3xx
};

load_report read_wrk(const std::string& text) {
  load_report report;
  std::smatch found;
  if (std::regex_search(text, found, std::regex("(\\d+) requests in"))) report.requests = std::stoi(found[1]);
  if (std::regex_search(text, found, std::regex("connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)")))
    for (std::size_t i = 1; i <= 4; ++i) report.failed += std::stoi(found[i]);
  if (std::regex_search(text, found, std::regex("Non-2xx or 3xx responses: (\\d+)")))
    report.failed += std::stoi(found[1]);
  return report;
}

process start_wrk(testbed& bed, const std::string& name, int seconds, const std::vector<std::string>& more) {
  std::vector<std::string> words{"wrk", "-t1", "-c20", "-d" + std::to_string(seconds), "--timeout", "5s"};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back("http://192.0.2.80/");
  return bed.crowd().run(words, {.output = bed.files().path() / name});
}

TEST(Reload, AHundredTimesUnderLoadFailsNoRequest) {
  testbed bed(3);
  const std::string first = "service web\nlisten 192.0.2.80:80\n" + bed.servers4("weight 1");
  const std::string second =
      "service web\nlisten 192.0.2.80:80\nlisten 192.0.2.80:8080\ntimeout 4\nclients_max 5000\n" +
      bed.servers4("weight 2");
  watched_balancer lb(bed, first);
  const int reloads = long_form() ? 1000 : 100;
  const int seconds = long_form() ? 600 : 120;  // at most: it is told when to end
  process kept = start_wrk(bed, "kept.out", seconds, {});
  process fresh = start_wrk(bed, "fresh.out", seconds, {"-H", "Connection: close"});
  for (int i = 1; i <= reloads; ++i) {
    lb.rewrite(i % 2 == 1 ? second : first);
    if (i % 4 < 2)
      lb.hang_up();
    else
      lb.tell("reload");
    std::this_thread::sleep_for(std::chrono::milliseconds(30));  // requests come between reloads, too
  }
  EXPECT_TRUE(kept.running()) << "the load ended before the reloads";
  for (process* load : {&kept, &fresh}) {
    load->kill(SIGINT);
    EXPECT_EQ(load->wait(std::chrono::seconds(20)), std::optional(0)) << load->output();
    const load_report report = read_wrk(load->output());
    std::printf("[  figure  ] %d requests during %d reloads, %d failed\n", report.requests, reloads, report.failed);
    EXPECT_GT(report.requests, 1000) << load->output();
    EXPECT_EQ(report.failed, 0) << load->output();
  }
  EXPECT_EQ(lb.tell("service web timeout").find('4'), std::string::npos);  // the last file said nothing of it
}

// A name server that takes questions and never answers: the resolver of the C library waits for it 10 s.
TEST(Reload, WithADeadNameServerLeavesNoGap) {
  testbed bed(2);
  const descriptor silent = bed.front().socket(AF_INET, SOCK_DGRAM);
  const socket_address where(at("127.0.0.9", 53));
  ASSERT_EQ(::bind(silent.get(), where.get(), where.length), 0);
  const std::string resolv = bed.files().write("resolv.conf", "nameserver 127.0.0.9\n").string();
  const std::string order = bed.files().write("nsswitch.conf", "hosts: files dns\n").string();
  const std::string text =
      "service web\nlisten 192.0.2.80:80\nserver 9 address nobody.example.test port 80\n" + bed.servers4();
  watched_balancer lb(bed, text,
                      {.through = {"unshare", "--mount", "bash", "-c",
                                   "mount --bind " + resolv + " /etc/resolv.conf && mount --bind " + order +
                                       " /etc/nsswitch.conf && exec \"$@\"",
                                   "bash"}});
  prober client(bed.crowd(), at("10.9.0.1"), testbed::service4());
  for (int i = 0; i < 4; ++i) {
    lb.rewrite(text + "timeout " + std::to_string(4 + i) + "\n");
    EXPECT_EQ(lb.ctl({"reload"}).status, 0);
    std::this_thread::sleep_for(500ms);
  }
  EXPECT_NE(lb.tell("service web timeout").find('7'), std::string::npos) << "the last file counts";
  const auto seen = client.stop();
  const auto ms = [](duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
  std::printf("[  figure  ] %d requests during 4 reloads with a dead name server: longest gap %.0f ms, noise %.0f ms\n",
              seen.asked, ms(seen.longest_gap), ms(seen.lateness));
  EXPECT_EQ(seen.failed, 0);
  EXPECT_LT(seen.longest_gap, 30ms + seen.lateness);
  int questions = 0;
  EXPECT_EQ(::ioctl(silent.get(), FIONREAD, &questions), 0);
  EXPECT_GT(questions, 0) << "the name server was asked";
}

TEST(Reload, KeepsTheClientsAndTheirConnections) {
  testbed bed(3);
  const std::string text = "service web\nlisten 192.0.2.80:80\n" + bed.servers4();
  watched_balancer lb(bed, text);
  const std::vector<address> clients = testbed::clients4(90);
  const answers before = ask_all(bed.crowd(), clients, testbed::service4(), 1);
  conversation running(bed.crowd(), at("10.9.9.9"), testbed::service4());
  const std::string met = running.get();
  lb.rewrite(text + "blacklist 7\n");
  lb.tell("reload");
  EXPECT_THAT(lb.tell("service web blacklist"), ::testing::HasSubstr("7"));
  EXPECT_EQ(differences(before, ask_all(bed.crowd(), clients, testbed::service4(), 2)), 0);
  EXPECT_EQ(running.get(), met);
}

TEST(Reload, OfAWrongFileChangesNothingAndSaysWhere) {
  testbed bed(2);
  const std::string text = "service web\nlisten 192.0.2.80:80\n" + bed.servers4();
  watched_balancer lb(bed, text);
  const std::string before = lb.tell("show config");
  lb.rewrite("service web\nlisten 192.0.2.80:8080\nserver 0 adress 10.0.1.11\n");
  const auto said = lb.ctl({"reload"});
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.text, ::testing::HasSubstr("holdfast.conf:3:10")) << "file, line and column";
  EXPECT_EQ(lb.tell("show config"), before);
  lb.hang_up();
  EXPECT_TRUE(eventually([&] { return lb.program().output().find("holdfast.conf:3:10") != std::string::npos; }));
  EXPECT_EQ(lb.tell("show config"), before);
  EXPECT_EQ(bed.ask(at("10.9.0.1")).front(), 's');
  EXPECT_EQ(ask(bed.crowd(), at("10.9.0.1"), testbed::service4(8080)), "(refused)");
}

TEST(Reload, OpensAndClosesListenersAsTheFileSays) {
  testbed bed(1);
  const std::string servers = bed.servers4();
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + servers);
  lb.rewrite("service web\nlisten 192.0.2.80:8080\n" + servers);
  lb.tell("reload");
  EXPECT_TRUE(eventually([&] { return ask(bed.crowd(), at("10.9.0.1"), testbed::service4(8080)) == "s0"; }));
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1")) == "(refused)"; }));
}

}  // namespace
}  // namespace holdfast::lab
