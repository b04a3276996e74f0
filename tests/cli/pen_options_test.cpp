#include "cli/options/pen_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "cli/configuration/config.h"
#include "cli/options/server_argument.h"

namespace holdfast {

namespace {

using testing::ElementsAre;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

pen_options understood(const std::string& line) {
  auto made = parse_pen_options(words_of(line));
  EXPECT_TRUE(made) << line << ": " << made.error();
  return made ? std::move(*made) : pen_options{};
}

// What a command line says of settings, written as a file.
std::string meant(const std::string& line) { return write_config(understood(line).base); }

std::string wrong(const std::string& line) {
  const auto made = parse_pen_options(words_of(line));
  return made ? "nothing" : made.error();
}

TEST(CommandLine, NamesAListenerAndServers) {
  EXPECT_EQ(meant("80 www1:8000:10 www2:80:10 www3"),
            "listen 80\nserver 0 address www1:8000 max 10\nserver 1 address www2:80 max 10\nserver 2 address www3:80\n")
      << "a server without a port has the listener's";
  EXPECT_EQ(meant("10.0.0.1:smtp h:25:1:2:3:4"),
            "listen 10.0.0.1:smtp\nserver 0 address h:25 max 1 hard 2 weight 3 prio 4\n");
}

TEST(CommandLine, TakesIpv6AndUnixSockets) {
  EXPECT_EQ(meant("[::1]:80 [2001:db8::1]:80:10 [2001:db8::2]"),
            "listen [::1]:80\nserver 0 address [2001:db8::1]:80 max 10\nserver 1 address [2001:db8::2]:80\n");
  EXPECT_EQ(meant(":::8080 a"), "listen [::]:8080\nserver 0 address a:8080\n");
  EXPECT_EQ(meant("::1:80 a"), "listen [::1]:80\nserver 0 address a:80\n");
  EXPECT_EQ(meant("/run/front /run/back"), "listen /run/front\nserver 0 address /run/back\n");
  EXPECT_EQ(meant("/run/front a"), "listen /run/front\nserver 0 address a\n");
  EXPECT_EQ(meant("run/front ../back"), "listen ./run/front\nserver 0 address ../back\n");
}

TEST(CommandLine, TakesEmptyFieldsAsNotGiven) {
  EXPECT_EQ(meant("80 a::10"), "listen 80\nserver 0 address a:80 max 10\n");
}

TEST(CommandLine, TakesClustersAndArgumentsAttachedOrApart) {
  const pen_options o = understood("-fdrs -b5 -t 7 80 a -W");
  EXPECT_TRUE(o.foreground);
  EXPECT_EQ(write_config(o.base),
            "debug 1\n\nlisten 80\nserver 0 address a:80\nroundrobin\nweight\nstubborn\nblacklist 5s\ntimeout 7s\n");
}

TEST(CommandLine, SaysWhatPensOptionsMean) {
  EXPECT_EQ(meant("-B b:1 -e e:2 -T 3 -c 4 -q 60 -x 5 -h 80"),
            "listen 80\nhash\ntracking 3s\nclients_max 4\nconn_max 5\nbacklog 60\nemergency e:2\nabuse b:1\n");
  EXPECT_EQ(meant("-l /log -w /html -X -dd 80"), "exit_enabled\ndebug 2\nlog /log\nweb_stats /html\n\nlisten 80\n");
  EXPECT_EQ(meant("-l host:514 80"), "log host:514\n\nlisten 80\n");
  EXPECT_EQ(meant("-N 80"), "listen 80\nroundrobin\nhash\n");
}

TEST(CommandLine, KeepsWhatIsNotASetting) {
  const pen_options o =
      understood("-F /c -p /pid -u pen -C /run/ctl --node lb1 --run-dir /run/x --state-dir /var/x --drain 90 80 a");
  EXPECT_EQ(o.config_file, "/c");
  EXPECT_EQ(o.pid_file, "/pid");
  EXPECT_EQ(o.user, "pen");
  EXPECT_EQ(understood("-j /jail 80 a").chroot, "/jail");
  EXPECT_EQ(o.control_path, "/run/ctl");
  EXPECT_EQ(o.node, "lb1");
  EXPECT_EQ(o.run_dir, "/run/x");
  EXPECT_EQ(o.state_dir, "/var/x");
  EXPECT_EQ(o.drain, 90s);
  EXPECT_FALSE(o.foreground);
  EXPECT_EQ(understood("--check=/c").check_file, "/c");
  EXPECT_TRUE(understood("--help").help);
  EXPECT_TRUE(understood("--version").version);
  EXPECT_EQ(understood("--workers 2 80").base.workers, 2U);
}

TEST(CommandLine, TakesControlOverTcp) {
  EXPECT_EQ(understood("-C 8888 80 a").base.control_tcp, (place{"", "8888", ""})) << "see control_place";
  EXPECT_EQ(understood("-C 10.0.0.1:8888 80 a").base.control_tcp, (place{"10.0.0.1", "8888", ""}));
}

TEST(CommandLine, SaysCommandsOnceTheServersAreKnown) {
  const auto made = parse_pen_options({"-O", "acl 5 deny ::1", "-o", "server 0 acl 5", "80", "a"});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(made->base.services.at("default").servers.at(0).acl, "5");
  EXPECT_EQ(parse_pen_options({"-O", "server 1 max 3", "80", "a"}).error(),
            "-O: no server 1 in service default: give its address first");
  EXPECT_EQ(parse_pen_options({"-O", "tiemout 3", "80", "a"}).error(),
            "-O: expected a command; did you mean `timeout`?");
}

TEST(CommandLine, NeedsNoPortBesideACommandThatNamesOne) {
  const auto made = parse_pen_options({"-O", "listen 80", "-O", "server 0 address a port 81"});
  ASSERT_TRUE(made) << made.error();
  EXPECT_EQ(write_config(made->base), "listen 80\nserver 0 address a:81\n");
  EXPECT_FALSE(parse_pen_options({"-O", "server 0 address a port 81"})) << "nobody could come";
}

TEST(CommandLine, IncludesAFile) {
  const std::map<std::string, std::string> files{{"/etc/more", "on lb1 blacklist 7\non lb2 blacklist 8\n"},
                                                 {"/etc/wrong", "blacklist 7\nbogus\n"}};
  const file_reader read = [&](const std::string& path) -> result<std::string, std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return failure{path + ": no such file"};
    return {boost::system::in_place_value, found->second};
  };
  const auto included = [&](const std::string& file) {
    return parse_pen_options({"-O", "include " + file, "80", "a"}, {.host = "lb1", .read = read});
  };
  EXPECT_EQ(included("/etc/more")->base.services.at("default").blacklist, 7s);
  EXPECT_EQ(included("/etc/wrong").error(), "-O: /etc/wrong:2:1: expected a command");
  EXPECT_EQ(included("/etc/none").error(), "-O: /etc/none: /etc/none: no such file");
  EXPECT_EQ(parse_pen_options({"-O", "include x", "80"}).error(), "-O: x: x: no such file");
}

TEST(CommandLine, IsPensWhenItIsCalledSo) {
  EXPECT_FALSE(understood("80 a").pen);
  EXPECT_TRUE(understood("--pen 80 a").pen);
  EXPECT_TRUE(parse_pen_options({"80", "a"}, {.called_pen = true})->pen);
  EXPECT_TRUE(parse_pen_options({}, {.called_pen = true})->help) << "as Pen, which then says what it can do";
  EXPECT_FALSE(parse_pen_options({"-f"}, {.called_pen = true}));
  EXPECT_EQ(pen_options_help("pen").substr(0, 11), "usage: pen ");
}

TEST(CommandLine, AcceptsWhatHasNoEffectWithOneNotice) {
  EXPECT_THAT(
      understood("-P -QnD -S 3 -m 4 -P 80").notices,
      ElementsAre("-P is accepted without effect", "-Q is accepted without effect", "-n is accepted without effect",
                  "-D is accepted without effect", "-S is accepted without effect", "-m is accepted without effect"));
}

TEST(CommandLine, RaisesTheBacklogToPensLeast) {
  const pen_options o = understood("-q 5 80");
  EXPECT_EQ(o.base.services.at("default").backlog, 50U);
  EXPECT_THAT(o.notices, ElementsAre("-q 5: taken as 50"));
}

TEST(CommandLine, RefusesWhatIsNotInThisVersion) {
  EXPECT_EQ(wrong("-H 80 a"), "-H: http is not in this version");
  EXPECT_EQ(wrong("-fU 80 a"), "-U: UDP is not in this version");
  for (const char* line : {"-E c 80", "-K c 80", "-G c 80", "-A c 80", "-L tls1 80", "-R 80", "-Z 80"}) {
    EXPECT_EQ(wrong(line).substr(2), ": TLS is not in this version");
  }
  EXPECT_EQ(wrong("-i pen"), "-i: services of Windows are not supported");
}

TEST(CommandLine, SaysWhatIsWrong) {
  EXPECT_EQ(wrong(""), "expected a port to listen on and servers, or -F FILE (see --help)");
  EXPECT_EQ(wrong("-f"), "expected a port to listen on and servers, or -F FILE (see --help)");
  EXPECT_EQ(wrong("-y 80"), "expected an option: -y is none (see --help)");
  EXPECT_EQ(wrong("--nod x 80"), "expected an option: --nod is none (see --help)");
  EXPECT_EQ(wrong("--help=x"), "--help takes no argument");
  EXPECT_EQ(wrong("80 a -b"), "-b: expected TIME");
  EXPECT_EQ(wrong("80 a --node"), "--node: expected NAME");
  EXPECT_EQ(wrong("-b x 80"), "-b: expected a duration such as 30, 2s or 100ms");
  EXPECT_EQ(wrong("-j /jail --state-dir /var/x 80 a"),
            "-j: expected no --state-dir, for the clients read outside of the directory would be written inside");
  EXPECT_EQ(wrong("--drain x 80"), "--drain: expected a duration such as 30, 2s or 100ms");
  EXPECT_EQ(wrong("0 a"), "0: expected [ADDRESS:]PORT or the path of a UNIX socket (IPv6 in brackets)");
  EXPECT_EQ(wrong("80 a:0"), "a:0: expected a port from 1 to 65535, or the name of one");
  EXPECT_EQ(wrong("80 a:1:x"), "a:1:x: expected a number from 0 to 1000000");
  EXPECT_EQ(wrong("80 a:1:2:3:4:5:6"),
            "a:1:2:3:4:5:6: expected HOST[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]], IPv6 in brackets");
  EXPECT_EQ(wrong("80 [::1"), "[::1: expected HOST[:PORT] or the path of a UNIX socket (IPv6 with a port in brackets)");
}

TEST(CommandLine, TakesAFileAlone) { EXPECT_EQ(meant("-f -F /etc/h.conf"), ""); }

TEST(CommandLine, EndsOptionsAtTwoDashes) { EXPECT_EQ(wrong("-f -- -x 80").substr(0, 12), "-x: expected"); }

TEST(CommandLine, ExplainsItself) {
  const std::string help = pen_options_help();
  for (const option_row& row : pen_option_rows()) EXPECT_NE(help.find(row.means.substr(0, 20)), std::string::npos);
  EXPECT_NE(help.find("  --node NAME"), std::string::npos);
}

}  // namespace

}  // namespace holdfast
