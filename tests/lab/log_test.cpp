// Logs that nobody reads, that have no room, or that are moved away: nobody waits for them, and what is lost is
// counted.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/clock_io.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\ncheck tcp every 200ms rise 1 fall 1\n";

// A named pipe with a reader, who need not read.
struct pipe_of {
  pipe_of(const testbed& bed, const std::string& name) : path(bed.files().path() / name) {
    if (mkfifo(path.c_str(), 0666) != 0) throw std::runtime_error("no pipe");
    reader.reset(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  void fill() const {
    const std::string much(4096, 'x');
    while (::write(reader.get(), much.data(), much.size()) > 0) continue;
  }
  std::string drain() const {
    std::string all;
    char piece[65536];
    for (ssize_t n = 0; (n = ::read(reader.get(), piece, sizeof piece)) > 0;)
      all.append(piece, static_cast<std::size_t>(n));
    return all;
  }
  std::filesystem::path path;
  descriptor reader;
};

std::uint64_t count_of(balancer& lb, const std::string& name) {
  const std::string said = lb.ctl({"--json", "status"}).text;
  const auto at = said.find('"' + name + "\":");
  return at == said.npos ? 0 : std::stoull(said.substr(at + name.size() + 3));
}

TEST(Logs, ThatNobodyReadsHoldUpNobody) {
  testbed bed(2);
  const pipe_of access(bed, "access");
  const pipe_of error(bed, "holdfast.out");
  balancer lb(bed, web + "log " + access.path.string() + "\n" + bed.servers4());
  access.fill();
  error.fill();
  prober client(bed.crowd(), at("10.9.0.1"), testbed::service4());
  const instant began = monotonic_now();
  bed.server(0).kill();  // a line is due, and then many
  const std::string line(2000, 'x');
  const auto go_on = [&](const std::string& counter, const std::function<void()>& act) {
    while (count_of(lb, counter) == 0) {
      ASSERT_LT(monotonic_now() - began, 60s) << counter;
      for (int i = 0; i < 20; ++i) act();
    }
  };
  go_on("lost_access_lines", [&] {
    conversation c(bed.crowd(), at("10.9.1.1"), testbed::service4());
    c.send("GET /" + line + " HTTP/1.0\r\n\r\n");
    EXPECT_NE(c.receive_all(), "");
  });
  go_on("lost_log_lines", [&] {
    for (int i = 0; i < 20; ++i) {
      conversation c(bed.front(), address(), endpoint{.host = {}, .port = 0, .path = lb.control_path()});
      c.send("web_stats /" + line.substr(0, 1000) + "\n");
      c.receive_all();
      EXPECT_NE(c.trouble(), "(timeout)");
    }
  });
  const duration most = long_form() ? 30s : 3s;
  EXPECT_TRUE(eventually([&] { return monotonic_now() - began > most; }, most + 5s));
  const auto seen = client.stop();
  std::printf("[  figure  ] asked %d, failed %d, longest gap %.0f ms, lost %llu and %llu lines\n", seen.asked,
              seen.failed, std::chrono::duration<double, std::milli>(seen.longest_gap).count(),
              static_cast<unsigned long long>(count_of(lb, "lost_log_lines")),
              static_cast<unsigned long long>(count_of(lb, "lost_access_lines")));
  EXPECT_LE(seen.failed, 1);
  EXPECT_LT(seen.longest_gap - seen.lateness, 1s);
  EXPECT_EQ(lb.ctl({"reload"}).status, 0);
  std::string told;
  EXPECT_TRUE(eventually([&] {
    access.drain();
    told += error.drain();
    return told.find("log=lost lines=") != told.npos && told.find("access_log=lost lines=") != told.npos;
  }));
}

TEST(Logs, ThatAreStuckDoNotKeepTheBalancerFromEnding) {
  testbed bed(1);
  const pipe_of access(bed, "access");
  const pipe_of error(bed, "holdfast.out");
  balancer lb(bed, web + "log " + access.path.string() + "\n" + bed.servers4());
  access.fill();
  error.fill();
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  lb.program().kill(15);
  EXPECT_EQ(lb.program().wait(3s), 0);
}

TEST(AccessLog, ToAPipeWaitsForAReaderAndOutlivesHim) {
  testbed bed(1);
  pipe_of access(bed, "access");
  access.reader.reset();
  watched_balancer lb(bed, web + bed.servers4());
  lb.tell("log " + access.path.string());
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  access.reader.reset(::open(access.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::string heard;
  EXPECT_TRUE(eventually([&] { return (heard += access.drain()).find("10.9.0.1 ") != heard.npos; }));
  access.reader.reset();
  EXPECT_EQ(bed.ask(at("10.9.0.2")), "s0");
  EXPECT_EQ(lb.ctl({"status"}).status, 0);
  access.reader.reset(::open(access.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_EQ(bed.ask(at("10.9.0.3")), "s0");
  EXPECT_TRUE(eventually([&] { return (heard += access.drain()).find("10.9.0.3 ") != heard.npos; }));
}

TEST(AccessLog, GoesOnInANewFileAfterARenameAndHangUpThoughTheConfigurationIsWrong) {
  testbed bed(1);
  const auto log = bed.files().path() / "access.log";
  const auto old = bed.files().path() / "access.log.1";
  const std::string good = web + "log " + log.string() + "\n" + bed.servers4();
  watched_balancer lb(bed, good);
  int next = 0;
  for (const std::string& configuration : {good, good + "nonsense\n"}) {
    lb.rewrite(configuration);
    EXPECT_EQ(bed.ask(at("10.9.0." + std::to_string(++next))), "s0");
    EXPECT_TRUE(eventually([&] { return read_file(log).find("10.9.0." + std::to_string(next) + ' ') == 0; }));
    std::filesystem::rename(log, old);
    lb.hang_up();
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log); })) << configuration;
    EXPECT_EQ(bed.ask(at("10.9.0." + std::to_string(++next))), "s0");
    EXPECT_TRUE(eventually([&] { return read_file(log).find("10.9.0." + std::to_string(next) + ' ') == 0; }));
    std::filesystem::remove(log);
    lb.hang_up();
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(log); }));
  }
}

TEST(Log, HasWhatIsCarriedFromTheSecondDebugOn) {
  testbed bed(1);
  balancer lb(bed, web + bed.servers4());
  const auto ask = [&](const std::string& path) {
    conversation c(bed.crowd(), at("10.9.1.1"), testbed::service4());
    c.send("GET /" + path + " HTTP/1.0\r\n\r\n");
    EXPECT_NE(c.receive_all(), "");
  };
  const auto told = [&](const std::string& text) { return lb.program().output().find(text) != std::string::npos; };
  lb.tell("ascii on");
  lb.tell("debug 1");
  ask("first");
  lb.tell("debug 2");
  ask("second");
  EXPECT_TRUE(eventually([&] { return told("data=\"GET /second HTTP/1.0....\"") && told(" from=server bytes="); }));
  EXPECT_FALSE(told("GET /first"));
  EXPECT_TRUE(told("debug=2 why=\"what clients and servers say is in this log\""));
  lb.tell("no ascii");
  ask("third");
  EXPECT_TRUE(eventually([&] { return told("data=\"47 45 54 20 2f 74 68 69 72 64"); }));
  lb.tell("debug 1");
  ask("fourth");
  ask("fifth");
  EXPECT_FALSE(told("2f 66 6f 75 72 74 68")) << "the fourth";
}

TEST(Log, HasTheStatisticsOnSigusr1) {
  testbed bed(1);
  balancer lb(bed, web + bed.servers4());
  lb.program().kill(10);
  EXPECT_TRUE(eventually([&] { return lb.program().output().find("statistics=\"0 addr ") != std::string::npos; }))
      << lb.program().output();
}

TEST(Hfctl, SaysThatAFrozenBalancerHangs) {
  testbed bed(1);
  watched_balancer lb(bed, web + bed.servers4());
  lb.program().freeze();
  const std::string pid = std::to_string(lb.program().pid());
  const instant began = monotonic_now();
  for (const char* line : {"status", "cluster"}) {
    const auto said = lb.ctl({line});
    EXPECT_EQ(said.status, 3);
    EXPECT_EQ(said.text, "hfctl: holdfast-balancer does not answer (1s): it hangs, pid " + pid + "\n");
  }
  EXPECT_LT(monotonic_now() - began, 6s);
  lb.program().thaw();
  EXPECT_EQ(lb.ctl({"status"}).status, 0);
}

}  // namespace
}  // namespace holdfast::lab
