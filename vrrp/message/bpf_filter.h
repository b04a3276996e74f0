// Programs for the kernel's packet filter: what a socket lets in, so that a flood of other packets costs us nothing.
// Values only; the sockets load them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast {

// One instruction of classic BPF, with the layout of Linux's sock_filter.
struct bpf_instruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0;   // steps to jump over
  std::uint8_t if_false = 0;  //
  std::uint32_t value = 0;
};

using bpf_filter = std::vector<bpf_instruction>;

// For a raw socket of protocol 112: adverts of VRRPv2 or v3 with one of these virtual router ids, and when sent to a
// group, with a TTL or hop limit of 255 (RFC 9568, 7.1). Whatever else is wrong with them is the decoder's.
// In IPv4 such a socket sees the IP header, in IPv6 it doesn't.
bpf_filter advert_filter(bool ipv6, std::span<const std::uint8_t> ids);

// For a packet socket, which sees whole Ethernet frames: ARP replies, and ICMPv6 neighbour advertisements that directly
// follow the IPv6 header.
bpf_filter neighbour_filter();

// For a packet socket of ARP alone: replies, and requests for their own sender, which is how an address is announced.
bpf_filter claim_filter();

}  // namespace holdfast
