// What adverts travel in: the groups they go to, and the IPv4 header that raw sockets leave in front of them.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"

namespace holdfast {

// 224.0.0.18, ff02::12: every router of virtual addresses hears them (RFC 9568, 5.1.1.2 and 5.1.2.2).
address vrrp_group(bool ipv6);

// What an IPv4 datagram carries; empty when its header contradicts itself.
std::span<const std::uint8_t> without_ipv4_header(std::span<const std::uint8_t> datagram);

}  // namespace holdfast
