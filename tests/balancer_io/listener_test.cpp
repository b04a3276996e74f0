#include "balancer/loop/listener_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {

namespace {

TEST(ListeningSocket, SharesItsPlaceWithItsOwnKind) {
  const auto first = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(first);
  EXPECT_TRUE(open_listening_socket(local_name(first->get()), 10));
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
