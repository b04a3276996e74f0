// What docs/FROM-PEN.md prints is run as it stands there, with Debian's Pen before and with Holdfast after: the start
// script, the file, the maintenance script, the cron job, the log rotation, the way back. Only the roots of the paths
// are others: $DIR stands in front of them.
#include <gmock/gmock.h>

#include <numeric>
#include <sstream>

#include "tests/differential/rig.h"
#include "tests/places.h"

namespace holdfast::differential {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

using lines = std::vector<std::string>;

lines split(const std::string& text) {
  lines found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// The nth piece of the page that stands between fences below a heading, in $DIR.
std::string printed(const std::string& heading, std::size_t n = 0) {
  const std::string page = lab::read_file(own_sources() + "/docs/FROM-PEN.md");
  std::size_t at = page.find("\n## " + heading + '\n');
  if (at == std::string::npos) at = page.find("\n# " + heading + '\n');
  for (std::size_t fence = 0; fence <= 2 * n; ++fence) at = page.find("\n```", at + 1);
  const std::size_t begin = page.find('\n', at + 1) + 1, end = page.find("\n```", begin) + 1;
  std::string text = page.substr(begin, end - begin);
  for (const char* root : {"/etc/pen", "/run/pen", "/var/log/pen", "/var/www/pen"})
    text = replaced(text, root, std::string("$DIR") + root);
  return text;
}

// A machine with the page's addresses, servers and folders, the start script in ./pen-www and the file in its place.
class box {
 public:
  explicit box(program what) : rig_(std::move(what)) {
    sh("ip route add local 10.0.0.0/16 dev lo; ip route add local 192.0.2.80/32 dev lo\n"
       "mkdir -p etc/pen run/pen var/log/pen var/www/pen; chmod 755 .\n");
    for (const char* server : {"a 10.0.1.11:80", "b 10.0.1.12:80", "c 10.0.1.13:80"})
      step_of("serve", split(replaced(server, " ", "\n")), {});
    file("pen-www", printed("The start script"));
    file("etc/pen/www.cfg", printed("The file"));
    sh("chown -R www-data etc/pen run/pen var/log/pen var/www/pen");
  }

  std::string sh(const std::string& text) { return step_of("script", {}, split(text)); }
  std::string file(const std::string& name, const std::string& text) { return step_of("file", {name}, split(text)); }
  // Of its start script; what it prints, and its exit status.
  std::string init(const std::string& word) {
    return sh("sh pen-www " + word + " > /dev/null 2> errors; echo \"exit $?\"; settle");
  }
  std::string penctl(const std::string& words) { return sh("penctl 127.0.0.1:11991 " + words); }

 private:
  std::string step_of(const std::string& verb, const lines& words, const lines& text) {
    step s;
    s.verb = verb;
    s.words = words;
    s.text = text;
    return rig_.perform(s, {});
  }

  rig rig_;
};

// In the order of the list.
std::string joined(const lines& parts) { return std::accumulate(parts.begin(), parts.end(), std::string()); }

// What somebody sees who uses all that the page prints; to be the same before and after.
std::string a_day_with(box& b) {
  b.file("cron", printed("The cron job"));
  b.file("rotation", printed("Log rotation"));
  return joined({
      "start: " + b.init("start"),
      b.sh("ask 192.0.2.80 80 | grep -c '^[abc]$'; stat -c '%n %U' run/pen/www.pid var/log/pen/www.log"),
      b.penctl("listen"),
      b.penctl("conn_max"),
      b.penctl("clients_max"),
      b.penctl("conn_max 1500"),
      b.penctl("blacklist 44"),
      "reload: " + b.init("reload"),
      b.penctl("conn_max"),  // it stays; the file names the other one
      b.penctl("blacklist"),
      "maintenance: " + b.sh(printed("penctl and what is around it") + "echo \"exit $?\""),
      b.sh("grep -c '^server ' etc/pen/www.cfg; grep -c '^# pen ' etc/pen/www.cfg"),
      "cron: " + b.sh("cut -d ' ' -f 7- cron > job; sh job; echo \"exit $?\"; settle"),
      b.sh("for t in Time 'Active clients' 'Active connections'; do grep -c \"$t\" var/www/pen/www.html; done"),
      "rotation: " + b.sh("chmod 644 rotation; logrotate -s state -f rotation; echo \"exit $?\"; settle"),
      b.sh("ask 192.0.2.80 80 | grep -c '^[abc]$'; sleep 0.3; ls var/log/pen"),
      "stop: " +
          b.sh("p=$(cat run/pen/www.pid); sh pen-www stop; echo \"exit $?\"\n"
               "while kill -0 $p 2>/dev/null; do sleep 0.05; done; ls run/pen; cat var/log/pen/www.log* | wc -l"),
  });
}

constexpr const char* the_day =
    "start: exit 0\n1\nrun/pen/www.pid www-data\nvar/log/pen/www.log www-data\n192.0.2.80:80\n1000\n20000\n1500\n44\n"
    "reload: exit 0\n1500\n30\n"
    "maintenance: 0\nexit 0\n3\n1\n"
    "cron: exit 0\n1\n1\n1\n"
    "rotation: exit 0\n1\nwww.log\nwww.log.1\n"
    "stop: exit 0\n2\n";

TEST(FromPen, RunsAsThePageSaysBeforeAndAfter) {
  const lab::scratch files;
  box before(debians_pen()), after(holdfast_as_pen(files));
  EXPECT_EQ(a_day_with(before), the_day);
  EXPECT_EQ(a_day_with(after), the_day);
}

TEST(FromPen, RunsBesideAnotherPen) {
  box b(debians_pen());
  std::string script = printed("The start script");
  const std::size_t begin = script.find("    pen -C"), end = script.find("stop)");
  script.replace(begin, end - begin, printed("The start script", 1));
  b.file("pen-www", "PATH=" + lab::build_directory() + ":$PATH\n" + script);
  EXPECT_EQ(a_day_with(b), the_day);
  EXPECT_THAT(b.sh("grep Generated etc/pen/www.cfg"), HasSubstr("holdfast-balancer"));
}

TEST(FromPen, ChecksTheFileWhilePenRunsOn) {
  box b(debians_pen());
  const auto check = [&b](const std::string& text) {
    b.file("etc/pen/www.cfg", text);
    return b.sh(lab::build_directory() + "/" + printed("From Pen to Holdfast, and back") + "echo \"exit $?\"");
  };
  const std::string file = printed("The file");
  EXPECT_EQ(b.init("start"), "exit 0\n");
  EXPECT_EQ(check(replaced(file, "no tcp_nodelay\n", "")), "exit 0\n");
  EXPECT_THAT(check(file), testing::AllOf(HasSubstr("tcp_nodelay"), HasSubstr("warning"), EndsWith("exit 0\n")));
  for (const char* word : {"http", "transparent", "ssl_ciphers HIGH", "dsr_if eth0"})
    EXPECT_THAT(check(replaced(file, "no http\n", std::string(word) + '\n')), EndsWith("exit 1\n")) << word;
  EXPECT_EQ(b.penctl("listen"), "192.0.2.80:80\n");
}

TEST(FromPen, SaysWhichOptionsHaveNoEffect) {
  const lab::scratch files;
  box b(holdfast_as_pen(files));
  const std::string said = b.sh("pen -f -S 3 -P -Q -m 2 -n -D 8080 10.0.1.11:80 > log 2>&1 &\nsettle; end $!; cat log");
  for (const char* option : {"-S", "-P", "-Q", "-m", "-n", "-D"})
    EXPECT_THAT(said, HasSubstr(std::string(option) + " is accepted without effect"));
}

TEST(FromPen, TakesCommandsFromThisMachineUntilThereAreRules) {
  const lab::scratch files;
  const std::string who = "settle; ss -ltnH 'sport = :9000' | awk '{ print $4 }' | sort -u\n";
  box before(debians_pen()), after(holdfast_as_pen(files));
  const std::string start = "pen -f -u root -C 9000 8080 10.0.1.11:80 > log 2>&1 &\n";
  EXPECT_EQ(before.sh(start + who), "0.0.0.0:9000\n");
  EXPECT_EQ(after.sh(start + who + "end $!"), "127.0.0.1:9000\n");
  EXPECT_THAT(after.sh("cat log"), testing::AllOf(HasSubstr("control_acl"), HasSubstr("9000")));
  after.file("rules", printed("The start script", 3));
  EXPECT_EQ(after.sh("pen -f -u root -C 9000 -F rules 8080 10.0.1.11:80 > log 2>&1 &\n" + who), "0.0.0.0:9000\n");
  EXPECT_EQ(after.sh("penctl 10.0.0.1:9000 listen"), "8080\n");
}

constexpr const char* start_with_the_file =
    "pen -u www-data -C 127.0.0.1:11991 -F etc/pen/www.cfg 192.0.2.80:80 > /dev/null 2>&1; echo \"exit $?\"; settle\n";

TEST(FromPen, LoadsTheFileAsItStands) {
  const lab::scratch files;
  const auto what_is_seen = [](box& b) {
    return joined({b.sh(start_with_the_file), b.penctl("servers | cut -d ' ' -f 1-9"), b.sh("ask 192.0.2.80 80")});
  };
  box before(debians_pen()), after(holdfast_as_pen(files));
  const std::string seen = what_is_seen(before);
  EXPECT_EQ(seen,
            "exit 0\n0 addr 10.0.1.11 port 80 conn 0 max 0\n1 addr 10.0.1.12 port 80 conn 0 max 200\n"
            "2 addr 0.0.0.0 port 0 conn 0 max 0\na\n");
  EXPECT_EQ(what_is_seen(after), seen);
  // Nobody is sent to 1, which is in maintenance, nor to 2, which is none.
  for (box* b : {&before, &after})
    EXPECT_EQ(b->sh("penctl 127.0.0.1:11991 roundrobin; for i in 1 2 3; do ask 192.0.2.80 80; done"), "a\na\na\n");
}

TEST(FromPen, TakesTheLinesThatAreWorthAddingWherePenPassesThemOver) {
  const lab::scratch files;
  box before(debians_pen()), after(holdfast_as_pen(files));
  for (box* b : {&before, &after}) {
    b->file("etc/pen/www.cfg", printed("The file") + printed("The file", 1));
    EXPECT_EQ(b->sh(start_with_the_file), "exit 0\n");
    EXPECT_EQ(b->sh("ask 192.0.2.80 80"), "a\n");
  }
  EXPECT_THAT(after.penctl("mode"), EndsWith(" least\n"));
}

TEST(FromPen, PassesOverWhatTheFileSaysOfAnArgumentOnlyInPen) {
  const lab::scratch files;
  box before(debians_pen()), after(holdfast_as_pen(files));
  const std::string third = "servers | tail -1 | cut -d ' ' -f 1-5";
  EXPECT_EQ(joined({before.init("start"), before.penctl(third)}), "exit 0\n2 addr 10.0.1.13 port 80\n");
  EXPECT_EQ(joined({after.init("start"), after.penctl(third)}), "exit 0\n2 addr 0.0.0.0 port 0\n");
}

TEST(FromPen, DrainsInPlaceOfALoop) {
  const lab::scratch files;
  box b(holdfast_as_pen(files));
  b.init("start");
  const std::string drain =
      lab::built("hfctl") + " --socket 127.0.0.1:11991 server 1 drain --wait > said; echo \"exit $?\"";
  EXPECT_EQ(b.sh(drain), "exit 0\n");
}

TEST(FromPen, OpensTheLogAgainWhenTheFileIsWrongOrGone) {
  const lab::scratch files;
  box b(holdfast_as_pen(files));
  b.file("rotation", printed("Log rotation"));
  b.sh(
      "pen -f -u www-data -F $DIR/etc/pen/www.cfg -p $DIR/run/pen/www.pid -l $DIR/var/log/pen/www.log 192.0.2.80:80 "
      "10.0.1.11:80 > log 2>&1 &\nsettle");
  const std::string rotate =
      "\nask 192.0.2.80 80 > /dev/null; sleep 0.3; logrotate -s state -f rotation; settle; test -e var/log/pen/www.log "
      "&& "
      "echo \"it is new\"; grep -c www.cfg log";
  EXPECT_EQ(b.sh("chmod 644 rotation; echo bogus > etc/pen/www.cfg" + rotate), "it is new\n1\n");
  EXPECT_EQ(b.sh("rm etc/pen/www.cfg" + rotate), "it is new\n2\n");
}

TEST(FromPen, KnowsTheWayBack) {
  const lab::scratch files;
  box b(holdfast_as_pen(files));
  EXPECT_EQ(b.init("start"), "exit 0\n");
  b.penctl("server 1 max 77");
  b.penctl("slow_start 30s");
  const std::string mode = b.penctl("mode"), servers = b.penctl("servers");
  const std::string back = replaced(printed("The way back"), "\npen -C", "\nsettle\n/usr/bin/pen -C");
  EXPECT_THAT(b.sh(back + "echo \"exit $?\"; settle"), EndsWith("exit 0\n"));
  EXPECT_EQ(b.penctl("servers"), servers);
  EXPECT_EQ(b.penctl("mode"), mode.substr(0, mode.find(" no least")) + '\n');
  EXPECT_EQ(b.sh("ask 192.0.2.80 80"), "a\n");
  const std::string written = b.sh("cat etc/pen/www.cfg");
  EXPECT_THAT(written, HasSubstr("\n# pen "));
  EXPECT_THAT(written, HasSubstr(" -C 127.0.0.1:11991 192.0.2.80:80\n"));
  for (const char* words : {"no hash", "no roundrobin", "no stubborn", "no weight", "no prio", "server 1 acl 9 "})
    EXPECT_THAT(written, HasSubstr(std::string("\n") + words));
  EXPECT_THAT(written, EndsWith("\nslow_start 30s\n"));
}

TEST(FromPen, LeavesPenTheLastOfSeveralListeners) {
  const lab::scratch files;
  box b(holdfast_as_pen(files));
  b.init("start");
  const std::string write =
      "penctl 127.0.0.1:11991 listen 192.0.2.80:8081; penctl 127.0.0.1:11991 write $DIR/etc/pen/two.cfg\n"
      "kill $(cat run/pen/www.pid); settle; grep '^listen' etc/pen/two.cfg | tail -1\n";
  EXPECT_THAT(b.sh(write), EndsWith("listen 192.0.2.80:8081\n"));
  EXPECT_EQ(b.sh("/usr/bin/pen -C 127.0.0.1:11991 -u www-data -F etc/pen/two.cfg 192.0.2.80:80 > /dev/null 2>&1\n"
                 "settle; penctl 127.0.0.1:11991 listen; ask 192.0.2.80 8081"),
            "192.0.2.80:8081\na\n");
}

}  // namespace
}  // namespace holdfast::differential
