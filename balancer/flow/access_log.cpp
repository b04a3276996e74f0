#include "balancer/flow/access_log.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {

namespace {

template <class Number>
void append_number(std::string& out, Number n) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  out.append(digits.data(), end);
}

// Bytes in decimal, a dot behind each.
struct decimal {
  std::array<char, 4> text;
  std::uint8_t size;
};

constexpr std::array<decimal, 256> decimals = [] {
  std::array<decimal, 256> out{};
  for (std::size_t n = 0; n < out.size(); ++n) {
    decimal& one = out[n];
    for (const std::size_t unit : {100U, 10U, 1U}) {
      if (n >= unit || unit == 1) one.text[one.size++] = static_cast<char>('0' + n / unit % 10);
    }
    one.text[one.size++] = '.';
  }
  return out;
}();

// With a blank behind. Two of them are most of the work for a request's line, and address::text() takes thrice as long
// for an IPv4 one.
void append_address(std::string& out, const address& a) {
  if (!a.is_v4()) {
    (out += a.text()) += ' ';
    return;
  }
  std::array<char, 16> text;
  std::size_t size = 0;
  for (std::size_t i = a.bytes().size() - 4; i < a.bytes().size(); ++i) {
    const decimal& part = decimals[a.bytes()[i]];
    std::copy_n(part.text.begin(), part.text.size(), text.begin() + size);
    size += part.size;
  }
  text[size - 1] = ' ';
  out.append(text.data(), size);
}

std::int64_t milliseconds(auto d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

// Seconds with three decimals.
void append_time(std::string& out, wall_time when) {
  const std::int64_t ms = milliseconds(when.time_since_epoch());
  append_number(out, ms / 1000);
  out += '.';
  for (std::int64_t unit = 100; unit > 0; unit /= 10) out += static_cast<char>('0' + ms / unit % 10);
}

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_field(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_text(out, text);
}

void append_field(std::string& out, std::string_view name, std::uint64_t number) {
  out += ",\"";
  out += name;
  out += "\":";
  append_number(out, number);
}

}  // namespace

void append_request(std::string& out, const request_event& e) {
  if (e.client == address()) {
    (out += nameless_client) += ' ';
  } else {
    append_address(out, e.client);
  }
  (out += e.when) += ' ';
  if (e.server.path.empty()) {
    append_address(out, e.server.host);
  } else {
    (out += e.server.path) += ' ';
  }
  out += e.line;
  if (!e.from.empty()) (out += '\t') += e.from;
  out += '\n';
}

void append_closed(std::string& out, const closed_event& e) {
  out += "{\"time\":";
  append_time(out, e.when);
  append_field(out, "event", "closed");
  append_field(out, "service", e.service);
  append_field(out, "client", client_text(e.client));
  append_field(out, "server", e.server);
  append_field(out, "requests", e.requests);
  append_field(out, "line", e.line);
  append_field(out, "sent", e.sent);
  append_field(out, "received", e.received);
  append_field(out, "duration_ms", static_cast<std::uint64_t>(milliseconds(e.lasted)));
  append_field(out, "why", name_of(e.why));
  out += "}\n";
}

void append_penlogd(std::string& out, std::string_view line) {
  const std::size_t client_end = line.find(' ');
  const std::size_t time_end = client_end == line.npos ? line.npos : line.find(' ', client_end + 1);
  if (line.starts_with('{') || time_end == line.npos) {
    out += line;
  } else {
    out += "+ ";
    out += line.substr(0, client_end);
    out += line.substr(time_end);
  }
}

std::string_view name_of(close_reason why) {
  switch (why) {
    case close_reason::none: return "none";
    case close_reason::finished: return "finished";
    case close_reason::refused_by_acl: return "refused_by_acl";
    case close_reason::no_server: return "no_server";
    case close_reason::client_gone: return "client_gone";
    case close_reason::server_gone: return "server_gone";
    case close_reason::idle: return "idle";
    case close_reason::shut_down: return "shut_down";
    case close_reason::server_down: return "server_down";
    case close_reason::departed: return "departed";
    case close_reason::ordered: return "ordered";
  }
  return "";
}

}  // namespace holdfast
