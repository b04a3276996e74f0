#include "tests/bench/reply_reader.h"

#include <charconv>

namespace holdfast::bench {

namespace {
constexpr std::size_t max_head = 512;
constexpr std::string_view length_field = "\r\nContent-Length: ";
}  // namespace

reply_reader::outcome reply_reader::take(std::string_view bytes) {
  if (!in_body_) {
    const std::size_t before = head_.size();
    head_.append(bytes.substr(0, max_head));
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) return head_.size() < max_head ? outcome::more : outcome::wrong;
    if (!read_head(std::string_view(head_).substr(0, end + 2))) return outcome::wrong;
    in_body_ = true;
    bytes.remove_prefix(end + 4 - before);
  }
  if (bytes.size() > left_) return outcome::wrong;
  left_ -= bytes.size();
  return left_ == 0 ? outcome::whole : outcome::more;
}

void reply_reader::restart() {
  head_.clear();
  left_ = 0;
  in_body_ = false;
}

bool reply_reader::read_head(std::string_view head) {
  const std::size_t field = head.find(length_field);
  if (!head.starts_with("HTTP/1.1 200 ") || field == std::string_view::npos) return false;
  const char* first = head.data() + field + length_field.size();
  const auto [end, error] = std::from_chars(first, head.data() + head.size(), left_);
  return error == std::errc{} && *end == '\r';
}

}  // namespace holdfast::bench
