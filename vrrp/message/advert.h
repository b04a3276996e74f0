// A VRRP advertisement as a value, and as bytes: RFC 9568 (version 3), RFC 3768 (version 2). Knows no socket, no
// clock, and not what an advert means: that is router's.
#pragma once

#include <boost/container/static_vector.hpp>

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/machine.h"
#include "base/result.h"
#include "vrrp/message/checksum.h"

namespace holdfast {

inline constexpr std::size_t max_advert_addresses = 255;

// All sizes are those of the IP payload, in bytes.
inline constexpr std::size_t max_advert_bytes = 8 + 16 * max_advert_addresses;      // version 3, IPv6
inline constexpr std::size_t trailer_bytes = 28;                                    // see vrrp/message/auth_hmac.h
inline constexpr std::size_t max_advert_packet = max_advert_bytes + trailer_bytes;  // what a receiver must hold
inline constexpr duration advert_tick = std::chrono::milliseconds(10);              // unit of version 3's interval
inline constexpr duration max_advert_interval = 4095 * advert_tick;                 // of version 3
inline constexpr duration max_advert_interval_v2 = std::chrono::seconds(255);

using advert_addresses = boost::container::static_vector<address, max_advert_addresses>;

struct advert {
  std::uint8_t version = 3;                     // 2 or 3
  std::uint8_t id = 0;                          // of the virtual router, 1 to 255
  std::uint8_t priority = 0;                    // 255 = owner of the addresses, 0 = "I am leaving"
  duration interval{};                          // more than 0; version 3: whole ticks; version 2: whole seconds
  advert_addresses addresses{};                 // 1 to 255, all of the packet's family; IPv6: the link-local one first
  checksum_form form = checksum_form::message;  // the one that verified
  bool password = false;                        // version 2: it carried one in plain text; what it says is not kept
  bool trailer = false;                         // trailer_bytes follow the message, not yet looked at
  bool operator==(const advert&) const = default;
};

// What the IP header said. The family is the source's.
struct advert_facts {
  packet_ends ends;
  std::uint8_t hops = 0;  // TTL or hop limit on arrival
};

// What is taken here. The caller compares what depends on its own settings: version 2 demands that intervals agree.
struct advert_rules {
  bool version2 = false;  // in IPv4 only
  bool version3 = true;
  bool password = false;          // version 2 with a plain-text password is tolerated
  bool trailer = false;           // trailer_bytes may follow
  std::uint8_t least_hops = 255;  // unicast over routers needs less
  std::bitset<256> ids;           // of the virtual routers configured on that interface, in that family
};

// In the order of the checks: RFC 9568 7.1, then what must hold besides.
enum class advert_refusal : std::uint8_t {
  hops,             // fewer than least_hops: it came through a router
  version,          // not one we take; version 2 in IPv6
  type,             // not an advertisement
  truncated,        // shorter than its own address count says
  too_long,         // longer
  checksum,         // in none of its forms
  unknown_id,       // no such virtual router here
  password,         // version 2 with a plain-text password, not tolerated
  auth_header,      // version 2, IP authentication header: given up by RFC 3768
  auth_type,        // version 2, unknown authentication
  zero_interval,    //
  no_address,       // 5.2.5 with erratum 8299
  not_link_local,   // IPv6: the first address (5.2.9)
  foreign_address,  // an IPv4-mapped address in IPv6: of another family (5.2.9)
};
inline constexpr std::size_t advert_refusals = 14;

std::string_view name_of(advert_refusal refusal);  // one word for logs: "hops", "unknown-id"

// Of a message without trailer.
std::size_t advert_bytes(std::uint8_t version, ip_family family, std::size_t addresses);

// `bytes` is the payload of an IP packet, without Ethernet's padding. Never allocates. A list of addresses other than
// ours is no reason to refuse (RFC 9568 7.1). With a trailer, IPv4's checksum spans the message, IPv6's all of `bytes`.
result<advert, advert_refusal> decode(std::span<const std::uint8_t> bytes, const advert_facts& facts,
                                      const advert_rules& rules);

// Writes `a` to the front of `out` and returns its size; max_advert_bytes always suffice. `form` matters to version 3
// in IPv4 only: the rest has but one. Addresses stay in their order. Neither password nor trailer is ever written, and
// `a.form` is not looked at. An advert that breaks the limits above, or too little room, is our bug and aborts.
std::size_t encode(const advert& a, const packet_ends& ends, checksum_form form, std::span<std::uint8_t> out);

}  // namespace holdfast
