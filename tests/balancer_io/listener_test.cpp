#include <sys/stat.h>

#include <filesystem>

#include "balancer/sockets/listener_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {

namespace {

TEST(ListeningSocket, SharesItsPlaceWithItsOwnKind) {
  const auto first = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(first);
  EXPECT_TRUE(open_listening_socket(local_name(first->get()), 10));
}

class unix_place {
 public:
  unix_place() {
    std::string name = std::filesystem::temp_directory_path() / "listenerXXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~unix_place() { std::filesystem::remove_all(folder_); }
  endpoint where() const { return {.host = {}, .port = 0, .path = folder_ / "x.sock"}; }

 private:
  std::filesystem::path folder_;
};

TEST(ListeningSocket, OfAPathHasTheModeThatIsSaid) {
  const unix_place at;
  ASSERT_TRUE(open_listening_socket(at.where(), 10, {.mode = 0620, .owner = {}, .group = {}}));
  struct stat seen{};
  ASSERT_EQ(lstat(at.where().path.c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 07777U, 0620U);
}

TEST(SocketAccess, NamesUsersAndGroupsThatThereAre) {
  EXPECT_EQ(objection_to({.mode = {}, .owner = "root", .group = "root"}), "");
  EXPECT_EQ(objection_to({.mode = {}, .owner = "no-such-user", .group = {}}), "there is no user no-such-user");
  EXPECT_EQ(objection_to({.mode = {}, .owner = {}, .group = "no-such-group"}), "there is no group no-such-group");
}

TEST(SocketFile, GoesInTheEndIfItIsStillOurs) {
  const unix_place at;
  const auto socket = open_listening_socket(at.where(), 10);
  {
    const socket_file ours(at.where().path);
    EXPECT_TRUE(ours.is_there());
  }
  EXPECT_FALSE(std::filesystem::exists(at.where().path));
}

TEST(SocketFile, OfSomebodyElseStays) {
  const unix_place at;
  const auto first = open_listening_socket(at.where(), 10);
  {
    const socket_file ours(at.where().path);
    std::filesystem::remove(at.where().path);
    EXPECT_FALSE(ours.is_there());
    ASSERT_TRUE(open_listening_socket(at.where(), 10));
    EXPECT_FALSE(ours.is_there());
  }
  EXPECT_TRUE(std::filesystem::exists(at.where().path));
}

TEST(IsTaken, WhileSomebodyListens) {
  auto listening = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(listening);
  const endpoint where = local_name(listening->get());
  EXPECT_TRUE(is_taken(where)) << "though it would be shared";
  EXPECT_TRUE(is_taken({.host = address::v4(0), .port = where.port, .path = {}}));
  EXPECT_FALSE(is_taken({.host = address::v4(0x7f000002), .port = where.port, .path = {}}));
  listening->reset();
  EXPECT_FALSE(is_taken(where));
}

// A program that drains has closed its listener: the next one may start.
TEST(IsTaken, NotByConnectionsThatHaveOutlivedTheirListener) {
  auto listening = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(listening);
  const endpoint where = local_name(listening->get());
  peer client = peer::to(where);
  peer accepted(descriptor(accept4(listening->get(), nullptr, nullptr, SOCK_CLOEXEC)));
  listening->reset();
  EXPECT_FALSE(is_taken(where));
  accepted.close();
  client.close();  // ours waits in TIME_WAIT
  EXPECT_FALSE(is_taken(where));
}

TEST(IsTaken, NotByItsAddressMissingHere) {
  EXPECT_FALSE(is_taken({.host = *address::parse("203.0.113.7"), .port = 80, .path = {}}));
  EXPECT_FALSE(is_taken({.host = *address::parse("2001:db8::7"), .port = 80, .path = {}}));
}

}  // namespace

}  // namespace holdfast
