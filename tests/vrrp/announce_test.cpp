#include "vrrp/message/announce.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_advert.h"

namespace holdfast {
namespace {

const mac_address mac = {0x02, 0x00, 0x00, 0xaa, 0xbb, 0xcc};
const address four = made_address("192.0.2.80"), six = made_address("2001:db8::12:3480");
const address ours4 = made_address("192.0.2.11"), ours6 = made_address("fe80::11");

bytes bytes_of(const neighbour_frame& frame) { return {frame.begin(), frame.end()}; }

std::optional<neighbour_claim> claim_of(const bytes& frame) { return claim_in(frame); }

// The ICMPv6 checksum made right again.
bytes resealed(bytes frame) {
  frame[56] = frame[57] = 0;
  const auto end = [&](std::ptrdiff_t at) {
    address::bytes_type out{};
    std::copy_n(frame.begin() + at, 16, out.begin());
    return address(out);
  };
  const std::size_t size = frame[18] << 8U | frame[19];
  const auto icmp = std::span(frame).subspan(54, std::min(size, frame.size() - 54));
  const std::uint16_t sum = internet_checksum(icmp, {end(22), end(38)}, 58);
  frame[56] = static_cast<std::uint8_t>(sum >> 8);
  frame[57] = static_cast<std::uint8_t>(sum);
  return frame;
}

TEST(VirtualMac, CarriesTheIdOfTheRouter) {
  EXPECT_EQ(virtual_mac(51, ip_family::v4), (mac_address{0x00, 0x00, 0x5e, 0x00, 0x01, 51}));
  EXPECT_EQ(virtual_mac(255, ip_family::v6), (mac_address{0x00, 0x00, 0x5e, 0x00, 0x02, 255}));
}

TEST(Announcement, OfIpv4IsAnArpRequestForItself) {
  EXPECT_EQ(bytes_of(announce(announcement::arp_request, four, mac)),
            (bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0xaa, 0xbb, 0xcc, 0x08, 0x06,  //
                   0,    1,    0x08, 0,    6,    4,    0,    1,                                   //
                   0x02, 0,    0,    0xaa, 0xbb, 0xcc, 192,  0, 2, 80,   0,    0,    0,    0,    0, 0, 192, 0, 2, 80}));
}

TEST(Announcement, OfIpv4IsAnArpReplyToo) {
  EXPECT_EQ(bytes_of(announce(announcement::arp_reply, four, mac)),
            (bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0xaa, 0xbb, 0xcc, 0x08, 0x06,  //
                   0,    1,    0x08, 0,    6,    4,    0,    2,                                   //
                   0x02, 0,    0,    0xaa, 0xbb, 0xcc, 192,  0, 2, 80,                            //
                   0x02, 0,    0,    0xaa, 0xbb, 0xcc, 192,  0, 2, 80}));
}

TEST(Question, OfIpv4IsAProbe) {
  EXPECT_EQ(bytes_of(announce(announcement::question, four, mac)),
            (bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0xaa, 0xbb, 0xcc, 0x08, 0x06,  //
                   0,    1,    0x08, 0,    6,    4,    0,    1,                                   //
                   0x02, 0,    0,    0xaa, 0xbb, 0xcc, 0,    0, 0, 0,    0,    0,    0,    0,    0, 0, 192, 0, 2, 80}));
  EXPECT_EQ(claim_of(bytes_of(announce(announcement::question, four, mac))), std::nullopt) << "claims nothing";
}

TEST(Question, OfIpv6IsASolicitationFromNobody) {
  const bytes frame = bytes_of(announce(announcement::question, six, mac));
  ASSERT_EQ(frame.size(), 78U) << "without an option: nobody learns from it";
  EXPECT_EQ(bytes(frame.begin(), frame.begin() + 6), (bytes{0x33, 0x33, 0xff, 0x12, 0x34, 0x80}));
  EXPECT_EQ(frame[54], 135);
  EXPECT_EQ(bytes(frame.begin() + 22, frame.begin() + 38), bytes(16, 0));
  EXPECT_EQ(resealed(frame), frame);
  EXPECT_EQ(claim_of(frame), std::nullopt);
}

TEST(Claim, IsInAMessageWithoutItsHeader) {
  const neighbour_frame frame = announce(announcement::neighbour, six, mac);
  const bytes message(frame.begin() + 54, frame.end());
  EXPECT_EQ(claim_in_message(message), (neighbour_claim{.who = six, .mac = mac, .answered = false}));
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(claim_in_message(std::span(message).first(size)), std::nullopt) << size;
  }
}

TEST(Announcement, OfIpv6OverridesAndIsNoRouter) {
  const bytes frame = bytes_of(announce(announcement::neighbour, six, mac));
  EXPECT_EQ(frame.size(), max_neighbour_frame);
  EXPECT_EQ(bytes(frame.begin(), frame.begin() + 22),
            (bytes{0x33, 0x33, 0, 0, 0, 1,  0x02, 0,  0, 0xaa, 0xbb, 0xcc, 0x86, 0xdd,  //
                   0x60, 0,    0, 0, 0, 32, 58,   255}));
  EXPECT_EQ(frame[54], 136);
  EXPECT_EQ(frame[58], 0x20);
  EXPECT_EQ(bytes(frame.begin() + 78, frame.end()), (bytes{2, 1, 0x02, 0, 0, 0xaa, 0xbb, 0xcc}));
  EXPECT_EQ(bytes_of(announce(announcement::neighbour, six, mac, true))[58], 0xa0);
  EXPECT_EQ(frame, resealed(frame));
}

TEST(Announcement, IsAClaimThatNobodyAskedFor) {
  const neighbour_claim claim4{.who = four, .mac = mac, .answered = false};
  EXPECT_EQ(claim_in(announce(announcement::arp_request, four, mac)), claim4);
  EXPECT_EQ(claim_in(announce(announcement::arp_reply, four, mac)), claim4);
  const neighbour_claim claim6{.who = six, .mac = mac, .answered = false};
  EXPECT_EQ(claim_in(announce(announcement::neighbour, six, mac)), claim6);
}

TEST(AnnouncementDeathTest, FitsTheFamily) {
  EXPECT_DEATH(announce(announcement::neighbour, four, mac), "invariant");
  EXPECT_DEATH(announce(announcement::arp_request, six, mac), "invariant");
  EXPECT_DEATH(ask_for(six, ours4, mac), "invariant");
}

TEST(Question, AsksByArp) {
  EXPECT_EQ(bytes_of(ask_for(four, ours4, mac)),
            (bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0xaa, 0xbb, 0xcc, 0x08, 0x06,  //
                   0,    1,    0x08, 0,    6,    4,    0,    1,                                   //
                   0x02, 0,    0,    0xaa, 0xbb, 0xcc, 192,  0, 2, 11,   0,    0,    0,    0,    0, 0, 192, 0, 2, 80}));
}

TEST(Question, AsksTheSolicitedNodeGroup) {
  const bytes frame = bytes_of(ask_for(six, ours6, mac));
  EXPECT_EQ(bytes(frame.begin(), frame.begin() + 6), (bytes{0x33, 0x33, 0xff, 0x12, 0x34, 0x80}));
  const auto group = made_address("ff02::1:ff12:3480").bytes();
  EXPECT_TRUE(std::equal(group.begin(), group.end(), frame.begin() + 38));
  EXPECT_TRUE(std::equal(ours6.bytes().begin(), ours6.bytes().end(), frame.begin() + 22));
  EXPECT_TRUE(std::equal(six.bytes().begin(), six.bytes().end(), frame.begin() + 62));
  EXPECT_EQ(frame[21], 255);
  EXPECT_EQ(frame[54], 135);
  EXPECT_EQ(frame[58], 0);
  EXPECT_EQ(bytes(frame.begin() + 78, frame.begin() + 80), (bytes{1, 1}));
  EXPECT_EQ(frame, resealed(frame));
  EXPECT_EQ(claim_of(frame), std::nullopt) << "a question claims nothing";
}

TEST(Answer, ByArpTellsWhoAndWhere) {
  bytes frame = bytes_of(announce(announcement::arp_reply, four, mac));
  std::copy_n(ours4.bytes().begin() + 12, 4, frame.begin() + 38);
  EXPECT_EQ(claim_of(frame), (neighbour_claim{.who = four, .mac = mac, .answered = true}));
  frame.resize(60);
  EXPECT_EQ(claim_of(frame), (neighbour_claim{.who = four, .mac = mac, .answered = true})) << "padded";

  frame = bytes_of(announce(announcement::arp_reply, four, mac));
  frame[37] ^= 1;  // to somebody who announced the same address
  EXPECT_EQ(claim_of(frame), (neighbour_claim{.who = four, .mac = mac, .answered = true}));
}

TEST(Answer, ByAdvertisementTellsWhoAndWhere) {
  bytes frame = bytes_of(announce(announcement::neighbour, six, mac));
  std::copy_n(ours6.bytes().begin(), 16, frame.begin() + 38);
  frame[58] = 0x60;
  frame[80] = 0x06;  // the option, not the frame's source, says where
  const mac_address there = {0x06, 0, 0, 0xaa, 0xbb, 0xcc};
  EXPECT_EQ(claim_of(resealed(frame)), (neighbour_claim{.who = six, .mac = there, .answered = true}));
  frame[19] = 24;
  frame.resize(78);
  EXPECT_EQ(claim_of(resealed(frame)), (neighbour_claim{.who = six, .mac = mac, .answered = true})) << "no option";
}

TEST(Answer, IsNotReadFromOddArp) {
  const bytes good = bytes_of(announce(announcement::arp_reply, four, mac));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(claim_of(bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))), std::nullopt);
  }
  for (const std::size_t at : {12U, 13U, 14U, 15U, 16U, 17U, 18U, 19U, 20U}) {
    bytes frame = good;
    frame[at] ^= 0x10;
    EXPECT_EQ(claim_of(frame), std::nullopt) << at;
  }
  bytes frame = good;
  frame[21] = 3;
  EXPECT_EQ(claim_of(frame), std::nullopt) << "another operation";
  frame = good;
  std::fill_n(frame.begin() + 28, 4, std::uint8_t{0});
  EXPECT_EQ(claim_of(frame), std::nullopt) << "an ARP probe";
}

TEST(Answer, IsNotReadFromOddAdvertisements) {
  const bytes good = bytes_of(announce(announcement::neighbour, six, mac));
  const auto changed = [&](std::size_t at, std::uint8_t to) {
    bytes frame = good;
    frame[at] = to;
    return claim_of(resealed(frame));
  };
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(claim_of(bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))), std::nullopt);
  }
  EXPECT_TRUE(changed(14, 0x60));
  EXPECT_EQ(changed(14, 0x40), std::nullopt) << "IP version";
  EXPECT_EQ(changed(19, 23), std::nullopt) << "too short for it";
  EXPECT_EQ(changed(19, 33), std::nullopt) << "longer than the frame";
  EXPECT_EQ(changed(20, 0), std::nullopt) << "an extension header";
  EXPECT_EQ(changed(21, 254), std::nullopt) << "came through a router";
  EXPECT_EQ(changed(54, 134), std::nullopt) << "another message";
  EXPECT_EQ(changed(55, 1), std::nullopt) << "another code";
  EXPECT_EQ(changed(58, 0x60), std::nullopt) << "solicited, but to a group";
  EXPECT_EQ(changed(62, 0xff), std::nullopt) << "about a group";
  EXPECT_EQ(changed(79, 0), std::nullopt) << "an option of length 0";
  EXPECT_EQ(changed(79, 2), std::nullopt) << "an option longer than the message";
  EXPECT_EQ(changed(19, 25), std::nullopt) << "half an option";
  bytes frame = good;
  frame[60] ^= 1;
  EXPECT_EQ(claim_of(frame), std::nullopt) << "checksum";
}

}  // namespace
}  // namespace holdfast
