// Adverts between two hosts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/clock_io.h"
#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"
#include "vrrp/kernel/advert_socket_io.h"
#include "vrrp/message/datagram.h"

namespace holdfast::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct heard {
  bytes message;
  advert_facts facts;
};

advert_socket open_on(const node& n, bool ipv6) {
  return inside(n.machine, [&] { return must(advert_socket::open(n.index, "eth0", ipv6)); });
}

std::vector<heard> all_of(advert_socket& socket) {
  std::vector<heard> out;
  while (socket.receive_all(
      [&](std::span<const std::uint8_t> m, const advert_facts& f) { out.push_back({{m.begin(), m.end()}, f}); })) {
  }
  return out;
}

// What has come once `count` messages are there, or what there is after a second.
std::vector<heard> wait_for(advert_socket& socket, std::size_t count) {
  std::vector<heard> out;
  eventually(
      [&] {
        for (heard& one : all_of(socket)) out.push_back(std::move(one));
        return out.size() >= count;
      },
      1s);
  return out;
}

struct talk {
  explicit talk(bool six) : ipv6(six), a(open_on(net.a, six)), b(open_on(net.b, six)) {}
  address source(const node& n) const { return ipv6 ? n.link_local : n.own4; }
  address group() const { return vrrp_group(ipv6); }

  bool ipv6;
  two_nodes net;
  advert_socket a, b;
};

class Advert : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Family, Advert, ::testing::Values(false, true),
                         [](const auto& of) { return of.param ? "IPv6" : "IPv4"; });

void expect_heard(advert_socket& by, const bytes& message, const address& from, const address& to, int ttl = 255) {
  const auto got = wait_for(by, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].message, message);
  EXPECT_EQ(got[0].facts.ends.source, from);
  EXPECT_EQ(got[0].facts.ends.destination, to);
  EXPECT_EQ(got[0].facts.hops, ttl);
}

TEST_P(Advert, GoesToTheGroupBothWaysAndNotBackToItsSender) {
  talk t(GetParam());
  const bytes message = advert(51, t.ipv6);
  ASSERT_TRUE(t.a.send(message, t.source(t.net.a), t.group()));
  expect_heard(t.b, message, t.source(t.net.a), t.group());
  ASSERT_TRUE(t.b.send(message, t.source(t.net.b), t.group()));
  expect_heard(t.a, message, t.source(t.net.b), t.group());
  EXPECT_THAT(all_of(t.b), IsEmpty());
}

TEST_P(Advert, GoesToAPeerAlone) {
  talk t(GetParam());
  const bytes message = advert(51, t.ipv6);
  ASSERT_TRUE(t.a.send(message, t.source(t.net.a), t.source(t.net.b)));
  expect_heard(t.b, message, t.source(t.net.a), t.source(t.net.b));
}

TEST_P(Advert, OfManyAddressesArrivesWhole) {
  talk t(GetParam());
  bytes message = advert(51, t.ipv6);
  message.resize(8 + 255 * (t.ipv6 ? 16 : 4), 7);
  ASSERT_TRUE(t.a.send(message, t.source(t.net.a), t.group()));
  expect_heard(t.b, message, t.source(t.net.a), t.group());
}

TEST_P(Advert, LeavesAsTheRfcAsks) {
  talk t(GetParam());
  const wiretap tap(t.net.b.machine);
  const bytes message = advert(51, t.ipv6);
  ASSERT_TRUE(t.a.send(message, t.source(t.net.a), t.group()));
  const bytes frame = tap.next(is_vrrp);
  ASSERT_GE(frame.size(), 46U);
  EXPECT_EQ(source_of(frame), t.net.a.kernel.find("eth0")->mac);
  if (t.ipv6) {
    EXPECT_EQ(destination_of(frame), (mac_address{0x33, 0x33, 0, 0, 0, 0x12}));
    EXPECT_EQ((frame[14] & 0x0f) << 4 | frame[15] >> 4, 0xc0);
    EXPECT_EQ(frame[21], 255);
    EXPECT_EQ(bytes(frame.begin() + 54, frame.end()), message);  // its checksum, too, is as we made it
  } else {
    EXPECT_EQ(destination_of(frame), (mac_address{0x01, 0, 0x5e, 0, 0, 0x12}));
    EXPECT_EQ(frame[15], 0xc0);
    EXPECT_EQ(frame[22], 255);
    EXPECT_EQ(bytes(frame.begin() + 34, frame.begin() + 34 + 12), message);
  }
}

TEST_P(Advert, OfOurOwnAddressIsNotHeard) {
  talk t(GetParam());
  ASSERT_TRUE(t.b.send(advert(51, t.ipv6), t.source(t.net.b), t.group()));
  ASSERT_EQ(wait_for(t.a, 1).size(), 1U);
  t.net.a.machine.sysctl("net/ipv4/conf/eth0/accept_local", "1");
  // Adverts come in that carry a's own address: b has put it on, too.
  if (t.ipv6) {
    t.net.b.ip("address add " + t.source(t.net.a).text() + "/64 dev eth0 nodad");
  } else {
    t.net.b.ip("address add " + t.source(t.net.a).text() + "/32 dev eth0");
  }
  ASSERT_TRUE(t.b.send(advert(51, t.ipv6), t.source(t.net.a), t.group()));
  ASSERT_EQ(wait_for(t.a, 1).size(), 1U);  // a has sent nothing yet: it is not its own
  ASSERT_TRUE(t.a.send(advert(52, t.ipv6), t.source(t.net.a), t.group()));
  ASSERT_TRUE(t.b.send(advert(51, t.ipv6), t.source(t.net.a), t.group()));
  ASSERT_TRUE(t.b.send(advert(53, t.ipv6), t.source(t.net.b), t.group()));
  expect_heard(t.a, advert(53, t.ipv6), t.source(t.net.b), t.group());
}

// A raw socket that sends with any TTL.
void send_as_stranger(const node& from, bool ipv6, const address& to, const bytes& message, int ttl) {
  const descriptor s =
      inside(from.machine, [&] { return descriptor(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW, 112)); });
  const int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
  setsockopt(s.get(), level, ipv6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, &ttl, sizeof ttl);
  setsockopt(s.get(), level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl, sizeof ttl);
  setsockopt(s.get(), SOL_SOCKET, SO_BINDTODEVICE, "eth0", 4);
  socket_address where(endpoint{.host = to, .port = 0, .path = {}});
  if (ipv6) reinterpret_cast<sockaddr_in6&>(where.storage).sin6_scope_id = static_cast<unsigned>(from.index);
  ASSERT_EQ(sendto(s.get(), message.data(), message.size(), 0, where.get(), where.length),
            static_cast<ssize_t>(message.size()))
      << std::strerror(errno);
}

TEST_P(Advert, OfAForeignTtlIsHeardAsItIsOrSiftedOut) {
  talk t(GetParam());
  const bytes message = advert(51, t.ipv6);
  send_as_stranger(t.net.a, t.ipv6, t.group(), message, 64);
  const auto got = wait_for(t.b, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].facts.hops, 64);
  ASSERT_TRUE(t.b.sift(std::vector<std::uint8_t>{51}));
  send_as_stranger(t.net.a, t.ipv6, t.group(), message, 64);
  send_as_stranger(t.net.a, t.ipv6, t.source(t.net.b), message, 63);  // to us alone: any TTL
  send_as_stranger(t.net.a, t.ipv6, t.group(), message, 255);
  std::vector<int> ttls;
  for (const heard& one : wait_for(t.b, 2)) ttls.push_back(one.facts.hops);
  EXPECT_THAT(ttls, UnorderedElementsAre(63, 255));
}

TEST_P(Advert, OfOtherRoutersIsFilteredOutUntilTheFilterChanges) {
  talk t(GetParam());
  const auto send = [&](std::uint8_t id) { EXPECT_TRUE(t.a.send(advert(id, t.ipv6), t.source(t.net.a), t.group())); };
  const auto ids = [&](std::size_t count) {
    std::vector<int> out;
    for (const heard& one : wait_for(t.b, count)) out.push_back(one.message[1]);
    return out;
  };
  ASSERT_TRUE(t.b.sift(std::vector<std::uint8_t>{7, 51}));
  for (const std::uint8_t id : {50, 51, 8, 7}) send(id);
  EXPECT_THAT(ids(2), ElementsAre(51, 7));
  ASSERT_TRUE(t.b.sift(std::vector<std::uint8_t>{50}));
  for (const std::uint8_t id : {51, 50}) send(id);
  EXPECT_THAT(ids(1), ElementsAre(50));
  ASSERT_TRUE(t.b.let_all_in());
  for (const std::uint8_t id : {51, 50}) send(id);
  EXPECT_THAT(ids(2), ElementsAre(51, 50));
}

TEST_P(Advert, ComesInByItsOwnInterfaceOnly) {
  talk t(GetParam());
  t.net.b.ip("link add eth1 type veth peer name eth2");
  t.net.b.ip("link set eth1 up");
  const int other = must(t.net.b.kernel.find("eth1")).index;
  advert_socket elsewhere = inside(t.net.b.machine, [&] { return must(advert_socket::open(other, "eth1", t.ipv6)); });
  ASSERT_TRUE(t.a.send(advert(51, t.ipv6), t.source(t.net.a), t.group()));
  EXPECT_EQ(wait_for(t.b, 1).size(), 1U);
  EXPECT_THAT(all_of(elsewhere), IsEmpty());
}

TEST(AdvertSocket, ThatCannotBeIsASentence) {
  two_nodes net;
  const auto none = inside(net.a.machine, [] { return advert_socket::open(4711, "eth7", false); });
  EXPECT_THAT(none.error(), HasSubstr("no VRRP socket on eth7: No such device"));
  advert_socket socket = open_on(net.a, false);
  EXPECT_THAT(socket.send(advert(51), at("10.0.0.77"), vrrp_group(false)).error(),
              HasSubstr("no advert to 224.0.0.18 from 10.0.0.77: "));
}

TEST(AdvertSocket, HandsOverAShareAtATime) {
  talk t(false);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(t.a.send(advert(51), t.net.a.own4, t.group()));
  int count = 0;
  const auto note = [&](auto, const advert_facts&) { ++count; };
  EXPECT_TRUE(eventually([&] { return t.b.receive_all(note, 4); }));
  EXPECT_TRUE(eventually([&] { return !t.b.receive_all(note, 4) && count == 10; }));
}

// 20,000 malformed messages a second, and ours among them every 50 ms.
TEST_P(Advert, IsHeardInAStormOfMalformedOnes) {
  for (const bool sifted : {false, true}) {
    talk t(GetParam());
    if (sifted) {
      ASSERT_TRUE(t.b.sift(std::vector<std::uint8_t>{51}));
    }
    advert_socket storm = open_on(t.net.a, t.ipv6);
    std::atomic<bool> over = false;
    std::atomic<int> blown = 0;
    std::thread wind([&] {
      const bytes junk = advert(200, t.ipv6);
      for (instant next = monotonic_now(); !over; next += 5ms) {
        for (int i = 0; i < 100; ++i) blown += storm.send(junk, t.source(t.net.a), t.group()).has_value() ? 1 : 0;
        std::this_thread::sleep_until(next);
      }
    });
    int ours = 0, others = 0;
    duration reading{};
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(t.a.send(advert(51, t.ipv6), t.source(t.net.a), t.group()));
      std::this_thread::sleep_for(50ms);  // nobody reads meanwhile: all of it waits
      const instant since = monotonic_now();
      for (const heard& one : all_of(t.b)) ++(one.message[1] == 51 ? ours : others);
      reading += monotonic_now() - since;
    }
    over = true;
    wind.join();
    ours += static_cast<int>(std::ranges::count_if(all_of(t.b), [](const heard& h) { return h.message[1] == 51; }));
    EXPECT_EQ(ours, 20);
    if (sifted) {
      EXPECT_EQ(others, 0);
    }
    std::printf("[  figure  ] storm of %d in about 1 s, %s: %d read in %.2f ms\n", blown.load(),
                sifted ? "sifted" : "all let in", others + ours,
                std::chrono::duration<double, std::milli>(reading).count());
  }
}

}  // namespace
}  // namespace holdfast::lab
