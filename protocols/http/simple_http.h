// As much of HTTP/1.x as a server needs that answers every request with the same text. Forgiving: who passes requests
// on to somebody else must be stricter. Knows no connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

struct simple_request {
  enum class verdict : std::uint8_t { good, not_http, head_too_long };
  verdict is = verdict::good;
  bool without_body = false;  // HEAD: so the answer has none
  bool last = false;          // the connection ends with the answer: so it was asked, or what follows can't be read

  bool operator==(const simple_request&) const = default;
};

// Reads the requests of one connection piece by piece. A body is skipped by its Content-Length; after one of another
// kind nothing can be told apart, so that request is the last.
class request_reader {
 public:
  static constexpr std::size_t max_head = 8 << 10;

  void feed(std::string_view piece) { unread_.append(piece); }

  // The next one whose head is complete. None: more must come; or the last has been read.
  std::optional<simple_request> next();

 private:
  simple_request read(std::string_view head);

  std::string unread_;
  std::uint64_t body_left_ = 0;  // still to be skipped
  bool over_ = false;
};

struct text_answer {
  std::string_view status;  // "200 OK"
  std::string_view body;
  bool without_body = false;
  bool last = false;
};

// The whole answer, ready to be sent.
std::string encode(const text_answer& a);

}  // namespace holdfast
