#include "vrrp/message/advert.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/vrrp/made_advert.h"

namespace holdfast {
namespace {

using enum advert_refusal;

constexpr ip_family v4 = ip_family::v4, v6 = ip_family::v6;

// The same bytes with a checksum that is right again.
bytes resealed(bytes packet, ip_family family) {
  packet[6] = packet[7] = 0;
  const auto form = family == v4 ? checksum_form::message : checksum_form::pseudo;
  const std::uint16_t sum = advert_checksum(packet, made_ends(family), form);
  packet[6] = static_cast<std::uint8_t>(sum >> 8);
  packet[7] = static_cast<std::uint8_t>(sum);
  return packet;
}

// A good advert with one byte made wrong, and a good checksum.
bytes changed(const advert& a, std::size_t at, std::uint8_t to) {
  bytes packet = encoded(a);
  packet.at(at) = to;
  return resealed(packet, family_of(a.addresses.front()));
}

// "" if taken.
std::string refusal(const bytes& packet, ip_family family, const advert_rules& rules = made_rules()) {
  const auto a = decode(packet, made_facts(family), rules);
  return std::string(a ? "" : name_of(a.error()));
}

std::string word(advert_refusal r) { return std::string(name_of(r)); }

TEST(Advert, IsWrittenAsTheRfcDrawsIt) {
  advert a = made_advert(3, v4, 2);
  a.interval = 40950ms;
  EXPECT_EQ(encoded(a), (bytes{0x31, 51, 150, 2, 0x0f, 0xff, 0x12, 0x30, 10, 77, 1, 0, 10, 77, 1, 1}));
  const bytes two = encoded(made_advert(2, v4));
  EXPECT_EQ(bytes(two.begin(), two.begin() + 6), (bytes{0x21, 51, 150, 1, 0, 1}));
  EXPECT_EQ(bytes(two.begin() + 8, two.end()), (bytes{10, 77, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  const bytes six = encoded(made_advert(3, v6, 2));
  EXPECT_EQ(six.size(), 40U);
  EXPECT_EQ(six[8], 0xfe) << "addresses stay in their order";
  EXPECT_EQ(six[24], 0xfd);
}

TEST(Advert, MeansTheSameAfterTheWire) {
  std::mt19937 random(1);
  const auto any = [&](unsigned low, unsigned high) { return std::uniform_int_distribution(low, high)(random); };
  for (int i = 0; i < 3000; ++i) {
    const ip_family family = any(0, 1) == 0 ? v4 : v6;
    const bool two = family == v4 && any(0, 2) == 0;
    advert a = made_advert(two ? 2 : 3, family, any(1, i % 50 == 0 ? 255 : 9));
    a.id = static_cast<std::uint8_t>(any(1, 255));
    a.priority = static_cast<std::uint8_t>(any(0, 255));
    a.interval = two ? any(1, 255) * 1s : any(1, 4095) * advert_tick;
    if (family == v4 && !two) a.form = static_cast<checksum_form>(any(0, 2));
    advert_facts facts = made_facts(family);
    if (family == v4) facts.ends = {address::v4(any(0x0a000000, 0x0affffff)), address::v4(0xc0000201)};
    advert_rules rules = made_rules();
    rules.ids.set();
    const bytes packet = encoded(a, facts.ends, a.form);
    EXPECT_EQ(packet.size(), advert_bytes(a.version, family, a.addresses.size()));
    const auto back = decode(packet, facts, rules);
    ASSERT_TRUE(back) << i << ": " << name_of(back.error());
    ASSERT_EQ(*back, a) << i;
  }
}

TEST(Advert, HoldsUpTo255Addresses) {
  EXPECT_EQ(advert_bytes(3, v6, max_advert_addresses), max_advert_bytes);
  for (const ip_family family : {v4, v6}) {
    const advert a = made_advert(3, family, 255);
    const auto back = decode(encoded(a), made_facts(family), made_rules());
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, a);
  }
  const auto two = decode(encoded(made_advert(2, v4, 255)), made_facts(v4), made_rules());
  ASSERT_TRUE(two);
  EXPECT_EQ(two->addresses.size(), 255U);
}

TEST(Advert, IsRefusedAtEveryLengthButItsOwn) {
  const std::vector<std::pair<advert, ip_family>> adverts = {
      {made_advert(2, v4, 3), v4}, {made_advert(3, v4, 3), v4}, {made_advert(3, v6, 3), v6}};
  for (const auto& [a, family] : adverts) {
    const bytes whole = encoded(a);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(refusal(bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), family),
                word(truncated));
    }
    for (std::size_t more = 1; more < 64; ++more) {
      bytes longer = whole;
      longer.resize(whole.size() + more);
      EXPECT_EQ(refusal(longer, family), word(too_long)) << more;
    }
  }
}

TEST(Advert, TakesATrailerOfItsSizeOnly) {
  advert_rules rules = made_rules();
  rules.trailer = true;
  for (const ip_family family : {v4, v6}) {
    const bytes whole = encoded(made_advert(3, family, 2));
    EXPECT_FALSE(decode(whole, made_facts(family), rules)->trailer);
    for (const std::size_t more : {1U, 27U, 29U, 56U}) {
      bytes longer = whole;
      longer.resize(whole.size() + more);
      EXPECT_EQ(refusal(longer, family, rules), word(too_long));
    }
    bytes trailed = whole;
    trailed.resize(whole.size() + trailer_bytes, 0x5a);
    EXPECT_EQ(refusal(trailed, family), word(too_long)) << "not allowed";
    if (family == v6) {
      EXPECT_EQ(refusal(trailed, family, rules), word(checksum)) << "spans the trailer in IPv6";
      trailed = resealed(trailed, family);
    }
    const auto a = decode(trailed, made_facts(family), rules);
    ASSERT_TRUE(a);
    EXPECT_TRUE(a->trailer);
    EXPECT_EQ(a->addresses.size(), 2U);
  }
}

TEST(Advert, IsRefusedForEachFaultByItsName) {
  const advert two = made_advert(2, v4), three = made_advert(3, v4), six = made_advert(3, v6, 2);
  EXPECT_EQ(refusal(encoded(two), v4), "");
  EXPECT_EQ(refusal(encoded(three), v4), "");
  EXPECT_EQ(refusal(encoded(six), v6), "");
  for (const std::uint8_t first : {0x01, 0x11, 0x41, 0xf1}) EXPECT_EQ(refusal(changed(three, 0, first), v4), "version");
  for (const std::uint8_t first : {0x30, 0x32, 0x3f}) EXPECT_EQ(refusal(changed(three, 0, first), v4), "type");
  EXPECT_EQ(refusal(changed(three, 3, 2), v4), "truncated");
  EXPECT_EQ(refusal(changed(made_advert(3, v4, 2), 3, 1), v4), "too-long");
  for (const std::uint8_t id : {0, 50, 52, 255}) EXPECT_EQ(refusal(changed(three, 1, id), v4), "unknown-id");
  EXPECT_EQ(refusal(changed(two, 4, 1), v4), "password");
  EXPECT_EQ(refusal(changed(two, 4, 2), v4), "auth-header");
  EXPECT_EQ(refusal(changed(two, 4, 3), v4), "auth-type");
  EXPECT_EQ(refusal(changed(two, 4, 255), v4), "auth-type");
  EXPECT_EQ(refusal(changed(two, 5, 0), v4), "zero-interval");
  EXPECT_EQ(refusal(changed(three, 5, 0), v4), "zero-interval");
  EXPECT_EQ(refusal(changed(six, 9, 0xc0), v6), "not-link-local");
  EXPECT_EQ(refusal(changed(six, 8, 0xfd), v6), "not-link-local");
  EXPECT_EQ(refusal(changed(six, 9, 0xbf), v6), "") << "fe80::/10 is link-local as a whole";
}

TEST(Advert, WithoutAddressesIsRefused) {
  for (const std::uint8_t first : {0x21, 0x31}) {
    bytes none = {first, 51, 150, 0, 0, 1, 0, 0};
    if (first == 0x21) none.resize(16);
    EXPECT_EQ(refusal(resealed(none, v4), v4), "no-address");
  }
  EXPECT_EQ(refusal(resealed({0x31, 51, 150, 0, 0, 1, 0, 0}, v6), v6), "no-address");
}

TEST(Advert, OfIpv6HoldsNoMappedAddress) {
  bytes packet = encoded(made_advert(3, v6, 2));
  const auto mapped = made_address("192.0.2.1").bytes();
  std::copy(mapped.begin(), mapped.end(), packet.begin() + 24);
  EXPECT_EQ(refusal(resealed(packet, v6), v6), "foreign-address");
}

// Everything is wrong; then one thing after the other is put right, in the order of RFC 9568 7.1.
TEST(Advert, IsCheckedInTheOrderOfTheRfc) {
  advert_facts facts = made_facts(v6);
  facts.hops = 254;
  bytes packet = {0x52, 9, 150, 1, 0, 0, 0, 0};
  const auto now = [&] { return std::string(name_of(decode(packet, facts, made_rules()).error())); };
  EXPECT_EQ(now(), "hops");
  facts.hops = 255;
  EXPECT_EQ(now(), "version");
  packet[0] = 0x32;
  EXPECT_EQ(now(), "type");
  packet[0] = 0x31;
  EXPECT_EQ(now(), "truncated");
  packet.resize(25);
  EXPECT_EQ(now(), "too-long");
  packet.resize(24);
  EXPECT_EQ(now(), "checksum");
  packet = resealed(packet, v6);
  EXPECT_EQ(now(), "unknown-id");
  packet[1] = 51;
  packet = resealed(packet, v6);
  EXPECT_EQ(now(), "zero-interval");
  packet[5] = 100;
  packet = resealed(packet, v6);
  EXPECT_EQ(now(), "not-link-local");
  packet[8] = 0xfe;
  packet[9] = 0x80;
  packet = resealed(packet, v6);
  EXPECT_TRUE(decode(packet, facts, made_rules()));
}

TEST(Advert, TakesTheVersionsItIsToldToTake) {
  advert_rules rules = made_rules();
  for (const bool take2 : {false, true}) {
    for (const bool take3 : {false, true}) {
      rules.version2 = take2;
      rules.version3 = take3;
      EXPECT_EQ(refusal(encoded(made_advert(2, v4)), v4, rules), take2 ? "" : "version");
      EXPECT_EQ(refusal(encoded(made_advert(3, v4)), v4, rules), take3 ? "" : "version");
      EXPECT_EQ(refusal(encoded(made_advert(3, v6)), v6, rules), take3 ? "" : "version");
      EXPECT_EQ(refusal(changed(made_advert(3, v6), 0, 0x21), v6, rules), "version") << "no version 2 in IPv6";
    }
  }
}

TEST(Advert, IsTakenFromAsFarAsAllowed) {
  const bytes packet = encoded(made_advert(3, v4));
  advert_rules rules = made_rules();
  for (const std::uint8_t least : {255, 254, 64, 1, 0}) {
    rules.least_hops = least;
    for (unsigned hops = 0; hops < 256; ++hops) {
      const auto a = decode(packet, {made_ends(v4), static_cast<std::uint8_t>(hops)}, rules);
      EXPECT_EQ(a.has_value(), hops >= least);
      if (!a) {
        EXPECT_EQ(a.error(), advert_refusal::hops);
      }
    }
  }
}

TEST(Advert, ToleratesAPasswordWhenTold) {
  bytes packet = changed(made_advert(2, v4), 4, 1);
  std::copy_n("abcdefgh", 8, packet.begin() + 12);
  packet = resealed(packet, v4);
  advert_rules rules = made_rules();
  EXPECT_EQ(refusal(packet, v4, rules), "password");
  rules.password = true;
  const auto a = decode(packet, made_facts(v4), rules);
  ASSERT_TRUE(a);
  EXPECT_TRUE(a->password);
  EXPECT_FALSE(decode(encoded(made_advert(2, v4)), made_facts(v4), rules)->password);
  EXPECT_EQ(refusal(changed(made_advert(2, v4), 4, 2), v4, rules), "auth-header");
}

TEST(Advert, KnowsEveryVirtualRouterOfItsInterface) {
  for (unsigned id = 1; id < 256; ++id) {
    advert a = made_advert(3, v4);
    a.id = static_cast<std::uint8_t>(id);
    advert_rules rules;
    rules.ids.set(id);
    EXPECT_EQ(refusal(encoded(a), v4, rules), "");
    rules.ids.flip();
    EXPECT_EQ(refusal(encoded(a), v4, rules), "unknown-id");
  }
}

TEST(Advert, IgnoresReservedBits) {
  const auto a = decode(changed(made_advert(3, v4), 4, 0xf1), made_facts(v4), made_rules());
  ASSERT_TRUE(a);
  EXPECT_EQ(a->interval, (256 + 100) * advert_tick);
}

TEST(Advert, SpansTheWholeRangeOfIntervals) {
  for (const duration interval : {advert_tick, duration(1s), max_advert_interval}) {
    advert a = made_advert(3, v6);
    a.interval = interval;
    EXPECT_EQ(decode(encoded(a), made_facts(v6), made_rules())->interval, interval);
  }
  for (const duration interval : {duration(1s), max_advert_interval_v2}) {
    advert a = made_advert(2, v4);
    a.interval = interval;
    EXPECT_EQ(decode(encoded(a), made_facts(v4), made_rules())->interval, interval);
  }
}

TEST(AdvertDeathTest, IsNeverSentBroken) {
  const auto send = [](auto breaks) {
    advert a = made_advert(3, v4);
    breaks(a);
    encoded(a, made_ends(v4), checksum_form::message);
  };
  send([](advert&) {});
  EXPECT_DEATH(send([](advert& a) { a.version = 4; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.id = 0; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.addresses.clear(); }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.addresses.push_back(made_address("fe80::1")); }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.interval = 0s; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.interval = 15ms; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.interval = 40960ms; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.version = 2, a.interval = 1500ms; }), "invariant");
  EXPECT_DEATH(send([](advert& a) { a.version = 2, a.interval = 256s; }), "invariant");
  bytes small(11);
  EXPECT_DEATH(encode(made_advert(3, v4), made_ends(v4), checksum_form::message, small), "invariant");
}

TEST(Advert, NamesEveryRefusal) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < advert_refusals; ++i) names.insert(name_of(static_cast<advert_refusal>(i)));
  EXPECT_EQ(names.size(), advert_refusals);
  EXPECT_EQ(name_of(foreign_address), "foreign-address") << "the last one";
}

}  // namespace
}  // namespace holdfast
