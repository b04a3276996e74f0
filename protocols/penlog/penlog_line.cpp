#include "protocols/penlog/penlog_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {

namespace {

constexpr std::size_t max_field = 128;  // bytes of a client's or a server's text; a path of a UNIX socket has 107
constexpr std::string_view hexadecimal = "0123456789ABCDEF";

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// The first field of `rest`, taken off with the blank behind it. "": there is none.
std::string_view take_field(std::string_view& rest) {
  const std::string_view field = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(field.size() + 1, rest.size()));
  return field;
}

bool is_field(std::string_view text) {
  const auto is_odd = [](char c) { return c == '\t' || is_control(c); };
  return !text.empty() && text.size() <= max_field && std::none_of(text.begin(), text.end(), is_odd);
}

// Takes "\tSOURCE" off the end.
std::optional<log_source> take_source(std::string_view& request) {
  const auto tab = request.rfind('\t');
  if (tab == request.npos) return std::nullopt;
  const auto source = read_log_source(request.substr(tab + 1));
  if (source) request = request.substr(0, tab);
  return source;
}

std::optional<int> number_in(std::string_view digits) {
  int value = 0;
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), value);
  return error == std::errc{} && stop == digits.end() && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<unsigned> month_in(std::string_view name) {
  constexpr std::array<std::string_view, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - names.begin()) + 1);
}

// " +0200"
std::optional<std::chrono::seconds> zone_in(std::string_view text) {
  if (text.size() != 6 || text[0] != ' ' || (text[1] != '+' && text[1] != '-')) return std::nullopt;
  const auto hours = number_in(text.substr(2, 2)), minutes = number_in(text.substr(4, 2));
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  const std::chrono::seconds east = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return text[1] == '+' ? east : -east;
}

// What a backslash and `c` stand for, if that is one byte.
std::optional<char> escape(char c) {
  switch (c) {
    case '"':
    case '\\': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return std::nullopt;
  }
}

std::optional<char> hexadecimal_byte(std::string_view digits) {
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc{} || stop != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::optional<log_source> read_log_source(std::string_view text) {
  if (const auto alone = address::parse(text)) return log_source{*alone, 0};
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::string_view before = text.substr(0, colon);
  const bool bracketed = before.starts_with('[') && before.ends_with(']');
  if (bracketed) before = before.substr(1, before.size() - 2);  // IPv4, too: nginx has one form for both
  const auto host = address::parse(before);
  const auto port = parse_port(text.substr(colon + 1));
  if (!host || !port) return std::nullopt;
  return log_source{*host, *port};
}

const char* describe(penlog_error why) {
  switch (why) {
    case penlog_error::empty: return "expected a line";
    case penlog_error::too_long: return "expected 65506 bytes at most";
    case penlog_error::no_balancer_line: return "expected CLIENT SERVER REQUEST behind the +";
    case penlog_error::no_request: return "expected a web server's line, with the request in quotes";
  }
  return "";
}

result<penlog_line, penlog_error> read_penlog_line(std::string_view line) {
  if (line.starts_with('+')) {
    if (line.size() > max_penlog_line) return penlog_error::too_long;
    std::string_view rest = line.substr(1);
    balancer_line made;
    if (!take_field(rest).empty()) return penlog_error::no_balancer_line;
    made.client = take_field(rest);
    made.server = take_field(rest);
    if (!is_field(made.client) || !is_field(made.server)) return penlog_error::no_balancer_line;
    made.source = take_source(rest);
    made.request = rest;
    return penlog_line(made);
  }
  std::string_view server;
  if (line.starts_with('@')) {
    server = take_field(line).substr(1);
    if (!is_field(server)) return penlog_error::no_request;
  }
  auto made = read_web_line(line);
  if (!made) return made.error();
  made->server = server;
  return penlog_line(*made);
}

result<balancer_line, penlog_error> read_filed_balancer_line(std::string_view line) {
  if (line.empty()) return penlog_error::empty;
  if (line.size() > max_penlog_line) return penlog_error::too_long;
  balancer_line made;
  made.client = take_field(line);
  const std::string_view digits = take_field(line);
  std::int64_t time = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), time);
  made.server = take_field(line);
  const bool is_time = error == std::errc{} && stop == digits.data() + digits.size() && time >= 0 && time < 1LL << 33;
  if (!is_field(made.client) || !is_time || !is_field(made.server)) return penlog_error::no_balancer_line;
  made.time = std::chrono::sys_seconds(std::chrono::seconds(time));
  made.source = take_source(line);
  made.request = line;
  return made;
}

result<web_line, penlog_error> read_web_line(std::string_view line) {
  if (line.empty()) return penlog_error::empty;
  if (line.size() > max_penlog_line) return penlog_error::too_long;
  web_line made{.server = {}, .text = line, .host = line.substr(0, line.find(' ')), .request = {}};
  const auto begin = line.find('"');
  if (begin == line.npos || made.host.empty() || begin < made.host.size()) return penlog_error::no_request;
  for (auto end = begin + 1; end < line.size(); ++end) {
    if (line[end] == '"') {
      made.request = line.substr(begin + 1, end - begin - 1);
      return made;
    }
    if (line[end] == '\\') ++end;
  }
  return penlog_error::no_request;
}

std::string unescaped(std::string_view logged) {
  std::string out;
  out.reserve(logged.size());
  while (!logged.empty()) {
    const auto slash = logged.find('\\');
    out += logged.substr(0, slash);
    if (slash == logged.npos) break;
    logged.remove_prefix(slash);
    const char next = logged.size() > 1 ? logged[1] : '\0';
    const auto byte = next == 'x' ? hexadecimal_byte(logged.substr(2, 2)) : escape(next);
    out += byte.value_or('\\');
    logged.remove_prefix(!byte ? 1 : next == 'x' ? 4 : 2);
  }
  return out;
}

std::optional<std::chrono::sys_seconds> time_of(std::string_view web_line, std::chrono::seconds zone) {
  constexpr std::string_view model = "10/Oct/2000:13:55:36";
  const auto begin = web_line.find('[', std::min(web_line.find(' '), web_line.size()));
  const auto end = begin == web_line.npos ? begin : web_line.find(']', begin);
  if (end == web_line.npos) return std::nullopt;
  const std::string_view text = web_line.substr(begin + 1, end - begin - 1);
  if (text.size() < model.size() || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' ||
      text[17] != ':')
    return std::nullopt;
  const auto day = number_in(text.substr(0, 2)), year = number_in(text.substr(7, 4)),
             hour = number_in(text.substr(12, 2)), minute = number_in(text.substr(15, 2)),
             second = number_in(text.substr(18, 2));
  const auto month = month_in(text.substr(3, 3));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  if (text.size() > model.size()) {
    const auto said = zone_in(text.substr(model.size()));
    if (!said) return std::nullopt;
    zone = *said;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) - zone;
}

void append_merged(std::string& out, std::string_view line, std::size_t host_size, const std::string* client) {
  if (client != nullptr) {
    out += *client;
    line.remove_prefix(host_size);
  }
  for (;;) {
    const auto* const odd = std::find_if(line.begin(), line.end(), is_control);
    out.append(line.begin(), odd);
    if (odd == line.end()) break;
    const auto byte = static_cast<unsigned char>(*odd);
    out += "\\x";
    out += hexadecimal[byte >> 4];
    out += hexadecimal[byte & 15];
    line.remove_prefix(static_cast<std::size_t>(odd - line.begin()) + 1);
  }
  out += '\n';
}

}  // namespace holdfast
