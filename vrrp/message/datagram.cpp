#include "vrrp/message/datagram.h"

namespace holdfast {

address vrrp_group(bool ipv6) {
  if (!ipv6) return address::v4(0xe0000012);
  return address({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});
}

std::span<const std::uint8_t> without_ipv4_header(std::span<const std::uint8_t> datagram) {
  constexpr std::size_t least = 20;
  if (datagram.size() < least) return {};
  const std::size_t head = std::size_t{4} * (datagram[0] & 0x0fu);
  const std::size_t whole = std::size_t{datagram[2]} << 8 | datagram[3];
  if (head < least || whole < head || whole > datagram.size()) return {};
  return datagram.subspan(head, whole - head);
}

}  // namespace holdfast
