#include "vrrp/message/checksum.h"

namespace holdfast {

namespace {

constexpr std::uint8_t protocol_vrrp = 112;

// Sum of 16-bit words, an odd byte at the end filled up with zero. Room for 65,536 words before it can overflow: an IP
// packet has half of that.
std::uint32_t word_sum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] << 8U : bytes[i];
  return sum;
}

std::uint16_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// The bytes that stand for an address in its own family's packets.
std::span<const std::uint8_t> own_bytes(const address& a) { return std::span(a.bytes()).subspan(a.is_v4() ? 12 : 0); }

}  // namespace

const address& vrrp_group(ip_family family) {
  static const address v4 = address::v4(0xe0000012);
  static const address v6 = *address::parse("ff02::12");
  return family == ip_family::v4 ? v4 : v6;
}

std::string_view name_of(checksum_form form) {
  switch (form) {
    case checksum_form::message: return "message";
    case checksum_form::pseudo: return "pseudo";
    case checksum_form::pseudo_group: return "pseudo-group";
  }
  return {};
}

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes) { return folded(word_sum(bytes)); }

std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes, const packet_ends& ends, std::uint8_t protocol) {
  const std::uint32_t head = word_sum(own_bytes(ends.source)) + word_sum(own_bytes(ends.destination)) + protocol +
                             static_cast<std::uint32_t>(bytes.size());
  return folded(head + word_sum(bytes));
}

std::uint16_t advert_checksum(std::span<const std::uint8_t> message, const packet_ends& ends, checksum_form form) {
  if (form == checksum_form::message) return internet_checksum(message);
  if (form == checksum_form::pseudo) return internet_checksum(message, ends, protocol_vrrp);
  return internet_checksum(message, {ends.source, vrrp_group(family_of(ends.source))}, protocol_vrrp);
}

std::optional<checksum_form> verified_form(std::span<const std::uint8_t> message, const packet_ends& ends,
                                           std::uint8_t version) {
  static constexpr checksum_form all[] = {checksum_form::message, checksum_form::pseudo, checksum_form::pseudo_group};
  std::span<const checksum_form> known(all);
  if (family_of(ends.source) == ip_family::v6) {
    known = known.subspan(1, 1);
  } else if (version == 2) {
    known = known.first(1);
  }
  for (const checksum_form form : known) {
    if (advert_checksum(message, ends, form) == 0) return form;
  }
  return std::nullopt;
}

}  // namespace holdfast
