// The two vectors and the verdicts on what is changed in them are those of the appendix of draft-cassen-vrrp-auth-hmac,
// as published in keepalived's test/auth_hmac_test.c.
#include "vrrp/message/auth_hmac.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "base/tls/digest_io.h"
#include "tests/vrrp/made_advert.h"

namespace holdfast {
namespace {

using enum hmac_refusal;
using verdict = std::optional<hmac_refusal>;

constexpr ip_family v4 = ip_family::v4, v6 = ip_family::v6;

bytes from_hex(std::string_view text) {
  bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

bytes made_secret(std::size_t size = 32) {
  bytes secret(size);
  for (std::size_t i = 0; i < size; ++i) secret[i] = static_cast<std::uint8_t>(i);
  return secret;
}

hmac_policy made_policy(hmac_mode mode = hmac_mode::enforce) {
  hmac_policy policy;
  policy.mode = mode;
  policy.keys.push_back(*hmac_key::make(1, made_secret()));
  policy.mac = hmac_sha256;
  return policy;
}

// Sequence 0x68000000'80000000, key 00..1f, virtual router 51, priority 200.
const wall_time vector_time{std::chrono::seconds(0x68000000) + 500ms};
const bytes vector4 = from_hex(
    "3133c80100644402c0000264"
    "010100006800000080000000"
    "1b84bc4e8e43892dc6d98448f8ee2265");
const bytes vector6 = from_hex(
    "3133c8010064a2e9"
    "fe800000000000000000000000000100"
    "010100006800000080000000"
    "c8c56146ebfd66ee10ec4d8186461b78");
const packet_ends ends4{made_address("198.51.100.10"), made_address("192.0.2.10")};
const packet_ends ends6{made_address("fe80::10"), made_address("fe80::20")};

const advert trailed{.trailer = true};
const address from = made_address("fe80::10");

// What a receiver that has heard nobody says.
verdict check6(const bytes& packet, const hmac_policy& policy = made_policy(), wall_time now = vector_time,
               const address& source = from) {
  return hmac_receiver().check(packet, trailed, source, policy, now);
}

bytes signed_packet(hmac_sender& sender, wall_time now, const hmac_policy& policy = made_policy(),
                    ip_family family = v6) {
  bytes packet = encoded(made_advert(3, family));
  const std::size_t size = packet.size();
  packet.resize(size + trailer_bytes);
  EXPECT_EQ(sender.sign(packet, size, made_ends(family), policy, now), packet.size());
  return packet;
}

TEST(AuthHmac, SignsAsPublished) {
  advert a{.version = 3, .id = 51, .priority = 200, .interval = 1s, .addresses = {made_address("192.0.2.100")}};
  bytes packet(12 + trailer_bytes);
  encode(a, ends4, checksum_form::message, packet);
  hmac_sender four;
  EXPECT_EQ(four.sign(packet, 12, ends4, made_policy(), vector_time), packet.size());
  EXPECT_EQ(packet, vector4);

  a.addresses = {made_address("fe80::100")};
  packet.resize(24 + trailer_bytes);
  encode(a, ends6, checksum_form::pseudo, packet);
  hmac_sender six;
  EXPECT_EQ(six.sign(packet, 24, ends6, made_policy(), vector_time), packet.size());
  EXPECT_EQ(packet, vector6) << "the checksum spans the trailer";
}

TEST(AuthHmac, TakesWhatIsPublished) {
  advert_rules rules = made_rules();
  rules.trailer = true;
  for (const auto& [packet, ends] : {std::pair(vector4, ends4), std::pair(vector6, ends6)}) {
    const auto a = decode(packet, {ends, 255}, rules);
    ASSERT_TRUE(a) << name_of(a.error());
    EXPECT_EQ(a->priority, 200);
    EXPECT_EQ(hmac_receiver().check(packet, *a, ends.source, made_policy(), vector_time), std::nullopt);
  }
}

TEST(AuthHmac, RefusesEveryChangeOfThePublished) {
  const std::vector<std::pair<std::size_t, verdict>> changes = {{2, forged},      // priority
                                                                {5, forged},      // interval
                                                                {6, {}},          // checksum: not signed
                                                                {7, {}},          // likewise
                                                                {23, forged},     // address
                                                                {24, malformed},  // scheme
                                                                {25, unknown_key}, {26, malformed}, {27, malformed},
                                                                {28, stale},   // a second's highest byte
                                                                {31, forged},  // its lowest
                                                                {33, forged},  // fraction
                                                                {35, forged},  // counter
                                                                {36, forged},      {51, forged}};
  for (const auto& [at, expected] : changes) {
    bytes packet = vector6;
    packet[at] ^= 1;
    EXPECT_EQ(check6(packet), expected) << "byte " << at;
  }
  EXPECT_EQ(check6(vector6, made_policy(), vector_time, made_address("fe80::20")), forged) << "another source";
  bytes packet = vector6;
  packet[1] = 52;
  EXPECT_EQ(check6(packet), forged) << "another virtual router";
  packet = vector6;
  packet[0] = 0x21;
  EXPECT_EQ(check6(packet), forged) << "another version";
}

TEST(AuthHmac, RefusesEveryFlippedBitOfTheTag) {
  for (std::size_t bit = 0; bit < 128; ++bit) {
    bytes packet = vector6;
    packet[packet.size() - 16 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_EQ(check6(packet), forged);
  }
}

TEST(AuthHmac, SignsVersion2AndTheLongestAdverts) {
  hmac_sender sender;
  for (const advert& a : {made_advert(2, v4, 255), made_advert(3, v6, 255)}) {
    const ip_family family = family_of(a.addresses.front());
    bytes packet(max_advert_packet);
    const std::size_t size = encode(a, made_ends(family), a.form, packet);
    packet.resize(sender.sign(packet, size, made_ends(family), made_policy(), vector_time));
    advert_rules rules = made_rules();
    rules.trailer = true;
    const auto back = decode(packet, made_facts(family), rules);
    ASSERT_TRUE(back);
    EXPECT_EQ(hmac_receiver().check(packet, *back, made_ends(family).source, made_policy(), vector_time), verdict());
  }
}

TEST(AuthHmac, AsksForATrailerOnlyWhenEnforced) {
  const bytes packet = encoded(made_advert(3, v6));
  const advert plain = made_advert(3, v6);
  for (const auto& [mode, expected] : {std::pair(hmac_mode::receive, verdict()),
                                       {hmac_mode::permissive, verdict()},
                                       {hmac_mode::enforce, verdict(missing)}}) {
    EXPECT_EQ(hmac_receiver().check(packet, plain, from, made_policy(mode), vector_time), expected);
    bytes forgery = vector6;
    forgery.back() ^= 1;
    EXPECT_EQ(check6(forgery, made_policy(mode)), forged) << "a trailer that is there counts in every mode";
    EXPECT_EQ(check6(vector6, made_policy(mode)), std::nullopt);
  }
}

TEST(AuthHmac, ModesSayWhoSendsAndWhoReceives) {
  const auto is = [](hmac_mode mode, bool sends, bool receives) {
    return made_policy(mode).sends() == sends && made_policy(mode).receives() == receives;
  };
  EXPECT_TRUE(is(hmac_mode::off, false, false));
  EXPECT_TRUE(is(hmac_mode::receive, false, true));
  EXPECT_TRUE(is(hmac_mode::permissive, true, true));
  EXPECT_TRUE(is(hmac_mode::enforce, true, true));
}

TEST(AuthHmac, KnowsReplaysOfEachSenderApart) {
  hmac_receiver receiver;
  const auto hear = [&](const bytes& packet, const address& source = from) {
    return receiver.check(packet, trailed, source, made_policy(), vector_time);
  };
  EXPECT_EQ(hear(vector6), std::nullopt);
  EXPECT_EQ(hear(vector6), replayed);
  EXPECT_EQ(hear(vector6), replayed);

  hmac_sender other;  // an earlier sequence, of somebody else
  const bytes packet = signed_packet(other, vector_time - 2s);
  EXPECT_EQ(hear(packet, made_ends(v6).source), std::nullopt);
  EXPECT_EQ(hear(packet, made_ends(v6).source), replayed);
}

TEST(AuthHmac, SequenceGrowsWithoutTheClock) {
  hmac_sender sender;
  hmac_receiver receiver;
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const bytes packet = signed_packet(sender, vector_time - i * 10ms);  // it even runs backwards
    std::uint64_t sequence = 0;
    for (std::size_t at = 28; at < 36; ++at) sequence = sequence << 8 | packet[at];
    EXPECT_GT(sequence, last);
    last = sequence;
    EXPECT_EQ(receiver.check(packet, trailed, made_ends(v6).source, made_policy(), vector_time), std::nullopt);
  }
  EXPECT_EQ(last, 0x6800000080000000U + 99);
}

TEST(AuthHmac, WindowIsThreeIntervalsButFiveSeconds) {
  EXPECT_EQ(hmac_window(10ms), 5s);
  EXPECT_EQ(hmac_window(1s), 5s);
  EXPECT_EQ(hmac_window(1660ms), 5s);
  EXPECT_EQ(hmac_window(1670ms), 6s);
  EXPECT_EQ(hmac_window(2s), 6s);
  EXPECT_EQ(hmac_window(max_advert_interval), 123s);
}

TEST(AuthHmac, RefusesWhatIsOutsideTheWindow) {
  for (const int off : {-6, -5, 5, 6}) {
    const bool inside = off >= -5 && off <= 5;
    EXPECT_EQ(check6(vector6, made_policy(), vector_time + off * 1s), inside ? verdict() : verdict(stale)) << off;
  }
  hmac_policy wide = made_policy();
  wide.window = hmac_window(10s);
  EXPECT_EQ(check6(vector6, wide, vector_time + 30s), std::nullopt);
  EXPECT_EQ(check6(vector6, wide, vector_time + 31s), stale);
}

// A clock that was an hour ahead and is corrected must strand neither side (keepalived 2.4.3).
TEST(AuthHmac, RecoversFromAClockThatWasAhead) {
  hmac_sender sender;
  hmac_receiver receiver;
  const auto hear = [&](wall_time now) {
    return receiver.check(signed_packet(sender, now), trailed, made_ends(v6).source, made_policy(), now);
  };
  EXPECT_EQ(hear(vector_time + 1h), std::nullopt);
  EXPECT_EQ(hear(vector_time), std::nullopt) << "from the clock again";
  EXPECT_EQ(hear(vector_time), std::nullopt);
}

TEST(AuthHmac, KeepsGrowingWithinTheWindow) {
  hmac_sender sender;
  hmac_receiver receiver;
  for (const auto back : {0s, 4s}) {
    const wall_time now = vector_time - back;
    EXPECT_EQ(receiver.check(signed_packet(sender, now), trailed, made_ends(v6).source, made_policy(), now),
              std::nullopt);
  }
}

TEST(AuthHmac, SurvivesTheYear2106) {
  const wall_time end{std::chrono::seconds(0xffffffff)};
  hmac_sender sender;
  hmac_receiver receiver;
  for (int i = -3; i < 4; ++i) {
    const wall_time now = end + i * 1s;
    EXPECT_EQ(receiver.check(signed_packet(sender, now), trailed, made_ends(v6).source, made_policy(), now),
              std::nullopt);
  }
}

TEST(AuthHmac, RemembersTheSendersHeardLast) {
  hmac_receiver receiver;
  const hmac_policy policy = made_policy();
  const auto packet_of = [&](std::uint8_t number) {
    advert a = made_advert(3, v6);
    packet_ends ends = made_ends(v6);
    auto source = ends.source.bytes();
    source[14] = number;
    ends.source = address(source);
    bytes packet(max_advert_packet);
    hmac_sender sender;
    packet.resize(sender.sign(packet, encode(a, ends, a.form, packet), ends, policy, vector_time));
    return std::pair(packet, ends.source);
  };
  const auto hear = [&](std::uint8_t number) {
    const auto [packet, source] = packet_of(number);
    return receiver.check(packet, trailed, source, policy, vector_time);
  };
  for (std::uint8_t i = 0; i < max_hmac_senders; ++i) EXPECT_EQ(hear(i), std::nullopt);
  for (std::uint8_t i = 0; i < max_hmac_senders; ++i) EXPECT_EQ(hear(i), replayed);
  EXPECT_EQ(hear(0), replayed);
  EXPECT_EQ(hear(100), std::nullopt);
  EXPECT_EQ(hear(0), replayed);
  EXPECT_EQ(hear(1), std::nullopt) << "silent for longest: forgotten for the new one";
}

TEST(AuthHmac, LearnsNothingFromForgeries) {
  hmac_receiver receiver;
  bytes forgery = vector6;
  forgery[35] ^= 1;  // a later sequence
  EXPECT_EQ(receiver.check(forgery, trailed, from, made_policy(), vector_time), forged);
  EXPECT_EQ(receiver.check(vector6, trailed, from, made_policy(), vector_time), std::nullopt);
}

TEST(AuthHmac, RotatesKeysWithoutAGap) {
  hmac_policy both = made_policy();
  both.keys.push_back(*hmac_key::make(2, made_secret(64)));
  hmac_sender sender;
  const bytes old = signed_packet(sender, vector_time, both);
  both.signs_with = 2;
  const bytes young = signed_packet(sender, vector_time, both);
  hmac_receiver receiver;
  EXPECT_EQ(receiver.check(old, trailed, made_ends(v6).source, both, vector_time), std::nullopt);
  EXPECT_EQ(receiver.check(young, trailed, made_ends(v6).source, both, vector_time), std::nullopt);
  EXPECT_EQ(check6(young), unknown_key);
}

TEST(HmacKey, HasBetween32And64Bytes) {
  for (const std::size_t size : {0U, 31U, 65U}) EXPECT_FALSE(hmac_key::make(1, made_secret(size)));
  for (const std::size_t size : {32U, 64U}) {
    const auto key = hmac_key::make(255, made_secret(size));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->id(), 255);
    EXPECT_EQ(bytes(key->secret().begin(), key->secret().end()), made_secret(size));
  }
  EXPECT_FALSE(hmac_key::make(0, made_secret()));
}

TEST(HmacKey, ReadsAKeyFile) {
  const std::string digits = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
  for (const std::string end : {"", "\n"}) {
    const auto key = hmac_key::parse(1, "hex:" + digits + end);
    ASSERT_TRUE(key);
    EXPECT_EQ(bytes(key->secret().begin(), key->secret().end()), made_secret());
    EXPECT_EQ(hmac_key::parse(1, std::string(32, 'k') + end)->secret().size(), 32U);
  }
  for (const std::string& wrong : {std::string(), std::string("hex:"), "hex:" + digits.substr(2), "hex:" + digits + "0",
                                   "hex:" + digits + digits + "00", "hex:" + digits + "0g", std::string(31, 'k'),
                                   std::string(65, 'k'), "hex:" + digits + "\n\n"}) {
    EXPECT_FALSE(hmac_key::parse(1, wrong)) << wrong;
  }
}

TEST(HmacKey, LeavesNothingBehindWhereItWas) {
  static_assert(!std::is_copy_constructible_v<hmac_key> && !std::is_copy_assignable_v<hmac_key>);
  auto first = *hmac_key::make(1, made_secret());
  const auto* place = first.secret().data();
  hmac_key second = std::move(first);
  EXPECT_EQ(second.secret().size(), 32U);
  EXPECT_EQ(bytes(place, place + 32), bytes(32)) << "moved away";

  alignas(hmac_key) std::array<std::uint8_t, sizeof(hmac_key)> room{};
  auto* third = new (room.data()) hmac_key(std::move(second));
  const bytes secret = made_secret();
  const auto holds_it = [&] {
    return std::search(room.begin(), room.end(), secret.begin(), secret.end()) != room.end();
  };
  EXPECT_TRUE(holds_it());
  third->~hmac_key();
  EXPECT_FALSE(holds_it()) << "destroyed";
}

TEST(AuthHmac, NamesEveryRefusal) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < hmac_refusals; ++i) names.insert(name_of(static_cast<hmac_refusal>(i)));
  EXPECT_EQ(names.size(), hmac_refusals);
  EXPECT_EQ(name_of(replayed), "replayed") << "the last one";
}

}  // namespace
}  // namespace holdfast
