#include "vrrp/message/announce.h"

#include <algorithm>

#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr mac_address broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr mac_address nobody = {};

constexpr std::uint16_t ethertype_arp = 0x0806;
constexpr std::uint16_t ethertype_ipv6 = 0x86dd;
constexpr std::uint8_t protocol_icmpv6 = 58;
constexpr std::uint8_t hop_limit = 255;
constexpr std::uint8_t solicitation = 135;
constexpr std::uint8_t advertisement = 136;
constexpr std::uint8_t source_mac_option = 1;
constexpr std::uint8_t target_mac_option = 2;
constexpr std::uint8_t flag_router = 0x80, flag_solicited = 0x40, flag_override = 0x20;

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t arp_bytes = 28;
constexpr std::size_t ipv6_bytes = 40;
constexpr std::size_t icmp_at = ethernet_bytes + ipv6_bytes;
constexpr std::size_t neighbour_bytes = 24;  // solicitation or advertisement without options
constexpr std::array<std::uint8_t, 6> arp_head = {0, 1, 0x08, 0x00, 6, 4};  // Ethernet, IPv4, and their sizes

address all_nodes() { return *address::parse("ff02::1"); }

// ff02::1:ff00:0 and the address's last 24 bits (RFC 4291 2.7.1).
address solicited_node(const address& a) {
  address::bytes_type bytes = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
  std::copy_n(a.bytes().begin() + 13, 3, bytes.begin() + 13);
  return address(bytes);
}

mac_address multicast_mac(const address& group) {
  const auto& b = group.bytes();
  return {0x33, 0x33, b[12], b[13], b[14], b[15]};
}

void put(neighbour_frame& out, std::span<const std::uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
void put8(neighbour_frame& out, std::uint8_t value) { out.push_back(value); }
void put16(neighbour_frame& out, std::uint16_t value) {
  put8(out, static_cast<std::uint8_t>(value >> 8));
  put8(out, static_cast<std::uint8_t>(value));
}
std::span<const std::uint8_t> four(const address& a) { return std::span(a.bytes()).subspan(12); }

struct arp {
  std::uint16_t operation = 1;  // 1 = request, 2 = reply
  address sender;
  mac_address sender_mac{};
  address target;
  mac_address target_mac{};
};

neighbour_frame arp_frame(const arp& a) {
  neighbour_frame out;
  put(out, broadcast);
  put(out, a.sender_mac);
  put16(out, ethertype_arp);
  put(out, arp_head);
  put16(out, a.operation);
  put(out, a.sender_mac);
  put(out, four(a.sender));
  put(out, a.target_mac);
  put(out, four(a.target));
  return out;
}

struct neighbour_message {
  std::uint8_t type = advertisement;
  std::uint8_t flags = 0;
  address target;
  std::uint8_t option = target_mac_option;  // 0 = none
};

neighbour_frame icmp_frame(const neighbour_message& m, const packet_ends& ends, const mac_address& mac) {
  const std::uint8_t option_bytes = m.option == 0 ? 0 : 8;
  neighbour_frame out;
  put(out, multicast_mac(ends.destination));
  put(out, mac);
  put16(out, ethertype_ipv6);
  put16(out, 0x6000);  // version 6, no class, no flow
  put16(out, 0);
  put16(out, static_cast<std::uint16_t>(neighbour_bytes + option_bytes));
  put8(out, protocol_icmpv6);
  put8(out, hop_limit);
  put(out, ends.source.bytes());
  put(out, ends.destination.bytes());
  put8(out, m.type);
  put8(out, 0);
  put16(out, 0);  // checksum
  put8(out, m.flags);
  put8(out, 0);
  put16(out, 0);
  put(out, m.target.bytes());
  if (m.option != 0) {
    put8(out, m.option);
    put8(out, option_bytes / 8);
    put(out, mac);
  }
  const std::uint16_t sum = internet_checksum(std::span(out).subspan(icmp_at), ends, protocol_icmpv6);
  out[icmp_at + 2] = static_cast<std::uint8_t>(sum >> 8);
  out[icmp_at + 3] = static_cast<std::uint8_t>(sum);
  return out;
}

std::uint16_t get16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

mac_address mac_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  mac_address out{};
  std::ranges::copy(bytes.subspan(at, out.size()), out.begin());
  return out;
}

address ipv4_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return address::v4(std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2));
}

address ipv6_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  address::bytes_type out{};
  std::ranges::copy(bytes.subspan(at, out.size()), out.begin());
  return address(out);
}

std::optional<neighbour_claim> claim_in_arp(std::span<const std::uint8_t> frame) {
  const auto body = frame.subspan(ethernet_bytes);
  if (body.size() < arp_bytes || !std::ranges::equal(body.first(arp_head.size()), arp_head)) return std::nullopt;
  const std::uint16_t operation = get16(body, 6);
  const address sender = ipv4_at(body, 14), target = ipv4_at(body, 24);
  if ((operation != 1 && operation != 2) || sender == address::v4(0)) return std::nullopt;
  const mac_address mac = mac_at(body, 8);
  const bool unasked = sender == target && mac_at(body, 18) == mac;  // else somebody's announcement was its question
  return neighbour_claim{.who = sender, .mac = mac, .answered = operation == 2 && !unasked};
}

// What the options say; none: they don't add up. `mac` is that of the frame, if there is none among them.
std::optional<neighbour_claim> claim_in_advertisement(std::span<const std::uint8_t> icmp, mac_address mac) {
  if (icmp.size() < neighbour_bytes || icmp[0] != advertisement || icmp[1] != 0) return std::nullopt;
  for (auto options = icmp.subspan(neighbour_bytes); !options.empty();) {
    const std::size_t size = options.size() < 2 ? 0 : options[1] * std::size_t{8};
    if (size == 0 || size > options.size()) return std::nullopt;
    if (options[0] == target_mac_option) mac = mac_at(options, 2);
    options = options.subspan(size);
  }
  const address target = ipv6_at(icmp, 8);
  if (target.bytes()[0] == 0xff) return std::nullopt;
  return neighbour_claim{.who = target, .mac = mac, .answered = (icmp[4] & flag_solicited) != 0};
}

std::optional<neighbour_claim> claim_in_icmp(std::span<const std::uint8_t> frame) {
  if (frame.size() < icmp_at + neighbour_bytes) return std::nullopt;
  const auto ip = frame.subspan(ethernet_bytes);
  const std::size_t size = get16(ip, 4);
  if (ip[0] >> 4 != 6 || ip[6] != protocol_icmpv6 || ip[7] != hop_limit) return std::nullopt;
  if (size < neighbour_bytes || size > ip.size() - ipv6_bytes) return std::nullopt;
  const packet_ends ends{.source = ipv6_at(ip, 8), .destination = ipv6_at(ip, 24)};
  const auto icmp = ip.subspan(ipv6_bytes, size);
  if (internet_checksum(icmp, ends, protocol_icmpv6) != 0) return std::nullopt;
  const auto claim = claim_in_advertisement(icmp, mac_at(frame, 6));
  if (claim && claim->answered && ends.destination.bytes()[0] == 0xff) return std::nullopt;
  return claim;
}

constexpr duration turn_pause = std::chrono::milliseconds(1);

}  // namespace

std::string mac_text(const mac_address& mac) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : mac) {
    if (!out.empty()) out += ':';
    out += digits[byte >> 4];
    out += digits[byte & 15U];
  }
  return out;
}

mac_address virtual_mac(std::uint8_t id, ip_family family) {
  return {0x00, 0x00, 0x5e, 0x00, static_cast<std::uint8_t>(family == ip_family::v4 ? 1 : 2), id};
}

neighbour_frame announce(announcement how, const address& who, const mac_address& mac, bool router) {
  ensure(how == announcement::question || who.is_v4() == (how != announcement::neighbour));
  switch (how) {
    case announcement::arp_request: return arp_frame({1, who, mac, who, nobody});
    case announcement::arp_reply: return arp_frame({2, who, mac, who, mac});
    case announcement::question:
      if (who.is_v4()) return arp_frame({1, address::v4(0), mac, who, nobody});
      return icmp_frame({solicitation, 0, who, 0}, {address(), solicited_node(who)}, mac);
    case announcement::neighbour: break;
  }
  const auto flags = static_cast<std::uint8_t>(flag_override | (router ? flag_router : 0));
  return icmp_frame({advertisement, flags, who, target_mac_option}, {who, all_nodes()}, mac);
}

neighbour_frame ask_for(const address& target, const address& ours, const mac_address& mac) {
  ensure(target.is_v4() == ours.is_v4());
  if (target.is_v4()) return arp_frame({1, ours, mac, target, nobody});
  return icmp_frame({solicitation, 0, target, source_mac_option}, {ours, solicited_node(target)}, mac);
}

std::optional<neighbour_claim> claim_in(std::span<const std::uint8_t> frame) {
  if (frame.size() < ethernet_bytes) return std::nullopt;
  const std::uint16_t ethertype = get16(frame, 12);
  if (ethertype == ethertype_arp) return claim_in_arp(frame);
  if (ethertype == ethertype_ipv6) return claim_in_icmp(frame);
  return std::nullopt;
}

std::optional<neighbour_claim> claim_in_message(std::span<const std::uint8_t> icmp) {
  const auto claim = claim_in_advertisement(icmp, nobody);
  return claim && claim->mac != nobody ? claim : std::nullopt;
}

announcer::effects announcer::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> announcer::deadline() const {
  if (entries_.empty()) return std::nullopt;
  return std::max(next_turn_, std::ranges::min(entries_, {}, &entry::due).due);
}

void announcer::take(const announce& e, instant now, effects&) {
  const auto known = std::ranges::find(entries_, e.who, &entry::who);
  if (known != entries_.end()) {
    if (known->round == 0) return;  // about to start
    known->round = 0;
    known->began = now;
    known->due = std::max(now, known->last + restart_pause);
  } else if (entries_.size() < most_addresses) {
    entries_.push_back({.who = e.who, .began = now, .last = {}, .due = now, .round = 0});
  } else {
    ++refused_;
  }
}

void announcer::take(const changed& e, instant, effects&) { is_ = e.to; }

void announcer::take(const withdraw& e, instant, effects&) {
  std::erase_if(entries_, [&](const entry& one) { return one.who == e.who; });
}

void announcer::take(const withdraw_all&, instant, effects&) { entries_.clear(); }

void announcer::take(const wake&, instant now, effects& out) {
  if (now < next_turn_) return;  // a timer set before the last turn
  for (std::size_t round = 0; round <= first_pauses.size(); ++round) {
    for (entry& one : entries_) {
      if (std::min(one.round, first_pauses.size()) != round || one.due > now) continue;
      const frames said = frames_of(one, now);
      if (out.size() + said.size() > frames_a_turn) break;
      out.insert(out.end(), said.begin(), said.end());
      go_on(one, now);
    }
  }
  if (out.empty()) return;
  next_turn_ = now + turn_pause;
  std::erase_if(entries_, [&](const entry& one) { return one.last == one.due; });
}

bool announcer::is_settled(const entry& one, instant now) const {
  return one.round >= first_pauses.size() && now - one.began >= std::max(longest_unrest, is_.lease + lease_error);
}

announcer::frames announcer::frames_of(const entry& one, instant now) const {
  frames out;
  if (one.who.is_v4()) {
    out.push_back({announcement::arp_request, one.who});
    out.push_back({announcement::arp_reply, one.who});
  } else {
    out.push_back({announcement::neighbour, one.who});
  }
  if (is_settled(one, now)) out.push_back({announcement::question, one.who});
  return out;
}

// The pauses are counted from when a frame was really sent: after a delay, rounds do not follow in a burst. Due at its
// last frame: it has said all.
void announcer::go_on(entry& one, instant now) {
  const bool settled = is_settled(one, now);
  if (one.round == 0) one.began = now;
  const duration fast = one.round < first_pauses.size() ? first_pauses[one.round] : later_pause;
  ++one.round;
  one.last = now;
  one.due = now + (settled ? is_.every : fast);
}

}  // namespace holdfast
