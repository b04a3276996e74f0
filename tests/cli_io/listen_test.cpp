#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>

#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using testing::HasSubstr;

// A control server that does not listen yet.
struct silent {
  loop_thread l;
  std::unique_ptr<control_server> server;
  explicit silent(control_server::handler_type h = served::echo()) {
    server = std::make_unique<control_server>(l.io, std::move(h));
  }
  ~silent() {
    l.on_thread([this] { server.reset(); });
  }
  std::string listen(const std::string& path, mode_t mode = 0660, const std::string& group = "") {
    const auto r = l.on_thread([&] { return server->listen_unix(path, mode, group); });
    return r ? "" : r.error();
  }
};

talker call(const endpoint& where) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  return talker(s);
}

const endpoint loopback{.host = address::v4(0x7f000001), .port = 0, .path = {}};

TEST(ControlSocket, HasTheModeAndGroupAskedFor) {
  const folder f;
  silent s;
  ASSERT_EQ(s.listen(f.file("a"), 0660, getgrgid(getegid())->gr_name), "");
  struct stat found{};
  ASSERT_EQ(stat(f.file("a").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0660U);
  EXPECT_EQ(found.st_gid, getegid());
}

TEST(ControlSocket, DoesWithoutAGroupThatDoesNotExist) {
  const folder f;
  silent s;
  EXPECT_EQ(s.listen(f.file("a"), 0660, "no-such-group"), "");
  EXPECT_EQ(talker(f.file("a")).ask("x\n"), "x|\n");
}

TEST(ControlSocket, ReplacesOneThatNobodyServes) {
  const folder f;
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  f.file("a").copy(where.sun_path, sizeof where.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ::close(dead);
  silent s;
  EXPECT_EQ(s.listen(f.file("a")), "");
  EXPECT_EQ(talker(f.file("a")).ask("x\n"), "x|\n");
}

TEST(ControlSocket, RefusesOneThatSomebodyServes) {
  const served first;
  silent second;
  EXPECT_EQ(second.listen(first.path), "somebody is listening on " + first.path + " already");
  EXPECT_EQ(talker(first.path).ask("x\n"), "x|\n");
}

TEST(ControlSocket, RefusesAPathThatIsAFile) {
  const folder f;
  std::ofstream(f.file("a")) << "precious";
  silent s;
  EXPECT_EQ(s.listen(f.file("a")), f.file("a") + " exists and is not a socket");
  EXPECT_TRUE(std::filesystem::is_regular_file(f.file("a")));
}

TEST(ControlSocket, RefusesAPathThatDoesNotFitOrDoesNotExist) {
  const folder f;
  silent s;
  EXPECT_THAT(s.listen(f.file(std::string(108, 'x'))), HasSubstr("has 1 to 107 bytes"));
  EXPECT_THAT(s.listen(""), HasSubstr("has 1 to 107 bytes"));
  EXPECT_THAT(s.listen(f.file("none/a")), HasSubstr("No such file or directory"));
  const std::string longest = f.file(std::string(107 - f.file("").size(), 'x'));
  EXPECT_EQ(s.listen(longest), "");
  EXPECT_EQ(talker(longest).ask("x\n"), "x|\n");
}

TEST(ControlSocket, IsRemovedOnStopUnlessItBecameSomebodyElses) {
  const folder f;
  silent s;
  ASSERT_EQ(s.listen(f.file("a")), "");
  s.l.on_thread([&] { s.server->stop(); });
  EXPECT_FALSE(std::filesystem::exists(f.file("a")));

  ASSERT_EQ(s.listen(f.file("a")), "");
  std::filesystem::rename(f.file("a"), f.file("b"));
  silent heir;
  ASSERT_EQ(heir.listen(f.file("a")), "");
  s.l.on_thread([&] { s.server->stop(); });
  EXPECT_EQ(talker(f.file("a")).ask("x\n"), "x|\n");
}

// Root calls as nobody with that supplementary group, everybody else as themselves. The system calls themselves change
// one thread; their namesakes in libc would change all.
std::string ask_as_nobody(const std::string& path, gid_t supplementary) {
  std::string answer;
  std::thread([&] {
    const bool changed = geteuid() != 0 || (syscall(SYS_setgroups, 1, &supplementary) == 0 &&
                                            syscall(SYS_setresgid, 65534, 65534, 65534) == 0 &&
                                            syscall(SYS_setresuid, 65534, 65534, 65534) == 0);
    answer = changed ? talker(path).ask("x\n") : "could not become nobody";
  }).join();
  return answer;
}

control_server::handler_type tells_who() {
  return [](const caller& who, std::string_view, const control_server::respond_type& respond) {
    const std::string name = !who.local ? who.from.host.text() : std::to_string(who.uid);
    respond({.pen = name + (who.may_write ? " writes" : " reads")});
  };
}

TEST(ControlCaller, IsOurselvesAndMayWrite) {
  const folder f;
  silent s(tells_who());
  ASSERT_EQ(s.listen(f.file("a")), "");
  EXPECT_EQ(talker(f.file("a")).ask("x\n"), std::to_string(geteuid()) + " writes");
}

TEST(ControlCaller, OutsideTheGroupMayOnlyRead) {
  const folder f;
  silent s(tells_who());
  ASSERT_EQ(s.listen(f.file("a"), 0666, "daemon"), "");
  const std::string expected = geteuid() == 0 ? "65534 reads" : std::to_string(geteuid()) + " writes";
  EXPECT_EQ(ask_as_nobody(f.file("a"), 65533), expected);
}

TEST(ControlCaller, WithTheGroupAmongItsOwnMayWrite) {
  const folder f;
  silent s(tells_who());
  const group* daemon = getgrnam("daemon");
  ASSERT_NE(daemon, nullptr);
  ASSERT_EQ(s.listen(f.file("a"), 0666, "daemon"), "");
  const std::string expected = geteuid() == 0 ? "65534" : std::to_string(geteuid());
  EXPECT_EQ(ask_as_nobody(f.file("a"), daemon->gr_gid), expected + " writes");
}

TEST(ControlTcp, ServesThoseWhomTheListPermits) {
  silent s(tells_who());
  const auto bound = s.l.on_thread([&] { return s.server->listen_tcp(loopback, [](const address&) { return true; }); });
  ASSERT_TRUE(bound) << bound.error();
  EXPECT_EQ(call(*bound).ask("x\n"), "127.0.0.1 writes");
  EXPECT_EQ(call(*bound).ask("x\n" + std::string(60'000, 'y')), "127.0.0.1 writes");
}

TEST(ControlTcp, TurnsAwayThoseWhomTheListDenies) {
  silent s;
  const auto bound = s.l.on_thread(
      [&] { return s.server->listen_tcp(loopback, [](const address& a) { return a != loopback.host; }); });
  ASSERT_TRUE(bound) << bound.error();
  EXPECT_EQ(call(*bound).hear(), "error: control_acl does not permit 127.0.0.1\n");
}

TEST(ControlTcp, MovesToAnotherPortAndStaysWhenItCanNot) {
  silent s;
  const auto all = [](const address&) { return true; };
  const auto first = s.l.on_thread([&] { return s.server->listen_tcp(loopback, all); });
  ASSERT_TRUE(first);
  const auto taken = s.l.on_thread([&] { return s.server->listen_tcp(*first, all); });
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error(), HasSubstr("can't listen on " + first->text()));
  EXPECT_EQ(call(*first).ask("x\n"), "x|\n");
  const auto second = s.l.on_thread([&] { return s.server->listen_tcp(loopback, all); });
  ASSERT_TRUE(second);
  EXPECT_EQ(call(*second).ask("x\n"), "x|\n");
  s.l.on_thread([&] { s.server->stop_tcp(); });
}

TEST(ControlServer, ListensAgainWhenItsFileOrItsFolderHasGone) {
  const folder here;
  const std::string inside = here.file("run");
  std::filesystem::create_directory(inside);
  served s({}, served::echo(), inside + "/control.sock");
  const auto look = [&] { return s.on_thread([&] { return s.server->look_after(); }); };
  EXPECT_FALSE(*look()) << "nothing has happened";
  for (const std::string& gone : {s.path, inside}) {
    std::filesystem::remove_all(gone);
    EXPECT_FALSE(talker(s.path).connected());
    EXPECT_TRUE(*look());
    EXPECT_EQ(talker(s.path).ask("status\n"), "status|\n");
  }
}

TEST(ControlServer, TakesNoSocketFromSomebodyElse) {
  served s;
  std::filesystem::remove(s.path);
  {
    served other({}, served::echo(), s.path);
    EXPECT_FALSE(s.on_thread([&] { return s.server->look_after(); }).has_value());
  }
  EXPECT_TRUE(*s.on_thread([&] { return s.server->look_after(); })) << "it has gone";
}

}  // namespace

}  // namespace holdfast
