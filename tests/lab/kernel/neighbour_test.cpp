// Ethernet frames, sent and heard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/kernel/two_nodes.h"
#include "vrrp/kernel/neighbour_io.h"
#include "vrrp/message/announce.h"

namespace holdfast::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

neighbour_socket speaking(const node& n) {
  return inside(n.machine, [&] { return must(neighbour_socket::to_speak(n.index)); });
}

bytes gratuitous_arp(std::uint8_t operation) {
  bytes out(6, 0xff);
  const bytes sender = {2, 0, 0, 0, 0, 9};
  out.insert(out.end(), sender.begin(), sender.end());
  out.insert(out.end(), {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, operation});
  for (int i = 0; i < 2; ++i) {
    out.insert(out.end(), sender.begin(), sender.end());
    out.insert(out.end(), {10, 0, 0, 80});
  }
  return out;
}

// Unsolicited, to all nodes; what it says does not matter here.
bytes neighbour_advertisement() {
  bytes out = {0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255};
  out.resize(86);
  out[54] = 136;
  return out;
}

TEST(NeighbourSocket, SendsFramesAsTheyAre) {
  two_nodes net;
  const wiretap tap(net.b.machine);
  neighbour_socket from = speaking(net.a);
  ASSERT_TRUE(from.send(gratuitous_arp(1)));
  EXPECT_EQ(tap.next([](const bytes& f) { return source_of(f)[5] == 9; }), gratuitous_arp(1));
  int heard = 0;
  EXPECT_FALSE(from.receive_all([&](auto) { ++heard; }));
  EXPECT_EQ(heard, 0);
}

TEST(NeighbourSocket, HearsAnswersOnlyAndNotItsOwn) {
  two_nodes net;
  neighbour_socket by = inside(net.a.machine, [&] { return must(neighbour_socket::to_hear(net.a.index)); });
  neighbour_socket from = speaking(net.b);
  ASSERT_TRUE(by.send(gratuitous_arp(2)));
  ASSERT_TRUE(from.send(gratuitous_arp(1)));
  ASSERT_TRUE(from.send(gratuitous_arp(2)));
  ASSERT_TRUE(from.send(neighbour_advertisement()));
  std::vector<bytes> heard;
  EXPECT_TRUE(eventually([&] {
    by.receive_all([&](std::span<const std::uint8_t> f) { heard.emplace_back(f.begin(), f.end()); });
    return heard.size() >= 2;
  }));
  EXPECT_THAT(heard, ElementsAre(gratuitous_arp(2), neighbour_advertisement()));
}

// The kernel of the other node answers; what it says to all is heard as well.
TEST(NeighbourSocket, HearsWhoElseHasAnAddress) {
  two_nodes net;
  net.b.machine.address("eth0", "10.0.0.80/24");
  net.b.machine.address("eth0", "fd00::80/64");
  const mac_address theirs = must(net.b.kernel.find("eth0")).mac, ours = must(net.a.kernel.find("eth0")).mac;
  for (const bool six : {false, true}) {
    const address asked = at(six ? "fd00::80" : "10.0.0.80");
    neighbour_socket by = inside(net.a.machine, [&] { return must(neighbour_socket::to_watch(net.a.index, six)); });
    std::optional<neighbour_claim> heard;
    EXPECT_TRUE(eventually([&] {
      EXPECT_TRUE(speaking(net.a).send(announce(announcement::question, asked, ours)));
      by.receive_all([&](std::span<const std::uint8_t> f) { heard = six ? claim_in_message(f) : claim_in(f); });
      return heard && heard->who == asked;
    }));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->mac, theirs);
  }
}

TEST(NeighbourSocket, ThatCannotBeIsASentence) {
  two_nodes net;
  EXPECT_THAT(inside(net.a.machine, [] { return neighbour_socket::to_speak(4711); }).error(),
              HasSubstr("no packet socket on interface 4711: No such device"));
  neighbour_socket from = speaking(net.a);
  EXPECT_THAT(from.send(bytes(20000)).error(), HasSubstr("a frame was not sent: Message too long"));
}

}  // namespace
}  // namespace holdfast::lab
