#include "vrrp/message/bpf_filter.h"

namespace holdfast {

namespace {

// A is the accumulator, X the index register; see linux/filter.h.
constexpr std::uint16_t load_byte = 0x30;                 // A = byte at value
constexpr std::uint16_t load_half = 0x28;                 // A = 16 bits at value
constexpr std::uint16_t load_word = 0x20;                 // A = 32 bits at value
constexpr std::uint16_t load_byte_behind = 0x50;          // A = byte at X + value
constexpr std::uint16_t header_length = 0xb1;             // X = 4 * (low half of the byte at value)
constexpr std::uint16_t set_index = 0x01;                 // X = value
constexpr std::uint16_t copy_to_index = 0x07;             // X = A
constexpr std::uint16_t mask = 0x54;                      // A = A & value
constexpr std::uint16_t equal = 0x15;                     // jumps: A == value?
constexpr std::uint16_t equal_index = 0x1d;               // jumps: A == X?
constexpr std::uint16_t end = 0x06;                       // value bytes of the packet are let in
constexpr std::uint32_t everything = 0xffffffff;          //
constexpr std::uint32_t nothing = 0;                      //
constexpr std::uint32_t network_header = 0u - 0x100000u;  // an offset from here counts from the IP header

}  // namespace

bpf_filter advert_filter(bool ipv6, std::span<const std::uint8_t> ids) {
  bpf_filter out;
  if (ipv6) {
    out.push_back({load_byte, 0, 0, network_header + 24});  // destination
    out.push_back({equal, 0, 3, 0xff});
    out.push_back({load_byte, 0, 0, network_header + 7});  // hop limit
  } else {
    out.push_back({load_byte, 0, 0, 16});  // destination
    out.push_back({mask, 0, 0, 0xf0});
    out.push_back({equal, 0, 3, 0xe0});
    out.push_back({load_byte, 0, 0, 8});  // TTL
  }
  out.push_back({equal, 1, 0, 255});
  out.push_back({end, 0, 0, nothing});
  out.push_back({ipv6 ? set_index : header_length, 0, 0, 0});
  out.push_back({load_byte_behind, 0, 0, 0});  // version and type
  out.push_back({equal, 2, 0, 0x21});
  out.push_back({equal, 1, 0, 0x31});
  out.push_back({end, 0, 0, nothing});
  out.push_back({load_byte_behind, 0, 0, 1});  // virtual router id
  for (const std::uint8_t id : ids) {
    out.push_back({equal, 0, 1, id});
    out.push_back({end, 0, 0, everything});
  }
  out.push_back({end, 0, 0, nothing});
  return out;
}

bpf_filter neighbour_filter() {
  return {
      {load_half, 0, 0, 12},    // 0: EtherType
      {equal, 0, 3, 0x0806},    // 1: ARP, else 5
      {load_half, 0, 0, 20},    // 2: operation
      {equal, 6, 0, 2},         // 3: reply: let in
      {end, 0, 0, nothing},     // 4
      {equal, 0, 5, 0x86dd},    // 5: IPv6, else 11
      {load_byte, 0, 0, 20},    // 6: next header
      {equal, 0, 3, 58},        // 7: ICMPv6, else 11
      {load_byte, 0, 0, 54},    // 8: type
      {equal, 0, 1, 136},       // 9: neighbour advertisement, else 11
      {end, 0, 0, everything},  // 10
      {end, 0, 0, nothing},     // 11
  };
}

bpf_filter claim_filter() {
  return {
      {load_half, 0, 0, 20},     // 0: operation
      {equal, 4, 0, 2},          // 1: reply: let in
      {load_word, 0, 0, 28},     // 2: sender
      {copy_to_index, 0, 0, 0},  // 3
      {load_word, 0, 0, 38},     // 4: target
      {equal_index, 0, 1, 0},    // 5: else 7
      {end, 0, 0, everything},   // 6
      {end, 0, 0, nothing},      // 7
  };
}

}  // namespace holdfast
