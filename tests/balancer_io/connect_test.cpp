#include <gtest/gtest.h>

#include "balancer/sockets/connect_io.h"
#include "balancer/sockets/listener_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {
namespace {

bool is_writable(int fd) {
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&ready, 1, 20'000) == 1;
}

TEST(Connect, GoesOnUntilTheServerAnswers) {
  const auto server = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(server);
  const auto started = start_connect(local_name(server->get()), {}, std::nullopt, false);
  ASSERT_TRUE(started.fd) << started.error;
  ASSERT_TRUE(is_writable(started.fd.get()));
  EXPECT_EQ(connect_error(started.fd.get()), 0);
}

TEST(Connect, SaysWhyThereIsNone) {
  endpoint nobody;
  {
    const auto closed = open_listening_socket(loopback(), 10);
    ASSERT_TRUE(closed);
    nobody = local_name(closed->get());
  }
  const auto started = start_connect(nobody, {}, std::nullopt, false);
  if (started.fd) is_writable(started.fd.get());  // it is not known at once
  EXPECT_EQ(started.fd ? connect_error(started.fd.get()) : started.error, ECONNREFUSED);
}

TEST(Connect, ComesFromTheSourceThatIsSaid) {
  const auto server = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(server);
  const address source = address::v4(0x7f000009);
  const auto started = start_connect(local_name(server->get()), {}, source, false);
  ASSERT_TRUE(started.fd) << started.error;
  EXPECT_EQ(local_name(started.fd.get()).host, source);
}

TEST(Connect, FailsBeforeItBeginsFromAnAddressThatIsNotHere) {
  const auto server = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(server);
  const auto started = start_connect(local_name(server->get()), {}, address::v4(0xc0000263), false);
  EXPECT_FALSE(started.fd);
  EXPECT_EQ(started.error, EADDRNOTAVAIL);
}

TEST(Connect, ToAPathThatIsNotThereIsRefusedAtOnce) {
  const auto started = start_connect({.host = {}, .port = 0, .path = "/run/holdfast-nobody"}, {}, std::nullopt, false);
  EXPECT_FALSE(started.fd);
  EXPECT_EQ(started.error, ENOENT);
}

}  // namespace
}  // namespace holdfast
