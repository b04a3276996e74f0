#include <gtest/gtest.h>

#include "balancer/sockets/socket_io.h"
#include "base/descriptor_io.h"

namespace holdfast {
namespace {

void expect_the_same(const endpoint& where) {
  const socket_address at(where);
  EXPECT_EQ(at.where(), where) << where.text();
}

TEST(SocketAddress, IsTheKernelsFormAndBack) {
  expect_the_same({.host = *address::parse("192.0.2.1"), .port = 80, .path = {}});
  expect_the_same({.host = *address::parse("2001:db8::1"), .port = 65535, .path = {}});
  EXPECT_EQ(socket_address({.host = *address::parse("192.0.2.1"), .port = 80, .path = {}}).family(), AF_INET);
  EXPECT_EQ(socket_address({.host = {}, .port = 0, .path = "/run/x"}).family(), AF_UNIX);
}

TEST(SocketAddress, HasRoomForPathsOfAHundredBytesOrSo) {
  EXPECT_TRUE(socket_address::fits({.host = {}, .port = 0, .path = std::string(100, 'x')}));
  EXPECT_FALSE(socket_address::fits({.host = {}, .port = 0, .path = std::string(200, 'x')}));
}

TEST(Sockets, TellWhatTheKernelRefuses) {
  const descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(set_option(fd.get(), SOL_SOCKET, SO_KEEPALIVE, 1));
  EXPECT_FALSE(set_option(-1, SOL_SOCKET, SO_KEEPALIVE, 1));
  EXPECT_EQ(last_error().value(), EBADF);
}

TEST(Sockets, AskASilentPeerOnRequest) {
  const descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto asks = [&] {
    int on = 0;
    socklen_t size = sizeof on;
    getsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, &size);
    return on != 0;
  };
  service_settings policy;
  EXPECT_TRUE(ask_when_silent(fd.get(), policy));
  EXPECT_TRUE(asks());
  policy.keepalive = false;
  EXPECT_TRUE(ask_when_silent(fd.get(), policy));
  EXPECT_FALSE(asks());
}

TEST(Sockets, KnowThisMachinesAddresses) { EXPECT_TRUE(own_addresses().contains(*address::parse("127.0.0.1"))); }

}  // namespace
}  // namespace holdfast
