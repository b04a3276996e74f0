// Adverts for tests, between 10.77.0.11 and 224.0.0.18, or fe80::11 and ff02::12; virtual router 51.
#pragma once

#include <vector>

#include "vrrp/message/advert.h"

namespace holdfast {

using namespace std::chrono_literals;

using bytes = std::vector<std::uint8_t>;

inline address made_address(const char* text) { return *address::parse(text); }

inline packet_ends made_ends(ip_family family) {
  return {family == ip_family::v4 ? made_address("10.77.0.11") : made_address("fe80::11"), vrrp_group(family)};
}

inline advert_facts made_facts(ip_family family) { return {.ends = made_ends(family), .hops = 255}; }

// With `count` addresses: 10.77.1.0 on; or fe80::51:100, then fd77::0 on.
inline advert made_advert(std::uint8_t version, ip_family family, std::size_t count = 1) {
  advert a{.version = version, .id = 51, .priority = 150, .interval = 1s};
  for (std::size_t i = 0; i < count; ++i) {
    address::bytes_type six = made_address(i == 0 ? "fe80::51:100" : "fd77::").bytes();
    if (i > 0) six.back() = static_cast<std::uint8_t>(i);
    const auto four = address::v4(0x0a4d0100 + static_cast<std::uint32_t>(i));
    a.addresses.push_back(family == ip_family::v4 ? four : address(six));
  }
  a.form = version == 2 || family == ip_family::v4 ? checksum_form::message : checksum_form::pseudo;
  return a;
}

inline advert_rules made_rules() {
  advert_rules rules;
  rules.version2 = true;
  rules.ids.set(51);
  return rules;
}

inline bytes encoded(const advert& a, const packet_ends& ends, checksum_form form) {
  bytes out(max_advert_bytes);
  out.resize(encode(a, ends, form, out));
  return out;
}

inline bytes encoded(const advert& a) { return encoded(a, made_ends(family_of(a.addresses.front())), a.form); }

}  // namespace holdfast
