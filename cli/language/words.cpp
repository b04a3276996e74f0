#include "cli/language/words.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace holdfast {

namespace {

using namespace std::chrono;

struct time_unit {
  std::string_view name;
  duration length;
};
constexpr std::array<time_unit, 5> units{
    {{"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", milliseconds(1)}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; }
bool is_visible(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }

bool is_port(std::string_view text) { return text != "0" && is_port_or_zero(text); }

// Neither nobody nor many.
bool is_of_one_host(const address& a) {
  if (!a.is_v4()) return a != address{} && a.bytes()[0] != 0xff;
  const std::uint32_t first = a.v4_value() >> 24;
  return first != 0 && first < 224;
}

// An address, or a name that nobody could take for a number.
bool is_host(std::string_view text) {
  if (address::parse(text)) return true;
  return text.size() <= 253 && !text.empty() && (is_letter(text.front()) || is_digit(text.front())) &&
         std::any_of(text.begin(), text.end(), is_letter) && std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_bracketed(std::string_view text) { return text.size() > 2 && text.front() == '[' && text.back() == ']'; }

// Without brackets; IPv6 in its shortest form, so that a place has one spelling.
std::optional<std::string> read_host(std::string_view text) {
  if (const auto found = address::parse(text)) return found->text();
  return !is_bracketed(text) && is_host(text) ? std::optional<std::string>(text) : std::nullopt;
}

// HOST:PORT, parted at the last colon.
std::optional<place> read_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || !is_port(text.substr(colon + 1))) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') != host.npos && !is_bracketed(host)) return std::nullopt;
  const auto read = read_host(host);
  if (!read) return std::nullopt;
  return place{*read, std::string(text.substr(colon + 1)), ""};
}

// What Pen takes for one: all after the last colon is the port.
std::optional<place> read_bare_ipv6_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos || !is_port(text.substr(colon + 1))) return std::nullopt;
  const auto host = address::parse(text.substr(0, colon));
  if (!host || host->is_v4()) return std::nullopt;
  return place{host->text(), std::string(text.substr(colon + 1)), ""};
}

std::optional<place> read_path(std::string_view text) {
  return is_path(text) ? std::optional(place{"", "", std::string(text)}) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<duration> read_time(std::string_view text) {
  const auto digits = std::find_if_not(text.begin(), text.end(), is_digit) - text.begin();
  const std::string_view name = static_cast<std::size_t>(digits) == text.size() ? "s" : text.substr(digits);
  const auto number = read_number(text.substr(0, digits));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const time_unit& u) { return u.name == name; });
  if (!number || unit == units.end() || *number > static_cast<std::uint64_t>(max_time / unit->length))
    return std::nullopt;
  return static_cast<duration::rep>(*number) * unit->length;
}

std::string print_time(duration value) {
  if (value == duration::zero()) return "0";
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const time_unit& u) { return value % u.length == duration::zero(); });
  const time_unit& chosen = unit == units.end() ? units.back() : *unit;
  return std::to_string(value / chosen.length) + std::string(chosen.name);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && (is_letter(text.front()) || is_digit(text.front())) &&
         std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_group(std::string_view text) {
  return is_name(text) && text != "release" && text != "take" && text != "standby" && text != "announce";
}

bool is_interface(std::string_view text) {
  return !text.empty() && text.size() <= 15 && text.front() != '#' && text != "." && text != ".." &&
         text.find('/') == text.npos && std::all_of(text.begin(), text.end(), is_visible);
}

bool is_file(std::string_view text) {
  return !text.empty() && text.size() <= 1024 && text.front() != '#' &&
         std::all_of(text.begin(), text.end(), is_visible);
}

bool is_path(std::string_view text) {
  return is_file(text) && (text.starts_with('/') || text.starts_with("./") || text.starts_with("../"));
}

bool is_target(std::string_view text) {
  return is_file(text) && text.front() == '/' &&
         std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::uint32_t> mode_word::read(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value <= 0777 ? std::optional(value) : std::nullopt;
}

std::string mode_word::print(std::uint32_t value) {
  std::string text = "0";
  for (const int shift : {6, 3, 0}) text += static_cast<char>('0' + (value >> shift & 7));
  return text;
}

bool is_host_header(std::string_view text) {
  if (is_bracketed(text)) return address::parse(text.substr(1, text.size() - 2)).has_value();
  return is_host(text) || (read_host_and_port(text) && text.back() >= '0' && text.back() <= '9');
}

bool is_port_or_zero(std::string_view text) {
  if (text.empty() || text.size() > 32) return false;
  if (std::all_of(text.begin(), text.end(), is_digit)) {
    return (text.front() != '0' || text.size() == 1) && parse_port(text, true).has_value();
  }
  return is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_name_character);
}

std::optional<place> host_word::read(std::string_view text) {
  if (const auto path = read_path(text)) return path;
  if (const auto both = read_host_and_port(text)) return both;
  const auto host = read_host(text);
  return host ? std::optional(place{*host, "", ""}) : std::nullopt;
}

std::string host_word::print(const place& value) {
  if (!value.path.empty()) return value.path;
  if (value.port.empty()) return value.host;
  if (value.host.empty()) return value.port;
  const bool six = value.host.find(':') != value.host.npos;
  return (six ? '[' + value.host + ']' : value.host) + ':' + value.port;
}

std::optional<place> server_address_word::read(std::string_view text) {
  // What Pen writes for a slot that never had an address.
  if (text == "none" || text == pen_no_address) return place{};
  return host_word::read(text == "0" ? "0.0.0.0" : text);
}

std::string server_address_word::print(const place& value) {
  return value == place{} ? "none" : host_word::print(value);
}

std::optional<place> listen_word::read(std::string_view text) {
  if (const auto path = read_path(text)) return path;
  return tcp_word::read(text);
}

namespace {

// Digits, no name.
std::optional<std::uint16_t> port_number(std::string_view text) {
  const auto read = parse_port(text, false);
  return read ? std::optional(*read) : std::nullopt;
}

}  // namespace

std::optional<place> listen_range_word::read(std::string_view text) {
  const auto dash = text.rfind('-');
  const auto last = dash == text.npos ? std::nullopt : port_number(text.substr(dash + 1));
  auto first = last ? tcp_word::read(text.substr(0, dash)) : std::nullopt;
  const auto from = first ? port_number(first->port) : std::nullopt;
  if (!from) return listen_word::read(text);
  if (*last < *from || *last - *from >= static_cast<int>(max_listeners)) return std::nullopt;
  first->port += '-' + std::to_string(*last);
  return first;
}

std::vector<place> places_of(const place& range) {
  const auto dash = range.path.empty() ? range.port.find('-') : range.port.npos;
  const auto first = dash == range.port.npos ? std::nullopt : port_number(range.port.substr(0, dash));
  const auto last = first ? port_number(range.port.substr(dash + 1)) : std::nullopt;
  if (!last) return {range};
  std::vector<place> all;
  for (unsigned port = *first; port <= *last; ++port) all.push_back({range.host, std::to_string(port), {}});
  return all;
}

std::optional<place> tcp_word::read(std::string_view text) {
  if (is_port(text)) return place{"", std::string(text), ""};
  for (const std::string_view any : {"*:", ":"}) {
    if (text.starts_with(any) && is_port(text.substr(any.size())))
      return place{"", std::string(text.substr(any.size())), ""};
  }
  const auto both = read_host_and_port(text);
  return both ? both : read_bare_ipv6_and_port(text);
}

std::optional<place> peer_word::read(std::string_view text) { return read_host_and_port(text); }

std::optional<place> log_word::read(std::string_view text) {
  if (const auto both = read_host_and_port(text)) return both;
  return is_file(text) ? std::optional(place{"", "", std::string(text)}) : std::nullopt;
}

std::optional<address> address_word::read(std::string_view text) {
  const auto found = address::parse(text);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<say::link_address> link_address_word::read(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = address::parse(text.substr(0, slash));
  if (!host || !is_of_one_host(*host)) return std::nullopt;
  const std::uint8_t longest = host->is_v4() ? 32 : 128;
  if (slash == text.npos) return say::link_address{*host, longest};
  const auto length = read_number(text.substr(slash + 1));
  if (!length || *length < 1 || *length > longest) return std::nullopt;
  return say::link_address{*host, static_cast<std::uint8_t>(*length)};
}

std::string link_address_word::print(const say::link_address& value) {
  return value.host.text() + '/' + std::to_string(value.length);
}

std::optional<prefix> network_word::read(std::string_view text) {
  const auto found = prefix::parse(text);
  return found ? std::optional(*found) : std::nullopt;
}

std::optional<country> country_word::read(std::string_view text) {
  if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) return std::nullopt;
  const auto large = [](char c) { return static_cast<char>(c & ~0x20); };
  return country{{large(text[0]), large(text[1])}};
}

std::optional<say::statuses> statuses_word::read(std::string_view text) {
  const auto status = [](std::string_view digits) -> std::optional<std::uint16_t> {
    const auto value = digits.size() == 3 ? read_number(digits) : std::nullopt;
    return value && *value >= 100 && *value <= 599 ? std::optional(static_cast<std::uint16_t>(*value)) : std::nullopt;
  };
  if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '1' && text[0] <= '5') {
    const auto hundreds = static_cast<std::uint16_t>((text[0] - '0') * 100);
    return say::statuses{hundreds, static_cast<std::uint16_t>(hundreds + 99)};
  }
  const auto dash = text.find('-');
  const auto low = status(text.substr(0, dash));
  const auto high = dash == text.npos ? low : status(text.substr(dash + 1));
  if (!low || !high || *low > *high) return std::nullopt;
  return say::statuses{*low, *high};
}

std::string statuses_word::print(const say::statuses& value) {
  if (value.low % 100 == 0 && value.high == value.low + 99) return std::to_string(value.low / 100) + "xx";
  return std::to_string(value.low) + (value.low == value.high ? "" : '-' + std::to_string(value.high));
}

namespace {

template <class T, std::size_t N>
using names_of = std::array<std::pair<std::string_view, T>, N>;

template <class T, std::size_t N>
std::optional<T> named(const names_of<T, N>& names, std::string_view text) {
  for (const auto& [name, value] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

template <class T, std::size_t N>
std::string name_of(const names_of<T, N>& names, T value) {
  for (const auto& [name, known] : names) {
    if (known == value) return std::string(name);
  }
  return {};
}

constexpr names_of<fastclose, 4> fastcloses{
    {{"up", fastclose::up}, {"down", fastclose::down}, {"both", fastclose::both}, {"off", fastclose::off}}};
constexpr names_of<log_format, 3> log_formats{
    {{"pen", log_format::pen}, {"json", log_format::json}, {"paired", log_format::paired}}};
constexpr names_of<log_transport, 2> log_transports{
    {{"datagrams", log_transport::datagrams}, {"tls", log_transport::tls}}};
constexpr names_of<vrrp_version, 3> vrrp_versions{
    {{"2", vrrp_version::two}, {"3", vrrp_version::three}, {"mixed", vrrp_version::mixed}}};
constexpr names_of<vrrp_checksum, 3> vrrp_checksums{
    {{"auto", vrrp_checksum::automatic}, {"rfc9568", vrrp_checksum::rfc9568}, {"rfc5798", vrrp_checksum::rfc5798}}};
constexpr names_of<hmac_mode, 3> hmac_modes{
    {{"receive", hmac_mode::receive}, {"permissive", hmac_mode::permissive}, {"enforce", hmac_mode::enforce}}};

}  // namespace

std::optional<fastclose> fastclose_word::read(std::string_view text) { return named(fastcloses, text); }
std::string fastclose_word::print(fastclose value) { return name_of(fastcloses, value); }
std::optional<log_format> log_format_word::read(std::string_view text) { return named(log_formats, text); }
std::string log_format_word::print(log_format value) { return name_of(log_formats, value); }
std::optional<log_transport> log_transport_word::read(std::string_view text) { return named(log_transports, text); }
std::string log_transport_word::print(log_transport value) { return name_of(log_transports, value); }
std::optional<vrrp_version> vrrp_version_word::read(std::string_view text) { return named(vrrp_versions, text); }
std::string vrrp_version_word::print(vrrp_version value) { return name_of(vrrp_versions, value); }
std::optional<vrrp_checksum> vrrp_checksum_word::read(std::string_view text) { return named(vrrp_checksums, text); }
std::string vrrp_checksum_word::print(vrrp_checksum value) { return name_of(vrrp_checksums, value); }
std::optional<hmac_mode> hmac_mode_word::read(std::string_view text) { return named(hmac_modes, text); }
std::string hmac_mode_word::print(hmac_mode value) { return name_of(hmac_modes, value); }

}  // namespace holdfast
