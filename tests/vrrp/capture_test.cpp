// Adverts and announcements of other programs, as they were on the wire: see tests/data/vrrp/README.md.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <sstream>

#include "tests/vrrp/made_advert.h"
#include "tests/vrrp/pcap.h"
#include "vrrp/message/announce.h"

namespace holdfast {
namespace {

const std::string folder = "data/vrrp/";
constexpr std::array ours = {"v2", "v3", "v2uni", "v3uni", "vmac"};

advert_rules everything() {
  advert_rules rules;
  rules.version2 = rules.password = true;
  rules.least_hops = 0;
  rules.ids.set();
  return rules;
}

// Words of the readings that are not ours to read: fields of the IP header, and those we only check.
bool is_read(const std::string& word) {
  for (const char* other : {"ihl=", "tos=", "tc=", "id=", "df=", "auth=", "trail="}) {
    if (word.starts_with(other)) return false;
  }
  return true;
}

// The lines of a reading that hold `mark`, without time and the words above.
std::vector<std::string> reading(const std::string& name, const std::string& mark) {
  std::ifstream in(folder + name + ".txt");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.find(mark) == line.npos) continue;
    std::istringstream words(line);
    std::string word, kept;
    words >> word;
    while (words >> word) {
      if (is_read(word)) kept += (kept.empty() ? "" : " ") + word;
    }
    lines.push_back(kept);
  }
  return lines;
}

std::string mac_text(std::span<const std::uint8_t> mac) {
  std::string out;
  for (const std::uint8_t byte : mac.first(6)) {
    constexpr const char* digits = "0123456789abcdef";
    out += (out.empty() ? "" : ":") + std::string{digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::string read_advert(const captured_frame& frame, const captured_packet& packet, const advert& a) {
  std::ostringstream out;
  const bool two = a.version == 2;
  out << mac_text(std::span(frame).subspan(6)) << " > " << mac_text(frame);
  out << " VRRPv" << int{a.version} << (packet.facts.ends.source.is_v4() ? "/ip4 " : "/ip6 ")
      << packet.facts.ends.source.text() << " > " << packet.facts.ends.destination.text()
      << " ttl=" << int{packet.facts.hops} << " type=1 vrid=" << int{a.id} << " prio=" << int{a.priority}
      << " cnt=" << a.addresses.size() << " adv=" << a.interval / (two ? duration(1s) : advert_tick)
      << (two ? "s" : "cs");
  char separator = ' ';
  for (const address& one : a.addresses) {
    out << separator << one.text();
    separator = ',';
  }
  out << " len=" << packet.payload.size() << " checksum=" << (a.form == checksum_form::message ? "plain" : "pseudo");
  return out.str();
}

TEST(Captures, OfKeepalivedReadAsTheyShould) {
  for (const char* name : ours) {
    std::vector<std::string> lines;
    for (const captured_frame& frame : read_pcap(folder + name + ".pcap")) {
      const auto packet = ip_in(frame);
      if (!packet || packet->protocol != 112) continue;
      const auto a = decode(packet->payload, packet->facts, everything());
      ASSERT_TRUE(a) << name << ": " << name_of(a.error());
      lines.push_back(read_advert(frame, *packet, *a));
    }
    EXPECT_GT(lines.size(), 15U);
    EXPECT_EQ(lines, reading(name, "VRRPv")) << name;
  }
}

TEST(Captures, OfKeepalivedAreWhatWeWouldSend) {
  for (const char* name : ours) {
    for (const captured_frame& frame : read_pcap(folder + name + ".pcap")) {
      const auto packet = ip_in(frame);
      if (!packet || packet->protocol != 112) continue;
      const auto a = decode(packet->payload, packet->facts, everything());
      ASSERT_TRUE(a);
      EXPECT_EQ(encoded(*a, packet->facts.ends, a->form), bytes(packet->payload.begin(), packet->payload.end()));
    }
  }
}

// An ARP frame in which an address speaks of itself; "" for the others.
std::string read_arp(const captured_frame& frame, const neighbour_claim& claim) {
  const auto own = std::span(claim.who.bytes()).subspan(12);
  if (!std::equal(own.begin(), own.end(), frame.begin() + 38)) return "";
  return mac_text(std::span(frame).subspan(6)) + " > " + mac_text(frame) + " GARP op=" + std::to_string(frame[21]) +
         " " + claim.who.text() + " sha " + mac_text(claim.mac) + " tha " + mac_text(std::span(frame).subspan(32));
}

std::string read_neighbour(const captured_frame& frame, const neighbour_claim& claim) {
  const packet_ends ends = ip_in(frame)->facts.ends;
  std::ostringstream out;
  out << mac_text(std::span(frame).subspan(6)) << " > " << mac_text(frame) << " NA " << ends.source.text() << " > "
      << ends.destination.text() << " target " << claim.who.text() << " R=" << (frame[58] >> 7)
      << " S=" << claim.answered << " O=" << (frame[58] >> 5 & 1);
  return out.str();
}

TEST(Captures, TellTheNeighboursOfKeepalived) {
  for (const char* name : ours) {
    std::vector<std::string> arp, neighbour;
    for (const captured_frame& frame : read_pcap(folder + name + ".pcap")) {
      const auto claim = claim_in(frame);
      if (!claim) continue;
      if (claim->who.is_v4()) {
        const std::string line = read_arp(frame, *claim);
        if (!line.empty()) arp.push_back(line);
        continue;
      }
      neighbour.push_back(read_neighbour(frame, *claim));
      if (claim->answered) continue;
      const neighbour_frame same = announce(announcement::neighbour, claim->who, claim->mac);
      EXPECT_EQ(captured_frame(same.begin(), same.end()), frame) << "ours is the same, bit for bit";
    }
    EXPECT_EQ(arp, reading(name, " GARP ")) << name;
    EXPECT_EQ(neighbour, reading(name, " NA ")) << name;
  }
}

TEST(Captures, OfAnotherMakerReadAsTheyShould) {
  const std::map<unsigned, std::vector<const char*>> expected = {
      {42, {"10.4.42.1", "10.4.42.2", "10.4.42.3"}},
      {43, {"10.4.43.150"}},
      {44, {"10.4.44.100", "10.4.44.200"}},
      {45, {"fe80::200:5eff:fe00:22d", "2001::abcd:a"}},
      {46, {"fe80::200:5eff:fe00:22e", "2001::eeff:a", "2001::eeff:b", "2001::eeff:c", "2001::eeff:d"}}};
  std::map<unsigned, unsigned> seen;
  for (const captured_frame& frame : read_pcap(folder + "tcpdump-vrrp.pcap")) {
    const auto packet = ip_in(frame).value();
    const auto a = decode(packet.payload, packet.facts, everything());
    ASSERT_TRUE(a) << name_of(a.error());
    ++seen[a->id];
    advert_addresses addresses;
    for (const char* text : expected.at(a->id)) addresses.push_back(made_address(text));
    EXPECT_EQ(a->addresses, addresses);
    EXPECT_EQ(a->version, a->id <= 43 ? 2 : 3);
    EXPECT_EQ(a->password, a->id == 42);
    EXPECT_EQ(a->interval, 10s);
    EXPECT_TRUE(a->priority >= 191 && a->priority <= 197);

    advert_rules strict = everything();
    strict.password = false;
    strict.least_hops = 255;
    const auto refused = decode(packet.payload, packet.facts, strict);
    EXPECT_EQ(refused.has_value(), a->id != 42);
    if (!refused) {
      EXPECT_EQ(refused.error(), advert_refusal::password);
    }
  }
  EXPECT_EQ(seen, (std::map<unsigned, unsigned>{{42, 34}, {43, 34}, {44, 33}, {45, 32}, {46, 32}}));
}

TEST(Captures, ThatAreDamagedAreRefused) {
  constexpr std::size_t ethernet = 14, frame_relay = 5;
  unsigned refused = 0;
  for (const auto& [name, link] : {std::pair("tcpdump-vrrp-vrrp_print-oobr", frame_relay),
                                   std::pair("tcpdump-vrrp-vrrp_print-oobr-2", ethernet)}) {
    for (const captured_frame& frame : read_pcap(folder + name + ".pcap")) {
      const auto packet = ip_in(frame, link);
      ASSERT_TRUE(packet);
      EXPECT_EQ(packet->protocol, 112);
      EXPECT_FALSE(decode(packet->payload, packet->facts, everything())) << name << " packet " << refused;
      ++refused;
    }
  }
  EXPECT_EQ(refused, 13U);
}

}  // namespace
}  // namespace holdfast
