// The first line of HTTP messages, read piece by piece from connections: a request's for the access log, an answer's
// for health checks. Knows no connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast {

inline constexpr std::size_t max_request_line = 2048;        // bytes that are kept of a request's first line
inline constexpr std::size_t max_status_line = 8 * 1024;     // bytes, the line's end included
inline constexpr std::size_t max_interim_heads = 64 * 1024;  // bytes

// Keeps what a client said up to its first line end, whatever it speaks, in a form fit for a log line: printable ASCII
// stays, any other byte and the backslash become \xHH (HH upper case). Longer lines are cut at max_request_line. What
// is no text is named, not shown: "TLS-hello" for what begins as a TLS handshake, "-" for more than four control bytes.
class request_line {
 public:
  // True when the line is complete: ended, cut, or known to be no text. What follows is ignored.
  bool feed(std::string_view piece);

  bool complete() const { return complete_; }
  bool is_text() const { return text_like_; }
  const std::string& text() const { return text_; }
  void clear();  // ready for the next request

 private:
  bool name(std::string_view what);

  std::string text_;
  std::size_t size_ = 0;
  std::size_t controls_ = 0;
  bool complete_ = false;
  bool text_like_ = true;
};

// The first line of a request that a piece has whole, if request_line would keep it as it is: nothing is escaped, cut
// or named. Most are so.
std::optional<std::string_view> plain_request_line(std::string_view piece);

enum class http_error : std::uint8_t { not_http, bad_version, bad_status, too_long };

// Reads "HTTP/1.x NNN reason", ended by LF or CRLF.
class status_line_decoder {
 public:
  // The status (100..999) when the line is complete, none while it is not. After an answer or an error: the same again.
  result<std::optional<std::uint16_t>, http_error> feed(std::string_view piece);

 private:
  enum class stage : std::uint8_t { start, reason, complete, broken };
  std::optional<http_error> judge() const;
  result<std::optional<std::uint16_t>, http_error> fail(http_error e);

  std::array<char, 13> start_{};  // "HTTP/1.1 200" and the byte behind
  std::size_t size_ = 0;
  stage stage_ = stage::start;
  std::optional<std::uint16_t> status_;
  http_error error_ = http_error::not_http;
};

// Reads an answer up to its final status line: interim ones (100 Continue, 103 Early Hints) are skipped with their
// heads, 64 KiB of them at most. 101 is final: nothing that we ask for leads to it.
class final_status_decoder {
 public:
  // As status_line_decoder's.
  result<std::optional<std::uint16_t>, http_error> feed(std::string_view piece);

 private:
  status_line_decoder line_;
  bool skipping_ = false;  // an interim answer's head
  bool blank_ = false;     // so far nothing stands in this line of it
  std::size_t skipped_ = 0;
};

// What the Host header says of a name or an address at that port: an IPv6 address in brackets, no port where it is 80.
std::string host_header(std::string_view host, std::uint16_t port);

}  // namespace holdfast
