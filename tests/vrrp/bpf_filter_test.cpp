// The judge is the kernel: a bpf_filter is loaded into one end of a pair of sockets.
#include "vrrp/message/bpf_filter.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include <array>
#include <numeric>
#include <string>

#include "base/descriptor_io.h"

namespace holdfast {

namespace {

using bytes = std::vector<std::uint8_t>;

class gate {
 public:
  explicit gate(const bpf_filter& program) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    outside_.reset(ends[0]);
    inside_.reset(ends[1]);
    std::vector<sock_filter> steps;
    for (const bpf_instruction& s : program) steps.push_back({s.code, s.if_true, s.if_false, s.value});
    const sock_fprog whole{static_cast<unsigned short>(steps.size()), steps.data()};
    EXPECT_EQ(setsockopt(inside_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole), 0);
  }

  bool lets_in(const bytes& packet) const {
    send(outside_.get(), packet.data(), packet.size(), 0);  // what the bpf_filter keeps out is refused or lost
    std::array<std::uint8_t, 2048> in{};
    const auto got = recv(inside_.get(), in.data(), in.size(), 0);
    return got == static_cast<ssize_t>(packet.size()) && std::equal(packet.begin(), packet.end(), in.begin());
  }

 private:
  descriptor outside_, inside_;
};

struct ipv4 {
  std::uint8_t version_type = 0x31;
  std::uint8_t id = 51;
  std::uint8_t ttl = 255;
  std::uint8_t to = 224;  // first byte
  std::uint8_t option_words = 0;
};

bytes packet(const ipv4& what) {
  bytes out(20 + 4u * what.option_words, 0);
  out[0] = static_cast<std::uint8_t>(0x45 + what.option_words);
  out[8] = what.ttl;
  out[9] = 112;
  out[16] = what.to;
  out.insert(out.end(), {what.version_type, what.id, 100, 1, 0, 100, 0, 0, 10, 0, 0, 80});
  return out;
}

TEST(AdvertFilter, LetsInAdvertsOfItsRouters) {
  const gate g(advert_filter(false, std::vector<std::uint8_t>{7, 51}));
  EXPECT_TRUE(g.lets_in(packet({})));
  EXPECT_TRUE(g.lets_in(packet({.version_type = 0x21, .id = 7})));
  EXPECT_TRUE(g.lets_in(packet({.option_words = 1})));
  EXPECT_TRUE(g.lets_in(packet({.option_words = 10})));
}

TEST(AdvertFilter, KeepsOutOtherRoutersVersionsAndTypes) {
  const gate g(advert_filter(false, std::vector<std::uint8_t>{7, 51}));
  EXPECT_FALSE(g.lets_in(packet({.id = 52})));
  EXPECT_FALSE(g.lets_in(packet({.version_type = 0x11})));
  EXPECT_FALSE(g.lets_in(packet({.version_type = 0x32})));
  EXPECT_FALSE(g.lets_in(packet({.id = 52, .option_words = 3})));
}

TEST(AdvertFilter, AsksGroupsForTheWidestTtlAndPeersForNone) {
  const gate g(advert_filter(false, std::vector<std::uint8_t>{51}));
  EXPECT_FALSE(g.lets_in(packet({.ttl = 254})));
  EXPECT_FALSE(g.lets_in(packet({.ttl = 1, .to = 239})));
  EXPECT_TRUE(g.lets_in(packet({.ttl = 64, .to = 10})));
}

TEST(AdvertFilter, KeepsOutWhatIsTooShortToSay) {
  const gate g(advert_filter(false, std::vector<std::uint8_t>{51}));
  bytes cut = packet({});
  cut.resize(21);  // the id is missing
  EXPECT_FALSE(g.lets_in(cut));
  EXPECT_FALSE(g.lets_in({0x45}));
}

TEST(AdvertFilter, KnowsAllRoutersThatThereCanBe) {
  std::vector<std::uint8_t> all(255);
  std::iota(all.begin(), all.end(), std::uint8_t{1});
  const gate g(advert_filter(false, all));
  for (int id = 0; id < 256; ++id) {
    EXPECT_EQ(g.lets_in(packet({.id = static_cast<std::uint8_t>(id)})), id > 0) << id;
  }
}

TEST(AdvertFilter, OfNoRouterLetsNothingIn) { EXPECT_FALSE(gate(advert_filter(false, {})).lets_in(packet({}))); }

bytes arp(std::uint8_t operation) {
  bytes out(42, 0);
  out[12] = 0x08, out[13] = 0x06;
  out[21] = operation;
  return out;
}

bytes icmp6(std::uint8_t type, std::uint8_t next = 58) {
  bytes out(86, 0);
  out[12] = 0x86, out[13] = 0xdd;
  out[20] = next;
  out[54] = type;
  return out;
}

TEST(NeighbourFilter, LetsInAnswersOnly) {
  const gate g(neighbour_filter());
  EXPECT_TRUE(g.lets_in(arp(2)));
  EXPECT_FALSE(g.lets_in(arp(1)));
  EXPECT_TRUE(g.lets_in(icmp6(136)));
  EXPECT_FALSE(g.lets_in(icmp6(135)));
  EXPECT_FALSE(g.lets_in(icmp6(136, 6)));
  bytes ipv4_frame = icmp6(136);
  ipv4_frame[12] = 0x08, ipv4_frame[13] = 0x00;
  EXPECT_FALSE(g.lets_in(ipv4_frame));
  EXPECT_FALSE(g.lets_in({1, 2, 3}));
}

TEST(ClaimFilter, LetsInWhoeverSaysThatHeHasAnAddress) {
  const gate g(claim_filter());
  bytes frame = arp(1);
  frame[31] = 80;  // sender
  frame[41] = 81;  // target
  EXPECT_FALSE(g.lets_in(frame)) << "asks for another";
  frame[41] = 80;
  EXPECT_TRUE(g.lets_in(frame)) << "announces itself";
  frame[41] = 81;
  frame[21] = 2;
  EXPECT_TRUE(g.lets_in(frame)) << "answers";
  EXPECT_FALSE(g.lets_in(bytes(30, 1))) << "cut short";
}

}  // namespace

}  // namespace holdfast
