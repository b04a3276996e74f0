// Addresses as values: IPv4 lives in IPv6's mapped range, so one 16-byte key serves both. Knows no socket and no
// resolver.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast {

enum class address_error : std::uint8_t { not_an_address, bad_prefix_length, bad_mask, bad_port };

// An IPv4 or IPv6 address, network byte order; IPv4 as ::ffff:a.b.c.d. Default: the unspecified IPv6 address.
class address {
 public:
  using bytes_type = std::array<std::uint8_t, 16>;

  address() = default;
  explicit address(const bytes_type& bytes) : bytes_(bytes) {}
  static address v4(std::uint32_t host_order);

  // "192.0.2.1", "2001:db8::1", "[2001:db8::1]". No names, no zone, no surrounding blanks.
  static result<address, address_error> parse(std::string_view text);

  bool is_v4() const;
  bool is_link_local() const { return bytes_[0] == 0xfe && (bytes_[1] & 0xc0U) == 0x80; }  // fe80::/10
  const bytes_type& bytes() const { return bytes_; }
  std::uint32_t v4_value() const;  // host order; only when is_v4()

  // The first `length` bits, the rest zero. length counts in the 128-bit form (IPv4 /24 is 120).
  address masked(unsigned length) const;

  std::string text() const;  // "192.0.2.1", "2001:db8::1"

  auto operator<=>(const address&) const = default;

 private:
  bytes_type bytes_{};
};

// A network: base has no bits beyond length. length counts in the 128-bit form.
struct prefix {
  address base;
  std::uint8_t length = 128;

  // "10.0.0.0/8", "2001:db8::/32", or a single address; host bits are masked away. For Pen: parse("10.0.0.0",
  // "255.0.0.0").
  static result<prefix, address_error> parse(std::string_view text);
  static result<prefix, address_error> parse(std::string_view base, std::string_view dotted_mask);

  bool contains(const address& a) const { return a.masked(length) == base; }
  std::string text() const;  // "10.0.0.0/8"; a single address without "/32" or "/128"
  bool operator==(const prefix&) const = default;
};

// Where a socket is: an address and port, or the path of a UNIX socket (path not empty).
struct endpoint {
  address host;
  std::uint16_t port = 0;
  std::string path;

  std::string text() const;  // "192.0.2.1:80", "[2001:db8::1]:80", "/run/x.sock"
  bool operator==(const endpoint&) const = default;
};

// 1..65535 in decimal digits, nothing else; 0 only when zero_allowed.
result<std::uint16_t, address_error> parse_port(std::string_view text, bool zero_allowed = false);

}  // namespace holdfast
