// The virtual MAC address.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/lab/clients.h"
#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"
#include "vrrp/kernel/advert_socket_io.h"
#include "vrrp/kernel/instance_io.h"
#include "vrrp/kernel/lease_io.h"
#include "vrrp/message/datagram.h"

namespace holdfast::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint8_t id = 51;

instance of(const node& n, bool ipv6) { return {.parent = n.index, .id = id, .ipv6 = ipv6}; }

int make(node& n, bool ipv6) {
  return inside(n.machine, [&] { return must(make_instance(n.kernel, of(n, ipv6))); });
}

advert_socket socket_on(const node& n, int index, bool ipv6) {
  return inside(n.machine, [&] { return must(advert_socket::open(index, of(n, ipv6).name(), ipv6)); });
}

address source(const node& n, bool ipv6) { return ipv6 ? n.link_local : n.own4; }

class Instance : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Family, Instance, ::testing::Values(false, true),
                         [](const auto& of) { return of.param ? "IPv6" : "IPv4"; });

TEST_P(Instance, SendsAdvertsFromTheVirtualMacAndTheParentsAddress) {
  const bool ipv6 = GetParam();
  two_nodes net;
  advert_socket from = socket_on(net.a, make(net.a, ipv6), ipv6);
  const wiretap tap(net.b.machine);
  ASSERT_TRUE(from.send(advert(id, ipv6), source(net.a, ipv6), vrrp_group(ipv6)));
  const bytes frame = tap.next(is_vrrp);
  ASSERT_FALSE(frame.empty());
  EXPECT_EQ(source_of(frame), (mac_address{0, 0, 0x5e, 0, static_cast<std::uint8_t>(ipv6 ? 2 : 1), id}));
  const auto own = source(net.a, ipv6).bytes();
  EXPECT_TRUE(ipv6 ? std::equal(own.begin(), own.end(), frame.begin() + 22)
                   : std::equal(own.begin() + 12, own.end(), frame.begin() + 26));
}

// Both nodes have the same virtual MAC; and a node without one is heard there, too.
TEST_P(Instance, HearsTheOtherNodeFromEitherMac) {
  const bool ipv6 = GetParam();
  two_nodes net;
  advert_socket a = socket_on(net.a, make(net.a, ipv6), ipv6);
  advert_socket b = socket_on(net.b, make(net.b, ipv6), ipv6);
  advert_socket plain = inside(net.a.machine, [&] { return must(advert_socket::open(net.a.index, "eth0", ipv6)); });
  for (advert_socket* from : {&a, &plain}) {
    int heard = 0;
    ASSERT_TRUE(from->send(advert(id, ipv6), source(net.a, ipv6), vrrp_group(ipv6)));
    EXPECT_TRUE(eventually([&] {
      b.receive_all([&](auto, const advert_facts& f) {
        EXPECT_EQ(f.ends.source, source(net.a, ipv6));
        ++heard;
      });
      return heard == 1;
    }));
  }
}

// Somebody connects to an address on the instance, and learns the virtual MAC and no other.
TEST_P(Instance, AnswersForItsAddressesWithTheVirtualMac) {
  const bool ipv6 = GetParam();
  two_nodes net;
  const int index = make(net.a, ipv6);
  const leased_address ours{index, at(ipv6 ? "fd00::80" : "10.0.0.80"), static_cast<std::uint8_t>(ipv6 ? 64 : 24)};
  ASSERT_THAT(put_addresses(net.a.kernel, std::span(&ours, 1), 10s).refused, IsEmpty());
  const endpoint where{.host = ours.host, .port = 80, .path = {}};
  const socket_address name(where);
  const descriptor server = net.a.machine.socket(name.family(), SOCK_STREAM);
  ASSERT_EQ(bind(server.get(), name.get(), name.length), 0);
  ASSERT_EQ(listen(server.get(), 1), 0);
  const wiretap tap(net.b.machine);
  EXPECT_EQ(conversation(net.b.machine, address(), where).trouble(), "");
  const mac_address expected = of(net.a, ipv6).mac();
  const auto tells = [&](const bytes& f) {
    return ipv6 ? ether_type(f) == ETH_P_IPV6 && f[20] == 58 && f[54] == 136 && f[77] == 0x80
                : ether_type(f) == ETH_P_ARP && f[31] == 80;  // requests, too, tell where their sender is
  };
  bytes frame = tap.next(tells);
  ASSERT_FALSE(frame.empty());
  for (; !frame.empty(); frame = tap.next(tells, 200ms)) {
    EXPECT_EQ(source_of(frame), expected);
    const auto said = frame.begin() + (ipv6 ? 80 : 22);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), said));
  }
  EXPECT_EQ(conversation(net.b.machine, address(), {.host = ipv6 ? net.a.own6 : net.a.own4, .port = 80, .path = {}})
                .trouble(),
            "(refused)");  // the parent's own address still answers
}

TEST_P(Instance, HasNoAddressOfItsOwn) {
  two_nodes net;
  const int index = make(net.a, GetParam());
  EXPECT_TRUE(eventually([&] { return net.a.kernel.find(of(net.a, GetParam()).name())->carrier; }));
  const auto claim = [&](const address_state& a) { return a.index == index; };
  EXPECT_FALSE(eventually([&] { return std::ranges::any_of(must(net.a.kernel.addresses()), claim); }, 300ms));
}

TEST_P(Instance, OfAnEarlierLifeIsTakenOver) {
  two_nodes net;
  const int first = make(net.a, GetParam());
  EXPECT_EQ(make(net.a, GetParam()), first);
  EXPECT_THAT(must(find_instances(net.a.kernel)), ElementsAre(of(net.a, GetParam())));
}

TEST_P(Instance, TakesThePlaceOfSomethingElseOfItsName) {
  two_nodes net;
  const instance wanted = of(net.a, GetParam());
  net.a.ip("link add " + wanted.name() + " type veth peer name other");
  EXPECT_THAT(must(find_instances(net.a.kernel)), IsEmpty());
  make(net.a, GetParam());
  const auto found = net.a.kernel.find(wanted.name());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, "macvlan");
  EXPECT_EQ(found->mac, wanted.mac());
  EXPECT_EQ(found->parent, net.a.index);
}

TEST_P(Instance, IsRemovedAndAMissingOneIsNoError) {
  two_nodes net;
  make(net.a, GetParam());
  EXPECT_TRUE(remove_instance(net.a.kernel, of(net.a, GetParam())));
  EXPECT_FALSE(net.a.kernel.find(of(net.a, GetParam()).name()));
  EXPECT_TRUE(remove_instance(net.a.kernel, of(net.a, GetParam())));
}

TEST(VirtualMac, OnNoInterfaceIsASentence) {
  two_nodes net;
  EXPECT_EQ(make_instance(net.a.kernel, {.parent = 4711, .id = id}).error(), "there is no interface with index 4711");
  EXPECT_THAT(make_instance(net.a.kernel, {.parent = net.a.kernel.find("lo")->index, .id = id}).error(),
              HasSubstr("can't make interface hf4-51-1: "));
}

}  // namespace
}  // namespace holdfast::lab
