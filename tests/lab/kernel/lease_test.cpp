// Addresses that the kernel takes away by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock_io.h"
#include "tests/lab/clients.h"
#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"
#include "vrrp/kernel/lease_io.h"
#include "vrrp/kernel/neighbour_io.h"

namespace holdfast::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<leased_address> front(const node& n) {
  return {{n.index, at("10.0.0.80"), 24}, {n.index, at("fd00::80"), 64}};
}

double seconds_since(instant when) { return std::chrono::duration<double>(monotonic_now() - when).count(); }

TEST(Lease, EndsByItselfWhenNobodyRenewsIt) {
  two_nodes net;
  for (const leased_address& one : front(net.a)) {
    const instant put = monotonic_now();
    EXPECT_THAT(put_addresses(net.a.kernel, std::span(&one, 1), 1s).refused, IsEmpty());
    EXPECT_EQ(net.a.find(one.host)->left, 1U);
    EXPECT_TRUE(eventually([&] { return !net.a.holds(one.host); }));
    const double lasted = seconds_since(put);
    std::printf("[  figure  ] a lease of 1 s on %s lasted %.2f s\n", one.host.text().c_str(), lasted);
    EXPECT_GE(lasted, 0.99);
    EXPECT_LE(lasted, 3);
  }
}

TEST(Lease, IsNeverLostWhileItIsRenewed) {
  two_nodes net;
  const auto ours = front(net.a);
  put_addresses(net.a.kernel, ours, 1s);
  const instant begin = monotonic_now();
  instant renewed = begin;
  while (monotonic_now() < begin + 3s) {
    if (monotonic_now() >= renewed + 300ms) {
      renewed = monotonic_now();
      EXPECT_THAT(renew_addresses(net.a.kernel, ours, 1s).refused, IsEmpty());
    }
    for (const leased_address& one : ours) ASSERT_TRUE(net.a.holds(one.host)) << seconds_since(begin);
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(eventually([&] { return !net.a.holds(ours[0].host) && !net.a.holds(ours[1].host); }));
  EXPECT_GE(seconds_since(renewed), 0.99);
  EXPECT_LE(seconds_since(renewed), 3);
}

TEST(Lease, LastsForEverWhenItIsZero) {
  two_nodes net;
  put_addresses(net.a.kernel, front(net.a), 0s);
  for (const leased_address& one : front(net.a)) {
    ASSERT_TRUE(net.a.holds(one.host));
    EXPECT_GT(net.a.find(one.host)->left, 60U * 365 * 24 * 3600) << "years, but not without an end, as the box's own";
  }
}

// Each address is bound at once, and somebody else reaches it at once.
TEST(Lease, GivesAnAddressThatIsUsedAtOnceByAMemberOfItsGroup) {
  two_nodes net;
  net.a.machine.sysctl("net/ipv6/conf/eth0/accept_dad", "1");  // as everywhere but in the laboratory
  const std::vector<address> six = {at("fd00::80")};
  const auto groups = inside(net.a.machine, [&] { return must(solicited_groups::join(net.a.index, six)); });
  for (const leased_address& one : front(net.a)) {
    put_addresses(net.a.kernel, std::span(&one, 1), 10s);
    const socket_address where(endpoint{.host = one.host, .port = 80, .path = {}});
    const descriptor server = net.a.machine.socket(where.family(), SOCK_STREAM);
    ASSERT_EQ(bind(server.get(), where.get(), where.length), 0) << std::strerror(errno);
    ASSERT_EQ(listen(server.get(), 1), 0);
    const instant since = monotonic_now();
    EXPECT_EQ(conversation(net.b.machine, address(), {.host = one.host, .port = 80, .path = {}}).trouble(), "");
    EXPECT_LT(seconds_since(since), 0.5) << one.host.text();
  }
}

// What the kernel says to a packet to `peer`: a route, or none.
int errno_towards(const host& from, const char* peer) {
  const socket_address to(endpoint{.host = at(peer), .port = 9, .path = {}});
  const descriptor s = from.socket(to.family(), SOCK_DGRAM);
  return connect(s.get(), to.get(), to.length) == 0 ? 0 : errno;
}

TEST(Lease, BringsARouteToItsNetwork) {
  two_nodes net;
  EXPECT_EQ(errno_towards(net.a.machine, "192.0.2.9"), ENETUNREACH);
  const std::vector<leased_address> alone = {{net.a.index, at("192.0.2.80"), 32}};
  put_addresses(net.a.kernel, alone, 10s);
  EXPECT_EQ(errno_towards(net.a.machine, "192.0.2.9"), ENETUNREACH);
  const std::vector<leased_address> wide = {{net.a.index, at("192.0.2.80"), 24}, {net.a.index, at("fd01::80"), 64}};
  put_addresses(net.a.kernel, wide, 10s);
  EXPECT_EQ(errno_towards(net.a.machine, "192.0.2.9"), 0);
  EXPECT_EQ(errno_towards(net.a.machine, "fd01::9"), 0);
}

TEST(Lease, IsRemovedByOrderAndAMissingOneIsNoRefusal) {
  two_nodes net;
  auto ours = front(net.a);
  put_addresses(net.a.kernel, ours, 0s);
  ours.push_back({net.a.index, at("10.0.0.81"), 24});
  ours.push_back({net.a.index, at("fd00::81"), 64});
  ours.push_back({4711, at("10.0.0.82"), 24});
  EXPECT_THAT(remove_addresses(net.a.kernel, ours).refused, IsEmpty());
  EXPECT_FALSE(net.a.holds(ours[0].host) || net.a.holds(ours[1].host));
}

TEST(Lease, ThatTheKernelRefusesIsASentenceAndTheOthersAreHeld) {
  two_nodes net;
  auto ours = front(net.a);
  ours.insert(ours.begin(), {4711, at("10.0.0.81"), 24});
  const lease_report said = put_addresses(net.a.kernel, ours, 10s);
  ASSERT_EQ(said.refused.size(), 1U);
  EXPECT_EQ(said.refused[0].what, ours[0]);
  EXPECT_THAT(said.refused[0].why, HasSubstr("can't put on 10.0.0.81: No such device"));
  EXPECT_TRUE(net.a.holds(ours[1].host) && net.a.holds(ours[2].host));
}

TEST(Lease, PutsAnAddressOnAfreshThatIsStuckInDuplicateDetection) {
  two_nodes net;
  const std::vector<leased_address> ours = {{net.a.index, at("fd00::80"), 64}};
  net.a.machine.sysctl("net/ipv6/conf/eth0/accept_dad", "1");
  net.b.machine.address("eth0", "fd00::80/64");  // the other node still holds it
  net.a.ip("address add fd00::80/64 dev eth0");
  EXPECT_TRUE(is_stuck(*net.a.find(ours[0].host)));
  ASSERT_TRUE(eventually([&] { return net.a.find(ours[0].host)->dad_failed; }));
  EXPECT_THAT(renew_addresses(net.a.kernel, ours, 10s).refused, IsEmpty());
  EXPECT_TRUE(is_stuck(*net.a.find(ours[0].host)));  // a renewal doesn't look
  EXPECT_THAT(put_addresses(net.a.kernel, ours, 10s).refused, IsEmpty());
  EXPECT_FALSE(is_stuck(*net.a.find(ours[0].host)));
}

TEST(Leftovers, AreFoundByTheirOriginAndNoneIsTheBoxItself) {
  two_nodes net;
  const auto ours = front(net.a);
  put_addresses(net.a.kernel, ours, 0s);
  net.a.machine.address("eth0", "10.0.0.90/24");
  const std::vector<leased_address> configured = {{net.a.index, at("10.0.0.90"), 32}};
  EXPECT_THAT(must(find_leftovers(net.a.kernel, configured)), UnorderedElementsAre(ours[0], ours[1]));
}

// The kernel itself says from which address it would speak.
TEST(Lease, IsNoSourceOfTheBoxItself) {
  two_nodes net;
  put_addresses(net.a.kernel, front(net.a), 10s);
  renew_addresses(net.a.kernel, front(net.a), 10s);
  for (const leased_address& one : front(net.a)) {
    const bool four = one.host.is_v4();
    const socket_address peer(endpoint{.host = four ? net.b.own4 : net.b.own6, .port = 9, .path = {}});
    socket_address from(endpoint{.host = one.host, .port = 0, .path = {}});
    const socket_address ours = from;
    const descriptor s = net.a.machine.socket(peer.family(), SOCK_DGRAM);
    ASSERT_EQ(connect(s.get(), peer.get(), peer.length), 0);
    ASSERT_EQ(getsockname(s.get(), reinterpret_cast<sockaddr*>(&from.storage), &from.length), 0);
    const auto host_of = [four](const socket_address& a) {
      const auto* bytes = reinterpret_cast<const char*>(&a.storage);
      return std::string(bytes + (four ? 4 : 8), four ? 4 : 16);
    };
    EXPECT_NE(host_of(from), host_of(ours)) << one.host.text();
  }
}

TEST(Lease, ThatEndsLeavesWhatCameLater) {
  two_nodes net;
  EXPECT_TRUE(keep_later_addresses(net.a.kernel, net.a.index));
  const std::vector<leased_address> ours = {{net.a.index, at("192.0.2.80"), 24}};
  put_addresses(net.a.kernel, ours, 10s);
  net.a.machine.address("eth0", "192.0.2.1/24");  // of the same network, and later
  remove_addresses(net.a.kernel, ours);
  EXPECT_FALSE(net.a.holds(ours[0].host));
  EXPECT_TRUE(net.a.holds(at("192.0.2.1")));
}

TEST(Lease, OfManyAddressesIsRenewedInOneGo) {
  two_nodes net;
  for (const bool ipv6 : {false, true}) {
    std::vector<leased_address> many;
    for (int i = 0; i < 600; ++i) {
      const std::string low = std::to_string(i % 250 + 1), high = std::to_string(i / 250);
      many.push_back(ipv6 ? leased_address{net.a.index, at("fd09::" + high + ':' + low), 128}
                          : leased_address{net.a.index, at("10.9." + high + '.' + low), 32});
    }
    const auto put = put_addresses(net.a.kernel, many, 60s);
    ASSERT_THAT(put.refused, IsEmpty());
    duration worst{};
    for (int i = 0; i < 20; ++i) {
      const auto renewed = renew_addresses(net.a.kernel, many, 60s);
      EXPECT_THAT(renewed.refused, IsEmpty());
      worst = std::max(worst, renewed.took);
    }
    const auto removed = remove_addresses(net.a.kernel, many);
    EXPECT_THAT(removed.refused, IsEmpty());
    EXPECT_THAT(must(find_leftovers(net.a.kernel, {})), IsEmpty());
    const auto ms = [](duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
    std::printf("[  figure  ] 600 IPv%d addresses: put %.1f ms, renewed %.1f ms at worst of 20, removed %.1f ms\n",
                ipv6 ? 6 : 4, ms(put.took), ms(worst), ms(removed.took));
    EXPECT_LT(ms(worst), 200);
  }
}

}  // namespace
}  // namespace holdfast::lab
