#include "balancer/flow/access_log.h"

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
  out += client_text(e.client);
  out += ' ';
  append_number(out, milliseconds(e.when.time_since_epoch()) / 1000);
  out += ' ';
  out += e.server.path.empty() ? e.server.host.text() : e.server.path;
  out += ' ';
  out += e.line;
  if (e.from.port != 0) (out += '\t') += e.from.text();
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
