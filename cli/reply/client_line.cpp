#include "cli/reply/client_line.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "cli/language/words.h"

namespace holdfast {

namespace {

constexpr std::uint64_t ms_of_a_day = 86'400'000;
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool stands_for_itself(char c) { return c > ' ' && c != ',' && c != '%' && c != '"' && c != '#' && c != '\x7f'; }

std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (stands_for_itself(c) || byte >= 0x80) {
      out += c;
    } else {
      out += '%';
      out += hex_digits[byte >> 4];
      out += hex_digits[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned byte = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || failed != std::errc{} || end != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

std::string time_text(std::uint64_t ms) {
  const std::chrono::sys_days day{std::chrono::days(ms / ms_of_a_day)};
  const std::chrono::year_month_day date(day);
  const auto rest = static_cast<unsigned>(ms % ms_of_a_day);
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), rest / 3'600'000,
                rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
  return out.data();
}

// Of digits alone, at its place in "2026-11-25T03:01:24.123Z".
std::optional<unsigned> digits_at(std::string_view text, std::size_t from, std::size_t count) {
  const auto value = read_number(text.substr(from, count));
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

std::optional<std::uint64_t> read_calendar_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return std::nullopt;
  }
  const auto at = [&](std::size_t from, std::size_t count) { return digits_at(text, from, count).value_or(0); };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(at(0, 4))), std::chrono::month(at(5, 2)),
                                         std::chrono::day(at(8, 2))};
  const std::uint64_t hour = at(11, 2), minute = at(14, 2), second = at(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  if (days < 0) return std::nullopt;
  return static_cast<std::uint64_t>(days) * ms_of_a_day + ((hour * 60 + minute) * 60 + second) * 1000 + at(20, 3);
}

std::optional<std::uint64_t> read_time_of(std::string_view text) {
  const auto ms = text.ends_with('Z') ? read_calendar_time(text) : read_number(text);
  return ms && *ms <= latest_client_time ? ms : std::nullopt;
}

std::string line_of(const client_line& c, const std::string& assigned, const std::string& used) {
  return c.service + ',' + c.client.text() + ',' + quoted(c.server) + ',' + assigned + ',' + used;
}

}  // namespace

std::string print(const client_line& c) { return line_of(c, time_text(c.assigned), time_text(c.used)); }

std::string print_short(const client_line& c) { return line_of(c, std::to_string(c.assigned), std::to_string(c.used)); }

result<client_line, std::string> read_client_line(std::string_view text) {
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool last = i + 1 == fields.size();
    const std::size_t end = last ? text.size() : text.find(',');
    if (end == text.npos) return failure{"expected " + std::string(client_line_heading)};
    fields.at(i) = text.substr(0, end);
    text.remove_prefix(last ? end : end + 1);
  }
  const auto client = address::parse(fields[1]);
  auto server = unquoted(fields[2]);
  const auto assigned = read_time_of(fields[3]), used = read_time_of(fields[4]);
  const auto no = [](const char* field, const char* expected) {
    return failure{std::string(field) + ": expected " + expected};
  };
  if (!is_name(fields[0])) return no("service", expects::service);
  if (!client) return no("client", "an address");
  if (!server) return no("server", "the name or HOST:PORT of one, with % and two digits for other bytes");
  constexpr const char* time = "a time such as 2026-11-25T03:01:24.123Z, or milliseconds since 1970";
  if (!assigned) return no("assigned", time);
  if (!used) return no("used", time);
  if (*used < *assigned) return no("used", "no time before that of assigned");
  return client_line{std::string(fields[0]), *client, std::move(*server), *assigned, *used};
}

}  // namespace holdfast
