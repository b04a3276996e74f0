// Reads HTTP replies with a Content-Length as they come in, one at a time: the loader never asks twice at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::bench {

class reply_reader {
 public:
  enum class outcome : std::uint8_t { more, whole, wrong };

  // The next bytes of the connection. `wrong`: not a reply 200 with a Content-Length and a head of at most 512 bytes,
  // or bytes beyond its end. After `whole` and `wrong` only restart() may follow.
  outcome take(std::string_view bytes);
  void restart();
  bool whole() const { return in_body_ && left_ == 0; }

 private:
  bool read_head(std::string_view head);

  std::string head_;
  std::uint64_t left_ = 0;  // bytes of the body still to come
  bool in_body_ = false;
};

}  // namespace holdfast::bench
