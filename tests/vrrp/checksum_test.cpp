#include "vrrp/message/checksum.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_advert.h"

namespace holdfast {
namespace {

// keepalived 2.2.7 on the wire, sent by 10.99.0.1 to the group.
const bytes lab_packet = {0x31, 0x33, 0x96, 0x01, 0x00, 0x64, 0x42, 0xad, 0x0a, 0x63, 0x00, 0x64};

TEST(Checksum, SumsAsTheExampleOfRfc1071) {
  EXPECT_EQ(internet_checksum(bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0xffff - 0xddf2);
}

TEST(Checksum, FillsUpAnOddByteWithZero) {
  EXPECT_EQ(internet_checksum(bytes{0x12, 0x34, 0x56}), internet_checksum(bytes{0x12, 0x34, 0x56, 0x00}));
  EXPECT_EQ(internet_checksum(bytes{}), 0xffff);
}

TEST(Checksum, CarriesAroundUntilNothingIsLeft) {
  EXPECT_EQ(internet_checksum(bytes(65535, 0xff)), 0xffff - 0xff00);
  EXPECT_EQ(internet_checksum(bytes{0xff, 0xff, 0x00, 0x01}), 0xffff - 0x0001);
}

TEST(Checksum, OfACapturedPacketVerifiesInItsForm) {
  const packet_ends ends{made_address("10.99.0.1"), vrrp_group(ip_family::v4)};
  bytes message = lab_packet;
  message[6] = message[7] = 0;
  EXPECT_EQ(advert_checksum(message, ends, checksum_form::message), 0x2da0) << "what the message alone would give";
  EXPECT_EQ(verified_form(lab_packet, ends, 3), checksum_form::pseudo);
}

TEST(Checksum, FormsAreThreeInVersion3OfIpv4) {
  const packet_ends unicast{made_address("10.77.0.11"), made_address("10.77.0.12")};
  const advert a = made_advert(3, ip_family::v4);
  for (const auto form : {checksum_form::message, checksum_form::pseudo, checksum_form::pseudo_group}) {
    EXPECT_EQ(verified_form(encoded(a, unicast, form), unicast, 3), form) << name_of(form);
  }
}

TEST(Checksum, InMulticastTheGroupIsTheDestinationItself) {
  const packet_ends ends = made_ends(ip_family::v4);
  const advert a = made_advert(3, ip_family::v4);
  EXPECT_EQ(encoded(a, ends, checksum_form::pseudo), encoded(a, ends, checksum_form::pseudo_group));
  EXPECT_EQ(verified_form(encoded(a, ends, checksum_form::pseudo_group), ends, 3), checksum_form::pseudo);
}

TEST(Checksum, Version2AndIpv6KnowOneFormOnly) {
  const packet_ends four = made_ends(ip_family::v4), six = made_ends(ip_family::v6);
  bytes packet = encoded(made_advert(2, ip_family::v4));
  EXPECT_EQ(verified_form(packet, four, 2), checksum_form::message);
  packet = encoded(made_advert(3, ip_family::v4), four, checksum_form::pseudo);
  EXPECT_EQ(verified_form(packet, four, 2), std::nullopt);

  packet = encoded(made_advert(3, ip_family::v6));
  EXPECT_EQ(verified_form(packet, six, 3), checksum_form::pseudo);
  packet[6] = packet[7] = 0;
  const std::uint16_t sum = internet_checksum(packet);
  packet[6] = static_cast<std::uint8_t>(sum >> 8);
  packet[7] = static_cast<std::uint8_t>(sum);
  EXPECT_EQ(verified_form(packet, six, 3), std::nullopt) << "without the pseudo-header";
}

TEST(Checksum, FindsEveryFlippedBit) {
  for (const ip_family family : {ip_family::v4, ip_family::v6}) {
    const bytes packet = encoded(made_advert(3, family, 3));
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
      bytes damaged = packet;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      EXPECT_EQ(verified_form(damaged, made_ends(family), 3), std::nullopt) << "bit " << bit;
    }
  }
}

TEST(Checksum, DependsOnBothEnds) {
  const packet_ends ends = made_ends(ip_family::v6);
  const bytes packet = encoded(made_advert(3, ip_family::v6));
  EXPECT_FALSE(verified_form(packet, {made_address("fe80::12"), ends.destination}, 3));
  EXPECT_FALSE(verified_form(packet, {ends.source, made_address("fe80::12")}, 3));
}

}  // namespace
}  // namespace holdfast
