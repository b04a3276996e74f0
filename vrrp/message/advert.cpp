#include "vrrp/message/advert.h"

#include <algorithm>
#include <array>

#include "base/ensure.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t header_bytes = 8;
constexpr std::size_t checksum_at = 6;
constexpr std::size_t auth_data_bytes = 8;  // version 2: after the addresses
constexpr std::uint8_t advertisement = 1;   // the only type

std::size_t address_bytes(ip_family family) { return family == ip_family::v4 ? 4 : 16; }

bool takes(const advert_rules& rules, std::uint8_t version, ip_family family) {
  if (version == 2) return rules.version2 && family == ip_family::v4;
  return version == 3 && rules.version3;
}

duration interval_in(std::span<const std::uint8_t> bytes, std::uint8_t version) {
  if (version == 2) return bytes[5] * 1s;
  return ((bytes[4] & 0x0fU) << 8 | bytes[5]) * advert_tick;  // four reserved bits before it: ignored
}

std::optional<advert_refusal> refused_auth(std::uint8_t type, const advert_rules& rules) {
  if (type == 0) return std::nullopt;
  if (type == 1) return rules.password ? std::nullopt : std::optional(advert_refusal::password);
  return type == 2 ? advert_refusal::auth_header : advert_refusal::auth_type;
}

address address_at(const std::uint8_t* at, ip_family family) {
  address::bytes_type bytes = address::v4(0).bytes();
  const std::size_t size = address_bytes(family);
  std::copy_n(at, size, bytes.end() - static_cast<std::ptrdiff_t>(size));
  return address(bytes);
}

std::optional<advert_refusal> refused_addresses(const advert_addresses& addresses, ip_family family) {
  if (addresses.empty()) return advert_refusal::no_address;
  if (family == ip_family::v4) return std::nullopt;
  if (!addresses.front().is_link_local()) return advert_refusal::not_link_local;
  const bool foreign = std::ranges::any_of(addresses, [](const address& a) { return a.is_v4(); });
  return foreign ? std::optional(advert_refusal::foreign_address) : std::nullopt;
}

// The message is whole and undamaged: do we want what it says?
result<advert, advert_refusal> read(std::span<const std::uint8_t> bytes, ip_family family, const advert_rules& rules) {
  advert a;
  a.version = bytes[0] >> 4;
  a.id = bytes[1];
  a.priority = bytes[2];
  if (a.id == 0 || !rules.ids.test(a.id)) return advert_refusal::unknown_id;
  if (a.version == 2) {
    if (const auto refusal = refused_auth(bytes[4], rules)) return *refusal;
    a.password = bytes[4] != 0;
  }
  a.interval = interval_in(bytes, a.version);
  if (a.interval == 0s) return advert_refusal::zero_interval;
  for (std::size_t i = 0; i < bytes[3]; ++i) {
    a.addresses.push_back(address_at(&bytes[header_bytes + i * address_bytes(family)], family));
  }
  if (const auto refusal = refused_addresses(a.addresses, family)) return *refusal;
  return a;
}

void ensure_sendable(const advert& a, ip_family family) {
  const bool two = a.version == 2;
  ensure(two ? family == ip_family::v4 : a.version == 3);
  ensure(a.id != 0 && !a.addresses.empty());
  ensure(a.interval > 0s && a.interval <= (two ? max_advert_interval_v2 : max_advert_interval));
  ensure(a.interval % (two ? 1s : advert_tick) == 0s);
  ensure(std::ranges::all_of(a.addresses, [&](const address& one) { return family_of(one) == family; }));
}

}  // namespace

std::string_view name_of(advert_refusal refusal) {
  static constexpr std::array<std::string_view, advert_refusals> names = {
      "hops",     "version",     "type",      "truncated",     "too-long",   "checksum",       "unknown-id",
      "password", "auth-header", "auth-type", "zero-interval", "no-address", "not-link-local", "foreign-address"};
  return names.at(static_cast<std::size_t>(refusal));
}

std::size_t advert_bytes(std::uint8_t version, ip_family family, std::size_t addresses) {
  return header_bytes + addresses * address_bytes(family) + (version == 2 ? auth_data_bytes : 0);
}

result<advert, advert_refusal> decode(std::span<const std::uint8_t> bytes, const advert_facts& facts,
                                      const advert_rules& rules) {
  const ip_family family = family_of(facts.ends.source);
  if (facts.hops < rules.least_hops) return advert_refusal::hops;
  if (bytes.empty()) return advert_refusal::truncated;
  const std::uint8_t version = bytes[0] >> 4;
  if (!takes(rules, version, family)) return advert_refusal::version;
  if ((bytes[0] & 0x0f) != advertisement) return advert_refusal::type;

  if (bytes.size() < header_bytes) return advert_refusal::truncated;
  const std::size_t size = advert_bytes(version, family, bytes[3]);
  if (bytes.size() < size) return advert_refusal::truncated;
  const bool trailer = rules.trailer && bytes.size() == size + trailer_bytes;
  if (bytes.size() > size && !trailer) return advert_refusal::too_long;

  const auto form = verified_form(family == ip_family::v4 ? bytes.first(size) : bytes, facts.ends, version);
  if (!form) return advert_refusal::checksum;
  auto a = read(bytes, family, rules);
  if (a) {
    a->form = *form;
    a->trailer = trailer;
  }
  return a;
}

std::size_t encode(const advert& a, const packet_ends& ends, checksum_form form, std::span<std::uint8_t> out) {
  const ip_family family = family_of(ends.source);
  ensure_sendable(a, family);
  const std::size_t size = advert_bytes(a.version, family, a.addresses.size());
  ensure(out.size() >= size && family_of(ends.destination) == family);
  const auto message = out.first(size);
  std::ranges::fill(message, std::uint8_t{0});

  message[0] = static_cast<std::uint8_t>(a.version << 4 | advertisement);
  message[1] = a.id;
  message[2] = a.priority;
  message[3] = static_cast<std::uint8_t>(a.addresses.size());
  const auto units = static_cast<std::uint16_t>(a.interval / (a.version == 2 ? 1s : advert_tick));
  message[4] = static_cast<std::uint8_t>(units >> 8);  // version 2: no authentication
  message[5] = static_cast<std::uint8_t>(units);
  const std::size_t width = address_bytes(family);
  auto* at = &message[header_bytes];
  for (const address& one : a.addresses) {
    at = std::copy_n(one.bytes().end() - static_cast<std::ptrdiff_t>(width), width, at);
  }

  if (family == ip_family::v6) form = checksum_form::pseudo;
  if (a.version == 2) form = checksum_form::message;
  const std::uint16_t sum = advert_checksum(message, ends, form);
  message[checksum_at] = static_cast<std::uint8_t>(sum >> 8);
  message[checksum_at + 1] = static_cast<std::uint8_t>(sum);
  return size;
}

}  // namespace holdfast
