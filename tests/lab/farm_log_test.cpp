// The web logs of a farm put together: three nginx behind the balancer, keep-alive clients who say in each request who
// they are, and logs that are rotated meanwhile. The judge is the log that comes of it: each line begins with the
// client whose name is its last field.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <sstream>
#include <thread>

#include "base/clock_io.h"
#include "base/tls/cluster_key_io.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

constexpr int servers = 3;
constexpr int clients = 4;
constexpr int rate = 2000;  // requests a second, of all
const std::string paired =
    "'[$remote_addr]:$remote_port - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
    "\"$http_user_agent\"'";
const std::string combined =
    "'$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
    "\"$http_user_agent\"'";

int requests_each() { return long_form() ? 12'500 : 2'500; }

enum class family { four, six };

std::string server_address(testbed& bed, int i, family which) {
  return which == family::four ? bed.server(i).address4() : bed.server(i).address6();
}

std::string service_of(testbed& bed, const std::string& log, family which = family::four) {
  std::string text = "service web\nlisten 192.0.2.80:80\nlisten [2001:db8::80]:80\nlog " + log + "\nroundrobin\n";
  for (int i = 0; i < servers; ++i)
    text += "server " + std::to_string(i) + " address " + server_address(bed, i, which) + " port 8080\n";
  return text;
}

// The nginx of a farm: on each server, at port 8080, with an access log.
class web_farm {
 public:
  web_farm(testbed& bed, const std::string& format) : bed_(bed) {
    for (int i = 0; i < servers; ++i) {
      const std::string own = bed.files().path() / ("farm" + std::to_string(i));
      std::string text = "daemon off;\nmaster_process off;\npid " + own + ".pid;\nerror_log " + own +
                         ".err;\nevents { worker_connections 1024; }\nhttp {\n  keepalive_requests 1000000;\n";
      for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text += std::string("  ") + kind + "_temp_path " + own + "." + kind + ";\n";
      text += "  log_format farm " + format + ";\n  access_log " + log_of(i).string() +
              " farm;\n  server {\n    listen 8080;\n    listen [::]:8080;\n    location / { return 200 \"ok\"; }\n  "
              "}\n}\n";
      nginx_.push_back(bed.server(i).machine().run(
          {"nginx", "-c", bed.files().write("farm" + std::to_string(i) + ".conf", text)}, {.output = own + ".out"}));
      EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log_of(i)); }));
    }
  }
  std::filesystem::path log_of(int server) const {
    return bed_.files().path() / ("access_log.host" + std::to_string(server));
  }
  // As administrators do it, and as the HOWTO has it for Apache.
  void rotate() {
    for (int i = 0; i < servers; ++i) {
      std::filesystem::rename(log_of(i), log_of(i).string() + ".1");
      nginx_[static_cast<std::size_t>(i)].kill(SIGUSR1);
      EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log_of(i)); }));
      if (arguments_) follow(i);
    }
  }
  std::string rotated(int server) const {
    return read_file(log_of(server).string() + ".1") + read_file(log_of(server));
  }
  // `tail -f LOG | penlog ARGUMENTS` on each, and for the new log after a rotation.
  void send_to(std::function<std::string(int server)> arguments) {
    arguments_ = std::move(arguments);
    for (int i = 0; i < servers; ++i) follow(i);
  }
  void send_to(const std::string& host_and_port) {
    send_to([&](int) { return host_and_port; });
  }

 private:
  // Both are started by themselves so that both are ended. tail goes by the file, not its name, under which it would
  // miss what nginx still writes into the renamed one.
  void follow(int server) {
    const std::string log = log_of(server), pipe = log + ".pipe" + std::to_string(senders_.size());
    if (mkfifo(pipe.c_str(), 0600) != 0) throw std::runtime_error("no pipe");
    for (const std::string& words : {"exec tail -n +1 -f " + log + " >" + pipe,
                                     "exec " + built("penlog") + ' ' + arguments_(server) + " <" + pipe})
      senders_.push_back(bed_.server(server).machine().run({"sh", "-c", words}));
  }

  testbed& bed_;
  std::function<std::string(int server)> arguments_;
  std::vector<process> nginx_, senders_;
};

// Asks on one connection again and again, for what others ask for, too, in half of the cases.
void ask_on(testbed& bed, const address& own, int from, int to, bool keeps) {
  std::optional<conversation> talk;
  const instant began = monotonic_now();
  for (int i = from; i < to; ++i) {
    std::this_thread::sleep_until(began + (i - from) * duration(std::chrono::seconds(clients)) / rate);
    const std::string path = i % 2 == 0 || !keeps ? '/' + own.text() + '/' + std::to_string(i)
                                                  : "/o" + std::string(static_cast<std::size_t>(i % 3), 'n');
    if (!talk || !keeps) talk.emplace(bed.crowd(), own, own.is_v4() ? testbed::service4() : testbed::service6());
    ASSERT_EQ(talk->get(path, "User-Agent: " + own.text() + "\r\n" + (keeps ? "" : "Connection: close\r\n")), "ok");
  }
}

void ask_all_day(testbed& bed, const std::vector<address>& who, bool keeps, const std::function<void()>& at_noon) {
  const int noon = requests_each() / 2;
  for (const auto& [from, to] : {std::pair{0, noon}, std::pair{noon, requests_each()}}) {
    std::vector<std::thread> crowd;
    for (const address& own : who) crowd.emplace_back([&, f = from, t = to] { ask_on(bed, own, f, t, keeps); });
    if (from > 0) at_noon();
    for (auto& one : crowd) one.join();
  }
}

struct verdict {
  int lines = 0, right = 0;
};

// 10.9.0.1 - - [...] "GET / HTTP/1.1" 200 2 "-" "10.9.0.1"
verdict judge(const std::string& log) {
  verdict found;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line); ++found.lines)
    if (line.ends_with(" \"" + line.substr(0, line.find(' ')) + '"')) ++found.right;
  return found;
}

void expect_all(const std::string& log) {
  const verdict found = judge(log);
  const int all = clients * requests_each();
  std::printf("[  figure  ] %d of %d requests named right\n", found.right, all);
  EXPECT_EQ(found.lines, all);
  EXPECT_EQ(found.right, all);
}

// penlogd on the balancer's machine, as the HOWTO has it.
class log_host {
 public:
  explicit log_host(testbed& bed, const std::vector<std::string>& more = {})
      : bed_(bed),
        words_{built("penlogd"), "-f", "-l", bed.files().path() / "access_log", "10000"},
        log_(bed.files().path() / "access_log") {
    words_.insert(words_.end(), more.begin(), more.end());
    start();
  }
  void start() {
    program_ = bed_.front().run(words_, {.output = bed_.files().path() / "penlogd.out"});
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log_); }));
  }
  void rotate() {
    std::filesystem::rename(log_, log_.string() + ".1");
    program_.kill(SIGHUP);
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log_); }));
  }
  std::string all() const { return read_file(log_.string() + ".1") + read_file(log_); }
  std::string end(int lines) {  // with so many lines in its log, or after a while
    eventually([&] { return judge(all()).lines >= lines; }, 20s);
    program_.kill(SIGTERM);
    EXPECT_EQ(program_.wait(5s), 0);
    const std::string merged = all();
    if (judge(merged).right != lines) std::fputs(program_.output().c_str(), stderr);
    return merged;
  }

 private:
  testbed& bed_;
  std::vector<std::string> words_;
  std::filesystem::path log_;
  process program_;
};

// What is said while penlogd is away is said when it is back.
void expect_all_over_a_restart(testbed& bed, log_host& penlogd) {
  const address client = testbed::clients4(1)[0];
  ask_on(bed, client, 0, 20, true);
  EXPECT_EQ(judge(penlogd.end(20)).right, 20);
  ask_on(bed, client, 20, 40, true);
  penlogd.start();
  EXPECT_EQ(judge(penlogd.end(40)).right, 40);
}

TEST(FarmLog, OfPenlogdNamesTheClientOfEveryRequest) {
  testbed bed(servers);
  web_farm farm(bed, paired);
  log_host penlogd(bed);
  watched_balancer lb(bed, service_of(bed, "10.0.0.1:10000"));
  farm.send_to("10.0.0.1 10000");
  ask_all_day(bed, testbed::clients4(clients), true, [&] {
    penlogd.rotate();
    farm.rotate();
  });
  expect_all(penlogd.end(clients * requests_each()));
}

TEST(FarmLog, OfPenlogdNamesTheClientOfEveryRequestOverIpv6) {
  testbed bed(servers);
  web_farm farm(bed, paired);
  log_host penlogd(bed);
  watched_balancer lb(bed, service_of(bed, "[fd00::1]:10000", family::six));
  farm.send_to("fd00::1 10000");
  ask_all_day(bed, testbed::clients6(clients), true, [&] { penlogd.rotate(); });
  expect_all(penlogd.end(clients * requests_each()));
}

TEST(FarmLog, OfMergelogsNamesTheClientOfEveryRequest) {
  testbed bed(servers);
  web_farm farm(bed, paired);
  const std::string log = bed.files().path() / "pen.log";
  watched_balancer lb(bed, service_of(bed, log) + "log format paired\n");
  ask_all_day(bed, testbed::clients4(clients), true, [&] {
    std::filesystem::rename(log, log + ".1");
    lb.hang_up();
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log); }));
    farm.rotate();
  });
  lb.program().kill(SIGTERM);
  lb.program().wait(5s);
  std::vector<std::string> words{built("mergelogs"), "-p",
                                 bed.files().write("pen.all", read_file(log + ".1") + read_file(log))};
  for (int i = 0; i < servers; ++i)
    words.push_back(bed.server(i).address4() + ':' +
                    bed.files().write("web" + std::to_string(i), farm.rotated(i)).string());
  process merging = bed.front().run(words, {.output = bed.files().path() / "merged"});
  EXPECT_EQ(merging.wait(60s), 0);
  expect_all(read_file(bed.files().path() / "merged"));
}

// Without the port in the web servers' logs.
TEST(FarmLog, InTheCommonFormNamesWhoeverAskedForWhatNobodyElseDid) {
  testbed bed(servers);
  web_farm farm(bed, combined);
  log_host penlogd(bed);
  watched_balancer lb(bed, service_of(bed, "10.0.0.1:10000"));
  farm.send_to("10.0.0.1 10000");
  ask_all_day(bed, testbed::clients4(clients), false, [&] { penlogd.rotate(); });
  expect_all(penlogd.end(clients * requests_each()));
}

TEST(FarmLog, OverAUnixSocketWaitsForAPenlogdThatIsRestarted) {
  testbed bed(servers);
  web_farm farm(bed, paired);
  const std::string socket = bed.files().path() / "penlogd.sock";
  log_host penlogd(bed, {"--socket", socket});
  watched_balancer lb(bed, service_of(bed, "unix:" + socket));
  farm.send_to([&](int i) { return socket + ' ' + bed.server(i).address4(); });
  expect_all_over_a_restart(bed, penlogd);
}

TEST(FarmLog, OverTlsWaitsForAPenlogdThatIsRestarted) {
  testbed bed(servers);
  web_farm farm(bed, paired);
  const std::string key = bed.files().path() / "cluster.key";
  ASSERT_TRUE(make_cluster_key(key));
  log_host penlogd(bed, {"--tls", "10001", "--key", key});
  watched_balancer lb(bed, service_of(bed, "10.0.0.1:10001") + "log over tls\ncluster key " + key + '\n');
  farm.send_to("--key " + key + " 10.0.0.1 10001");
  expect_all_over_a_restart(bed, penlogd);
}

}  // namespace
}  // namespace holdfast::lab
