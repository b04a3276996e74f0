// The types of words that commands are made of: how each is read, printed, and described when it is missing. Ranges of
// single values are here; limits of how many live in settings.h.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "cli/language/command.h"

namespace holdfast {

// What an argument takes: decides what completion offers.
enum class word_kind : std::uint8_t {
  service,
  server,
  acl,
  node,
  group,
  file,
  host_place,
  listen_place,
  log_place,
  port,
  address,
  link_address,
  interface,
  network,
  mask,
  country,
  time,
  count,
  identifier,
  statuses,
  target,
  choice,
  word,
  rest,          // all words that are left
  whole_command  // the same, and they are a command
};

// A word type W of values T: W::is, W::expects ("a number from 1 to 9", for "expected ..."), W::read(text) ->
// optional<T>, W::print(value) -> a text that reads back to the value.
template <class W, class T>
concept word_of = requires(std::string_view text, const T& value) {
  { W::is } -> std::convertible_to<word_kind>;
  { W::expects() } -> std::convertible_to<std::string>;
  { W::read(text) } -> std::same_as<std::optional<T>>;
  { W::print(value) } -> std::convertible_to<std::string>;
};

inline constexpr duration max_time = std::chrono::hours(24 * 3650);
inline constexpr std::string_view pen_no_address = "(unknown address family 0";  // one word to us, as Pen writes it

std::optional<duration> read_time(std::string_view text);  // "30", "2s", "100ms", "5m", "1h", "2d": 0 .. max_time
std::string print_time(duration value);                    // in the largest unit that gives a whole number: "90s", "2m"
std::optional<std::uint64_t> read_number(std::string_view text);

// From Least to Most in whole Steps; all in milliseconds.
inline constexpr std::int64_t longest_time = max_time / std::chrono::milliseconds(1);
template <std::int64_t Least = 0, std::int64_t Most = longest_time, std::int64_t Step = 1>
struct time_word {
  static constexpr word_kind is = word_kind::time;
  static std::string expects() {
    constexpr const char* examples = "a duration such as 30, 2s or 100ms";
    const auto text = [](std::int64_t ms) { return print_time(std::chrono::milliseconds(ms)); };
    if (Most == longest_time) return Least > 0 ? std::string(examples) + " (at least " + text(Least) + ')' : examples;
    const std::string range = "a duration from " + text(Least) + " to " + text(Most);
    return Step > 1 ? range + " in steps of " + text(Step) : range;
  }
  static std::optional<duration> read(std::string_view text) {
    const auto value = read_time(text);
    const bool fits = value && *value >= std::chrono::milliseconds(Least) && *value <= std::chrono::milliseconds(Most);
    return fits && *value % std::chrono::milliseconds(Step) == duration::zero() ? value : std::nullopt;
  }
  static std::string print(duration value) { return print_time(value); }
};

// off: zero.
template <std::int64_t Least, std::int64_t Most, std::int64_t Step = 1>
struct time_or_off_word : time_word<Least, Most, Step> {
  using timed = time_word<Least, Most, Step>;
  static std::string expects() { return timed::expects() + ", or off"; }
  static std::optional<duration> read(std::string_view text) {
    return text == "off" ? std::optional(duration::zero()) : timed::read(text);
  }
  static std::string print(duration value) { return value == duration::zero() ? "off" : timed::print(value); }
};

// How long the kernel keeps addresses; off: for ever.
struct lease_word : time_or_off_word<1000, 60'000, 1000> {
  static std::string expects() { return timed::expects() + ", auto or off"; }
  static std::optional<duration> read(std::string_view text) {
    return text == "auto" ? std::optional(automatic_time) : time_or_off_word::read(text);
  }
  static std::string print(duration value) { return value == automatic_time ? "auto" : time_or_off_word::print(value); }
};

// Between two adverts.
struct advert_interval_word : time_word<10, 40'950, 10> {
  static std::string expects() { return time_word::expects() + ", or auto"; }
  static std::optional<duration> read(std::string_view text) {
    return text == "auto" ? std::optional(automatic_time) : time_word::read(text);
  }
  static std::string print(duration value) { return value == automatic_time ? "auto" : time_word::print(value); }
};

template <std::uint64_t Least, std::uint64_t Most, class T = std::uint32_t>
struct count_word {
  static constexpr word_kind is = word_kind::count;
  static std::string expects() { return "a number from " + std::to_string(Least) + " to " + std::to_string(Most); }
  static std::optional<T> read(std::string_view text) {
    const auto value = read_number(text);
    if (!value || *value < Least || *value > Most) return std::nullopt;
    return static_cast<T>(*value);
  }
  static std::string print(T value) { return std::to_string(value); }
};

// 0 = as many as there are descriptors for.
struct conn_max_word : count_word<1, max_connections> {
  static std::string expects() { return count_word::expects() + ", or auto"; }
  static std::optional<std::uint32_t> read(std::string_view text) {
    return text == "auto" ? std::optional<std::uint32_t>(0) : count_word::read(text);
  }
  static std::string print(std::uint32_t value) { return value == 0 ? "auto" : count_word::print(value); }
};

// Permission bits in octal digits: 660 or 0660.
struct mode_word {
  static constexpr word_kind is = word_kind::word;
  static std::string expects() { return "the mode of a file, such as 0660"; }
  static std::optional<std::uint32_t> read(std::string_view text);
  static std::string print(std::uint32_t value);
};

struct identifier_word {  // of a connection
  static constexpr word_kind is = word_kind::identifier;
  static std::string expects() { return "the number of a connection"; }
  static std::optional<std::uint64_t> read(std::string_view text) { return read_number(text); }
  static std::string print(std::uint64_t value) { return std::to_string(value); }
};

bool is_name(std::string_view text);  // letters, digits, '.', '_', '-'; 1 to 64; begins with a letter or digit
bool is_group(
    std::string_view text);  // a name that is none of the words after `vrrp`: release, take, standby, announce
bool is_interface(std::string_view text);  // as Linux has it: 1 to 15 bytes, no blanks, no '/'
bool is_file(std::string_view text);
bool is_path(std::string_view text);  // of a UNIX socket: begins with /, ./ or ../
bool is_target(std::string_view text);
bool is_host_header(std::string_view text);   // HOST or HOST:PORT; IPv6 in brackets
bool is_port_or_zero(std::string_view text);  // digits without leading zeros, or a service's name

// Texts that stand for themselves.
template <word_kind Kind, bool (*Fits)(std::string_view), const char* Expects>
struct text_word {
  static constexpr word_kind is = Kind;
  static std::string expects() { return Expects; }
  static std::optional<std::string> read(std::string_view text) {
    return Fits(text) ? std::optional<std::string>(text) : std::nullopt;
  }
  static std::string print(const std::string& value) { return value; }
};

namespace expects {
inline constexpr char service[] = "the name of a service";
inline constexpr char server[] = "the number or name of a server";
inline constexpr char acl[] = "the number or name of an acl";
inline constexpr char node[] = "the name of a node";
inline constexpr char interface[] = "the name of an interface, at most 15 bytes";
inline constexpr char file[] = "a file name without blanks";
inline constexpr char target[] = "a path such as /healthz";
inline constexpr char account[] = "the name of a user or group";
inline constexpr char host_header[] = "a host name or address, perhaps with :PORT";
inline constexpr char port[] = "a port from 1 to 65535, or the name of one";
inline constexpr char word[] = "a word";
}  // namespace expects

using service_word = text_word<word_kind::service, is_name, expects::service>;
using server_word = text_word<word_kind::server, is_name, expects::server>;
using acl_word = text_word<word_kind::acl, is_name, expects::acl>;
using node_word = text_word<word_kind::node, is_name, expects::node>;
using interface_word = text_word<word_kind::interface, is_interface, expects::interface>;
using file_word = text_word<word_kind::file, is_file, expects::file>;
using target_word = text_word<word_kind::target, is_target, expects::target>;
using host_header_word = text_word<word_kind::word, is_host_header, expects::host_header>;
using account_word = text_word<word_kind::word, is_name, expects::account>;
using port_word = text_word<word_kind::port, is_port_or_zero, expects::port>;  // "0": Pen writes it for none
using any_word = text_word<word_kind::word, is_file, expects::word>;

// Where a server is: HOST[:PORT], [ADDRESS6][:PORT], an IPv6 address alone, or a path.
struct host_word {
  static constexpr word_kind is = word_kind::host_place;
  static std::string expects() { return "HOST[:PORT] or the path of a UNIX socket (IPv6 with a port in brackets)"; }
  static std::optional<place> read(std::string_view text);
  static std::string print(const place& value);
};

// As host_word, or `none`: a slot without an address; or Pen's 0, which is 0.0.0.0.
struct server_address_word : host_word {
  static std::string expects() { return host_word::expects() + ", or none"; }
  static std::optional<place> read(std::string_view text);
  static std::string print(const place& value);
};

// Where to listen: [HOST:]PORT, an IPv6 address with a port in brackets or as Pen has it (::1:8080, :::8080), or a
// path.
struct listen_word {
  static constexpr word_kind is = word_kind::listen_place;
  static std::string expects() { return "[ADDRESS:]PORT or the path of a UNIX socket (IPv6 in brackets)"; }
  static std::optional<place> read(std::string_view text);
  static std::string print(const place& value) { return host_word::print(value); }
};

// As listen_word, or a range of ports, at most max_listeners of them, which stands in `port`: "30000-30100".
struct listen_range_word : listen_word {
  static std::string expects() {
    return "[ADDRESS:]PORT, [ADDRESS:]PORT-PORT or the path of a UNIX socket (IPv6 in brackets)";
  }
  static std::optional<place> read(std::string_view text);
};
std::vector<place> places_of(const place& range);  // one a port; the place itself if it is no range

// As listen_word without paths.
struct tcp_word : listen_word {
  static std::string expects() { return "[ADDRESS:]PORT (IPv6 in brackets)"; }
  static std::optional<place> read(std::string_view text);
};

// As host_word, but with a port and without paths.
struct peer_word : host_word {
  static std::string expects() { return "HOST:PORT (IPv6 in brackets)"; }
  static std::optional<place> read(std::string_view text);
};

// Where lines go: HOST:PORT, else a file.
struct log_word {
  static constexpr word_kind is = word_kind::log_place;
  static std::string expects() { return "a file name without blanks, or HOST:PORT or unix:PATH of a penlogd"; }
  static std::optional<place> read(std::string_view text);
  static std::string print(const place& value) { return host_word::print(value); }
};

struct address_word {
  static constexpr word_kind is = word_kind::address;
  static std::string expects() { return "an IPv4 or IPv6 address"; }
  static std::optional<address> read(std::string_view text);
  static std::string print(const address& value) { return value.text(); }
};

// An address that an interface can have, and how long its network's prefix is; without /LENGTH it stands alone.
struct link_address_word {
  static constexpr word_kind is = word_kind::link_address;
  static std::string expects() { return "an address of one host, such as 192.0.2.80/24 or 2001:db8::80/64"; }
  static std::optional<say::link_address> read(std::string_view text);
  static std::string print(const say::link_address& value);
};

struct network_word {
  static constexpr word_kind is = word_kind::network;
  static std::string expects() { return "an address or network such as 192.0.2.0/24 or 2001:db8::/32"; }
  static std::optional<prefix> read(std::string_view text);
  static std::string print(const prefix& value) { return value.text(); }
};

struct country_word {
  static constexpr word_kind is = word_kind::country;
  static std::string expects() { return "the two letters of a country, such as GB"; }
  static std::optional<country> read(std::string_view text);  // small letters become large
  static std::string print(const country& value) { return {value.code[0], value.code[1]}; }
};

struct statuses_word {
  static constexpr word_kind is = word_kind::statuses;
  static std::string expects() { return "HTTP statuses such as 2xx, 200 or 200-399"; }
  static std::optional<say::statuses> read(std::string_view text);
  static std::string print(const say::statuses& value);
};

// The pair of words for a truth.
template <const char* True, const char* False>
struct either_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return std::string(True) + " or " + False; }
  static std::optional<bool> read(std::string_view text) {
    return text == True ? std::optional(true) : text == False ? std::optional(false) : std::nullopt;
  }
  static std::string print(bool value) { return value ? True : False; }
};

struct fastclose_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "up, down, both or off"; }
  static std::optional<fastclose> read(std::string_view text);
  static std::string print(fastclose value);
};

struct log_format_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "pen, json or paired"; }
  static std::optional<log_format> read(std::string_view text);
  static std::string print(log_format value);
};

struct log_transport_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "datagrams or tls"; }
  static std::optional<log_transport> read(std::string_view text);
  static std::string print(log_transport value);
};

struct vrrp_version_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "2, 3 or mixed"; }
  static std::optional<vrrp_version> read(std::string_view text);
  static std::string print(vrrp_version value);
};

struct vrrp_checksum_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "auto, rfc9568 or rfc5798"; }
  static std::optional<vrrp_checksum> read(std::string_view text);
  static std::string print(vrrp_checksum value);
};

struct hmac_mode_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "receive, permissive or enforce"; }
  static std::optional<hmac_mode> read(std::string_view text);
  static std::string print(hmac_mode value);
};

}  // namespace holdfast
