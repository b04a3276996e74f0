#include "protocols/http/http_head.h"

#include <algorithm>
#include <cstring>

namespace holdfast {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '\\'; }

// is_plain of eight bytes: one that is not has, or gets here, its highest bit.
bool eight_plain(const char* at) {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  const std::uint64_t odd = bytes | (bytes - each * ' ') | (bytes + each) | ((bytes ^ each * '\\') - each);
  return (odd & each * 0x80) == 0;
}

bool all_plain(std::string_view text) {
  if (text.size() < 8) return std::all_of(text.begin(), text.end(), is_plain);
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    if (!eight_plain(text.data() + at)) return false;
  }
  return eight_plain(text.data() + text.size() - 8);
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

constexpr std::string_view tls_handshake = "\\x16\\x03";  // record type 22, version 3.x; escaped
constexpr std::size_t controls_most = 4;                  // in a line of text

constexpr std::string_view model = "HTTP/1.x NNN ";
constexpr std::size_t version_at = 5, minor_at = 7, code_at = 9, end_at = 12;

}  // namespace

bool request_line::feed(std::string_view piece) {
  if (complete_) return true;
  const std::size_t end = piece.find('\n');
  std::string_view line = piece.substr(0, end);
  const bool cut = size_ + line.size() >= max_request_line;
  const bool ended = end != piece.npos && !cut;
  complete_ = cut || ended;
  line = line.substr(0, max_request_line - size_);
  size_ += line.size();
  for (auto rest = line.begin(); rest != line.end();) {
    const auto odd = std::find_if_not(rest, line.end(), is_plain);
    text_.append(rest, odd);
    rest = odd;
    if (rest == line.end()) break;
    controls_ += is_control(*rest);
    append_escaped(text_, *rest++);
  }
  if (text_.starts_with(tls_handshake)) return name("TLS-hello");
  if (controls_ > controls_most) return name("-");
  // Only now is it known that a carriage return belonged to the line's end.
  if (ended && text_.ends_with("\\x0D")) text_.resize(text_.size() - 4);
  return complete_;
}

void request_line::clear() {
  text_.clear();
  size_ = 0;
  controls_ = 0;
  complete_ = false;
  text_like_ = true;
}

std::optional<std::string_view> plain_request_line(std::string_view piece) {
  const std::size_t end = piece.substr(0, max_request_line).find('\n');
  if (end == piece.npos) return std::nullopt;
  std::string_view line = piece.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return all_plain(line) ? std::optional(line) : std::nullopt;
}

bool request_line::name(std::string_view what) {
  text_ = what;
  text_like_ = false;
  return complete_ = true;
}

result<std::optional<std::uint16_t>, http_error> status_line_decoder::fail(http_error e) {
  stage_ = stage::broken;
  return error_ = e;
}

// Says what is wrong with the bytes so far, as early as it can be known.
std::optional<http_error> status_line_decoder::judge() const {
  for (std::size_t i = 0; i < std::min(size_, start_.size()); ++i) {
    const char c = start_[i];
    if (i < version_at && c != model[i]) return http_error::not_http;
    if (i >= version_at && i < minor_at && c != model[i]) return http_error::bad_version;
    if (i == minor_at && !is_digit(c)) return http_error::bad_version;
    if (i == code_at - 1 && c != ' ') return http_error::bad_version;
    if (i >= code_at && i < end_at && (!is_digit(c) || (i == code_at && c == '0'))) return http_error::bad_status;
    if (i == end_at && c != ' ' && c != '\r' && c != '\n') return http_error::bad_status;
  }
  return std::nullopt;
}

result<std::optional<std::uint16_t>, http_error> status_line_decoder::feed(std::string_view piece) {
  for (const char c : piece) {
    if (stage_ == stage::complete || stage_ == stage::broken) break;
    if (size_ < start_.size()) start_[size_] = c;
    ++size_;
    if (stage_ == stage::start) {
      if (const auto wrong = judge()) return fail(*wrong);
      if (size_ == start_.size()) stage_ = stage::reason;
    }
    if (stage_ == stage::reason && c == '\n') stage_ = stage::complete;
    if (stage_ == stage::reason && size_ == max_status_line) return fail(http_error::too_long);
  }
  if (stage_ == stage::broken) return error_;
  if (stage_ == stage::complete && !status_) {
    const auto digit = [this](std::size_t i) { return start_[i] - '0'; };
    status_ = static_cast<std::uint16_t>(100 * digit(code_at) + 10 * digit(code_at + 1) + digit(code_at + 2));
  }
  return status_;
}

result<std::optional<std::uint16_t>, http_error> final_status_decoder::feed(std::string_view piece) {
  for (const char c : piece) {
    if (skipping_) {
      if (++skipped_ > max_interim_heads) return http_error::too_long;
      skipping_ = c != '\n' || !blank_;
      if (c != '\r') blank_ = c == '\n';
      if (!skipping_) line_ = {};
      continue;
    }
    const auto status = line_.feed(std::string_view(&c, 1));
    if (!status) return status;
    if (!*status) continue;
    const bool interim = **status < 200 && **status != 101;
    if (!interim) return status;
    skipping_ = blank_ = true;
  }
  return std::optional<std::uint16_t>();
}

std::string host_header(std::string_view host, std::uint16_t port) {
  const bool six = host.find(':') != host.npos;
  std::string text = six ? '[' + std::string(host) + ']' : std::string(host);
  if (port != 80) text += ':' + std::to_string(port);
  return text;
}

}  // namespace holdfast
