#include "protocols/http/simple_http.h"

#include <algorithm>
#include <charconv>

namespace holdfast {

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_word(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char l, char c) { return l == lower(c); });
}

// The value of a header field (its name in lower case), without the blanks before it; "" when there is none.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1, head.find('\r', at) - at - 1);
    if (!starts_with_word(line, name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == line.npos ? std::string_view() : line.substr(value);
  }
  return {};
}

}  // namespace

std::optional<simple_request> request_reader::next() {
  if (over_) return std::nullopt;
  const std::size_t skipped = std::min<std::uint64_t>(body_left_, unread_.size());
  unread_.erase(0, skipped);
  body_left_ -= skipped;
  const std::size_t end = unread_.find(end_of_head);
  if (end == unread_.npos && unread_.size() <= max_head) return std::nullopt;
  simple_request found{.is = simple_request::verdict::head_too_long, .last = true};
  if (end != unread_.npos) {
    found = read(std::string_view(unread_).substr(0, end + 2));
    unread_.erase(0, end + end_of_head.size());
  }
  over_ = found.last;
  return found;
}

// The head with the end of its last field.
simple_request request_reader::read(std::string_view head) {
  const std::string_view first = head.substr(0, head.find('\r'));
  const bool old = first.ends_with("HTTP/1.0");
  if (!old && !first.ends_with("HTTP/1.1")) return {.is = simple_request::verdict::not_http, .last = true};
  const std::string_view connection = field(head, "connection");
  const std::string_view length = field(head, "content-length");
  std::from_chars(length.data(), length.data() + length.size(), body_left_);
  const bool ends = starts_with_word(connection, "close") || (old && !starts_with_word(connection, "keep-alive"));
  return {.without_body = first.starts_with("HEAD "), .last = ends || !field(head, "transfer-encoding").empty()};
}

std::string encode(const text_answer& a) {
  std::string out = "HTTP/1.1 ";
  out.append(a.status).append("\r\nContent-Type: text/plain\r\nContent-Length: ").append(std::to_string(a.body.size()));
  out.append(a.last ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n");
  if (!a.without_body) out.append(a.body);
  return out;
}

}  // namespace holdfast
