// Internet checksums, and the forms in which VRRP adverts carry theirs. Knows bytes and addresses, but no advert.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/address.h"

namespace holdfast {

enum class ip_family : std::uint8_t { v4, v6 };

inline ip_family family_of(const address& a) { return a.is_v4() ? ip_family::v4 : ip_family::v6; }

// Where adverts go by default: 224.0.0.18 or ff02::12 (RFC 9568 5.1.1.2, 5.1.2.2).
const address& vrrp_group(ip_family family);

// Of an IP packet; both of one family.
struct packet_ends {
  address source;
  address destination;
  bool operator==(const packet_ends&) const = default;
};

// Over what the checksum of an advert is made. Version 2 knows `message` only, IPv6 `pseudo` only; version 3 in IPv4 is
// met in all three.
enum class checksum_form : std::uint8_t {
  message,       // the VRRP message alone (RFC 9568 5.2.8)
  pseudo,        // a pseudo-header before it (RFC 8200 8.1; RFC 5798 was read so for IPv4 too)
  pseudo_group,  // the same, with 224.0.0.18 as destination of unicast: keepalived of old (its issue 642)
};
inline constexpr std::size_t checksum_forms = 3;

std::string_view name_of(checksum_form form);  // "message", "pseudo", "pseudo-group"

// RFC 1071. Over bytes that hold their own right checksum it is 0.
std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes);

// The same with a pseudo-header before `bytes`: RFC 8200 8.1, or for IPv4 RFC 9293 3.1.
std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes, const packet_ends& ends, std::uint8_t protocol);

// Of a whole VRRP message.
std::uint16_t advert_checksum(std::span<const std::uint8_t> message, const packet_ends& ends, checksum_form form);

// The first form that `message` verifies by, among those its version and family know; none: it is damaged. Two forms
// verify only where both make the same checksum.
std::optional<checksum_form> verified_form(std::span<const std::uint8_t> message, const packet_ends& ends,
                                           std::uint8_t version);

}  // namespace holdfast
