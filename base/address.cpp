#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr std::size_t mapped_bytes = 12;  // ::ffff:0:0/96
constexpr unsigned mapped_bits = 96;

template <class T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

address address::v4(std::uint32_t host_order) {
  bytes_type b{};
  b[10] = b[11] = 0xff;
  for (unsigned i = 0; i < 4; ++i) b[mapped_bytes + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address(b);
}

result<address, address_error> address::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == text.npos) return address_error::not_an_address;
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};  // inet_pton wants a terminated string
  if (text.empty() || text.size() >= buffer.size() || text.find('\0') != text.npos) {
    return address_error::not_an_address;
  }
  std::copy(text.begin(), text.end(), buffer.begin());
  bytes_type bytes{};
  if (text.find(':') != text.npos) {
    if (inet_pton(AF_INET6, buffer.data(), bytes.data()) != 1) return address_error::not_an_address;
    return address(bytes);
  }
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, buffer.data(), bytes.data() + mapped_bytes) != 1) return address_error::not_an_address;
  return address(bytes);
}

bool address::is_v4() const {
  static constexpr std::array<std::uint8_t, mapped_bytes> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(bytes_.data(), mapped.data(), mapped.size()) == 0;
}

std::uint32_t address::v4_value() const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value = value << 8 | bytes_[mapped_bytes + i];
  return value;
}

address address::masked(unsigned length) const {
  ensure(length <= 128);
  address out = *this;
  for (unsigned i = length / 8; i < 16; ++i) {
    const unsigned kept = i == length / 8 ? length % 8 : 0;
    out.bytes_[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return out;
}

std::string address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (!is_v4()) return inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  // The C library's goes through sprintf(), which the two addresses of a line in the access log made a third of all
  // instructions of ours for a short connection.
  char* end = buffer.data();
  for (unsigned i = 0; i < 4; ++i) {
    if (i > 0) *end++ = '.';
    end = std::to_chars(end, buffer.end(), bytes_[mapped_bytes + i]).ptr;
  }
  return {buffer.data(), end};
}

result<prefix, address_error> prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = address::parse(text.substr(0, slash));
  if (!base) return base.error();
  unsigned length = base->is_v4() ? 32 : 128;
  if (slash != text.npos) {
    const unsigned most = length;
    if (!parse_number(text.substr(slash + 1), length) || length > most) return address_error::bad_prefix_length;
  }
  if (base->is_v4()) length += mapped_bits;
  return prefix{base->masked(length), static_cast<std::uint8_t>(length)};
}

result<prefix, address_error> prefix::parse(std::string_view base, std::string_view dotted_mask) {
  const auto from = address::parse(base);
  if (!from || !from->is_v4()) return address_error::not_an_address;
  const auto mask = address::parse(dotted_mask);
  if (!mask || !mask->is_v4()) return address_error::bad_mask;
  const std::uint32_t holes = ~mask->v4_value();
  if ((holes & (holes + 1)) != 0) return address_error::bad_mask;  // ones must come before zeros
  unsigned length = mapped_bits;
  for (std::uint32_t bits = mask->v4_value(); bits != 0; bits <<= 1) ++length;
  return prefix{from->masked(length), static_cast<std::uint8_t>(length)};
}

std::string prefix::text() const {
  const bool four = base.is_v4() && length >= mapped_bits;
  if (length == 128) return base.text();
  return base.text() + '/' + std::to_string(four ? length - mapped_bits : length);
}

std::string endpoint::text() const {
  if (!path.empty()) return path;
  const std::string where = host.text();
  return (host.is_v4() ? where : '[' + where + ']') + ':' + std::to_string(port);
}

result<std::uint16_t, address_error> parse_port(std::string_view text, bool zero_allowed) {
  std::uint16_t port = 0;
  if (!parse_number(text, port) || (port == 0 && !zero_allowed)) return address_error::bad_port;
  return port;
}

}  // namespace holdfast
