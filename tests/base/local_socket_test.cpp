#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/ensure.h"
#include "base/local_socket_io.h"

namespace holdfast {

namespace {

class LocalSocket : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/tmp/holdfast-local-XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    path = folder_ + "/agent.sock";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string error(const std::string& where) {
    const auto opened = local_door::open(where, 0600, std::nullopt);
    return opened ? "" : opened.error();
  }

  // Two ends of a connection through a door at `path`.
  std::array<descriptor, 2> connected() {
    const auto door = local_door::open(path, 0600, std::nullopt);
    auto caller = call_local(path);
    return {std::move(*caller), door->accept()};
  }

  std::string folder_;
  std::string path;
};

packet bytes_of(std::size_t count) {
  packet made(count, std::uint8_t{7});
  return made;
}

TEST_F(LocalSocket, KeepsMessagesApart) {
  const auto [caller, host] = connected();
  packet got;
  EXPECT_EQ(take_packet(host.get(), got), taken::nothing);
  EXPECT_EQ(post_packet(caller.get(), bytes_of(3)), posted::whole);
  EXPECT_EQ(post_packet(caller.get(), bytes_of(longest_message)), posted::whole);
  EXPECT_EQ(take_packet(host.get(), got), taken::whole);
  EXPECT_EQ(got, bytes_of(3));
  EXPECT_EQ(take_packet(host.get(), got), taken::whole);
  EXPECT_EQ(got, bytes_of(longest_message));
  EXPECT_EQ(take_packet(host.get(), got), taken::nothing);
}

TEST_F(LocalSocket, CutsATooLongMessageToWhatNoMessageIs) {
  const auto [caller, host] = connected();
  const std::array<std::uint8_t, 1000> huge{};
  packet got;
  EXPECT_EQ(post_packet(caller.get(), huge), posted::whole);
  EXPECT_EQ(post_packet(caller.get(), bytes_of(3)), posted::whole);
  EXPECT_EQ(take_packet(host.get(), got), taken::whole);
  EXPECT_EQ(got.size(), longest_message + 1);
  EXPECT_EQ(take_packet(host.get(), got), taken::whole);
  EXPECT_EQ(got, bytes_of(3));  // what was cut is not taken for the next one
}

TEST_F(LocalSocket, TellsTheEndToBothSides) {
  auto [caller, host] = connected();
  EXPECT_EQ(post_packet(caller.get(), bytes_of(3)), posted::whole);
  caller.reset();
  packet got;
  EXPECT_EQ(take_packet(host.get(), got), taken::whole);  // said before the end
  EXPECT_EQ(take_packet(host.get(), got), taken::ended);
  EXPECT_EQ(post_packet(host.get(), bytes_of(3)), posted::ended);
}

TEST_F(LocalSocket, NeverWaitsForAReader) {
  const auto [caller, host] = connected();
  int sent = 0;
  while (post_packet(caller.get(), bytes_of(3)) == posted::whole && sent < 1'000'000) ++sent;
  EXPECT_GT(sent, 10);
  EXPECT_EQ(post_packet(caller.get(), bytes_of(3)), posted::later);
  packet got;
  for (int i = 0; i < sent; ++i) ASSERT_EQ(take_packet(host.get(), got), taken::whole);
  EXPECT_EQ(take_packet(host.get(), got), taken::nothing);
  EXPECT_EQ(post_packet(caller.get(), bytes_of(3)), posted::whole);
}

TEST_F(LocalSocket, KnowsWhoCalls) {
  const auto [caller, host] = connected();
  const auto peer = peer_of(host.get());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->pid, getpid());
  EXPECT_EQ(peer->uid, geteuid());
  EXPECT_EQ(peer->gid, getegid());
  std::vector<gid_t> own(static_cast<std::size_t>(getgroups(0, nullptr)));
  ASSERT_GE(getgroups(static_cast<int>(own.size()), own.data()), 0);
  EXPECT_EQ(peer->groups, own);
}

TEST_F(LocalSocket, HasTheModeAskedForAndIsRemovedInTheEnd) {
  {
    const auto door = local_door::open(path, 0640, getegid());
    struct stat found{};
    ASSERT_EQ(stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777U, 0640U);
    EXPECT_EQ(found.st_gid, getegid());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(LocalSocket, IsLeftAloneWhenItHasBecomeSomebodyElses) {
  auto first = local_door::open(path, 0600, std::nullopt);
  std::filesystem::rename(path, path + ".old");
  const auto heir = local_door::open(path, 0600, std::nullopt);
  {
    const auto ended = std::move(*first);
  }
  EXPECT_TRUE(call_local(path));
}

TEST_F(LocalSocket, ReplacesOneThatNobodyServesAndRefusesOneThatSomebodyServes) {
  const auto bind_type = [&](int type) {
    descriptor fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
    return fd;
  };
  bind_type(SOCK_SEQPACKET);
  EXPECT_EQ(error(path), "");
  const descriptor stream = bind_type(SOCK_STREAM);
  EXPECT_EQ(listen(stream.get(), 1), 0);
  EXPECT_EQ(error(path), "somebody is listening on " + path + " already");
}

TEST_F(LocalSocket, RefusesPathsThatAreNoSockets) {
  std::ofstream(path) << "precious";
  EXPECT_EQ(error(path), path + " exists and is not a socket");
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  const std::string long_one = folder_ + '/' + std::string(108, 'x');
  EXPECT_EQ(error(long_one), "the path of a socket has 1 to 107 bytes: " + long_one);
  EXPECT_EQ(error(folder_ + "/none/a"), "can't listen on " + folder_ + "/none/a: No such file or directory");
}

TEST_F(LocalSocket, SaysWhyNobodyAnswers) {
  EXPECT_EQ(call_local(path).error(), "No such file or directory");
  EXPECT_EQ(call_local(std::string(200, 'x')).error(), "File name too long");
}

}  // namespace

}  // namespace holdfast
