#include "vrrp/election/advert_exchange.h"

#include <gtest/gtest.h>

#include "base/tls/digest_io.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

const address one = address::v4(0x0a000001), two = address::v4(0x0a000002), three = address::v4(0x0a000003);
const address service = address::v4(0xc0000250);
const address six = *address::parse("fe80::1"), other_six = *address::parse("fe80::2");
const address service6 = *address::parse("2001:db8::80");
const wall_time noon = wall_time(1'700'000'000s);
const instant now = instant(1h);

advert_exchange::parameters four() { return {.id = 51, .interval = 1s, .addresses = {service}, .peers = {}}; }

struct message {
  std::vector<std::uint8_t> bytes;
  address to;
};

std::vector<message> said_by(advert_exchange& v, const address& own, const hmac_policy& hmac = {}, bool ours = false) {
  std::vector<message> all;
  v.speak(100, own, ours, hmac, noon, [&](std::span<const std::uint8_t> bytes, const address& to) {
    all.push_back({{bytes.begin(), bytes.end()}, to});
  });
  return all;
}

result<advert_exchange::heard, advert_exchange::refusal> told(advert_exchange& v, const message& m, const address& from,
                                                              const address& own, const hmac_policy& hmac = {},
                                                              std::uint8_t hops = 255) {
  return v.hear(m.bytes, {{from, m.to}, hops}, own, hmac, now, noon);
}

hmac_policy policy(hmac_mode mode, char fill = 'k') {
  hmac_policy p{.mode = mode, .keys = {}, .signs_with = 1, .window = 5s, .mac = &hmac_sha256};
  p.keys.push_back(*hmac_key::make(1, std::vector<std::uint8_t>(32, static_cast<std::uint8_t>(fill))));
  return p;
}

TEST(AdvertExchange, HearsWhatAnotherOneSays) {
  advert_exchange a(four()), b(four());
  for (const message& m : said_by(a, one)) {
    EXPECT_EQ(m.to, vrrp_group(ip_family::v4));
    const auto heard = told(b, m, one, two);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->priority, 100);
    EXPECT_EQ(heard->interval, 1s);
    EXPECT_EQ(heard->from, one);
    EXPECT_TRUE(heard->same_addresses);
  }
  ASSERT_EQ(b.speakers().size(), 1U);
  EXPECT_EQ(b.speakers()[0].from, one);
}

TEST(AdvertExchange, SpeaksBothFormsUntilItKnowsWhoListens) {
  advert_exchange a(four()), b(four());
  const auto both = said_by(a, one);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_NE(both[0].bytes, both[1].bytes);
  EXPECT_EQ(said_by(a, one, {}, true).size(), 1U) << "agents of ours understand RFC 9568";
  for (const checksum_form form : {checksum_form::message, checksum_form::pseudo}) {
    advert_exchange::parameters p = four();
    p.checksum = form == checksum_form::message ? vrrp_checksum::rfc9568 : vrrp_checksum::rfc5798;
    advert_exchange peer(p);
    ASSERT_TRUE(told(a, said_by(peer, two)[0], two, one));
    const auto answer = said_by(a, one);
    ASSERT_EQ(answer.size(), 1U) << "it speaks as the peer does";
    EXPECT_EQ(verified_form(answer[0].bytes, {one, answer[0].to}, 3), form);
  }
}

TEST(AdvertExchange, PutsALinkLocalAddressFirstInIpv6) {
  advert_exchange a({.id = 7, .family = ip_family::v6, .addresses = {service6}, .peers = {}});
  advert_exchange b({.id = 7, .family = ip_family::v6, .addresses = {service6}, .peers = {}});
  const auto said = said_by(a, six);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].bytes[3], 2) << "its own goes first, for none is configured";
  const auto heard = told(b, said[0], six, other_six);
  ASSERT_TRUE(heard);
  EXPECT_TRUE(heard->same_addresses);
}

TEST(AdvertExchange, SaysThatAnotherListsOtherAddresses) {
  advert_exchange::parameters p = four();
  p.addresses = {three};
  advert_exchange a(p), b(four());
  const auto heard = told(b, said_by(a, one)[0], one, two);
  ASSERT_TRUE(heard) << "RFC 9568 7.1: no reason to discard";
  EXPECT_FALSE(heard->same_addresses);
}

TEST(AdvertExchange, SpeaksVersion2AndBoth) {
  advert_exchange::parameters p = four();
  p.version = vrrp_version::two;
  advert_exchange old(p);
  ASSERT_EQ(said_by(old, one).size(), 1U);
  EXPECT_EQ(said_by(old, one)[0].bytes[0], 0x21);
  advert_exchange three_only(four());
  EXPECT_EQ(told(three_only, said_by(old, one)[0], one, two).error(),
            advert_exchange::refusal(advert_refusal::version));
  p.version = vrrp_version::mixed;
  advert_exchange mixed(p);
  EXPECT_TRUE(told(mixed, said_by(old, one)[0], one, two));
  EXPECT_EQ(said_by(mixed, two).size(), 3U) << "both forms of version 3, and version 2";
}

TEST(AdvertExchange, RefusesAnotherIntervalInVersion2) {
  advert_exchange::parameters p = four();
  p.version = vrrp_version::two;
  advert_exchange a(p);
  p.interval = 2s;
  advert_exchange b(p);
  EXPECT_EQ(told(b, said_by(a, one)[0], one, two).error(),
            advert_exchange::refusal(advert_exchange::mismatch::interval));
}

TEST(AdvertExchange, SpeaksToPeersAndListensToNobodyElse) {
  advert_exchange::parameters p = four();
  p.peers = {two, three};
  p.checksum = vrrp_checksum::rfc9568;
  advert_exchange a(p);
  const auto said = said_by(a, one);
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].to, two);
  EXPECT_EQ(said[1].to, three);
  p.peers = {one};
  advert_exchange b(p);
  EXPECT_TRUE(told(b, said[0], one, two, {}, 64)) << "routers may lie between peers";
  EXPECT_EQ(told(b, said[0], three, two).error(), advert_exchange::refusal(advert_exchange::mismatch::stranger));
}

TEST(AdvertExchange, RefusesWhatCameThroughARouterAndWhatIsItsOwn) {
  advert_exchange a(four()), b(four());
  const message m = said_by(a, one)[0];
  EXPECT_EQ(told(b, m, one, two, {}, 254).error(), advert_exchange::refusal(advert_refusal::hops));
  EXPECT_EQ(told(b, m, one, one).error(), advert_exchange::refusal(advert_exchange::mismatch::itself));
  EXPECT_EQ(b.refused(), 2U);
  EXPECT_EQ(b.refused_by_kind()[advert_exchange::kind_of(advert_refusal::hops)], 1U);
}

TEST(AdvertExchange, EnforcesTrailers) {
  advert_exchange a(four()), b(four());
  const auto enforce = policy(hmac_mode::enforce);
  const auto plain = said_by(a, one);
  EXPECT_EQ(told(b, plain[0], one, two, enforce).error(), advert_exchange::refusal(hmac_refusal::missing));
  const auto sealed = said_by(a, one, enforce);
  EXPECT_TRUE(told(b, sealed[0], one, two, enforce));
  EXPECT_EQ(told(b, sealed[0], one, two, enforce).error(), advert_exchange::refusal(hmac_refusal::replayed));
  const auto strangers = said_by(a, one, policy(hmac_mode::enforce, 'x'));
  EXPECT_EQ(told(b, strangers[0], one, two, enforce).error(), advert_exchange::refusal(hmac_refusal::forged));
  EXPECT_TRUE(told(b, plain[1], one, two, policy(hmac_mode::permissive))) << "welcome while keys are rolled out";
}

TEST(AdvertExchange, HearsTheNodesOfTheClusterAloneOnceAllAreKnown) {
  advert_exchange a(four()), b(four());
  const auto hear = [&](const address& from, const acquaintances& known, const hmac_policy& hmac = {}) {
    const message m = said_by(a, from, hmac)[0];
    return b.hear(m.bytes, {{from, m.to}, 255}, two, hmac, now, noon, known);
  };
  acquaintances known;
  known.expect({"lb1"});
  EXPECT_TRUE(hear(three, known)) << "it may be lb1";
  known.named("lb1", one, address());
  EXPECT_TRUE(hear(one, known));
  EXPECT_EQ(hear(three, known).error(), advert_exchange::refusal(advert_exchange::mismatch::stranger));
  EXPECT_TRUE(hear(three, known, policy(hmac_mode::enforce))) << "a key has signed it";
  EXPECT_EQ(b.speakers().size(), 2U);
}

TEST(AdvertExchange, RemembersTheLatestSpeakersOnly) {
  advert_exchange b(four());
  for (std::uint32_t n = 0; n < advert_exchange::most_speakers + 3; ++n) {
    advert_exchange a(four());
    const address from = address::v4(0x0a000100 + n);
    ASSERT_TRUE(told(b, said_by(a, from)[0], from, two));
  }
  EXPECT_EQ(b.speakers().size(), advert_exchange::most_speakers);
  EXPECT_EQ(b.speakers().front().from, address::v4(0x0a000100 + advert_exchange::most_speakers + 2));
}

TEST(AdvertExchange, HasANameForEveryRefusal) {
  std::set<std::string_view> names;
  for (std::size_t kind = 0; kind < advert_exchange::refusals; ++kind)
    names.insert(advert_exchange::name_of_refusal(kind));
  EXPECT_EQ(names.size(), advert_exchange::refusals);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace holdfast
