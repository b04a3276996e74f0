// First lines of requests and answers: any bytes, split anywhere, must give the same as in one piece.
#include <cstdint>

#include "base/ensure.h"
#include "protocols/http/http_head.h"

namespace {

using namespace holdfast;

void check_request(std::string_view bytes, std::size_t step) {
  request_line whole, split;
  whole.feed(bytes);
  for (std::size_t i = 0; i < bytes.size(); i += step) split.feed(bytes.substr(i, step));
  ensure(whole.text() == split.text());
  ensure(whole.complete() == split.complete());
  ensure(whole.text().size() <= 4 * max_request_line);
  for (const char c : whole.text()) ensure(c >= ' ' && c <= '~');
}

void check_status(std::string_view bytes, std::size_t step) {
  status_line_decoder whole, split;
  const auto expected = whole.feed(bytes);
  auto answer = split.feed({});
  for (std::size_t i = 0; i < bytes.size(); i += step) answer = split.feed(bytes.substr(i, step));
  ensure(answer == expected);
  if (answer && *answer) ensure(**answer >= 100 && **answer <= 999);
}

}  // namespace

// The first byte says how the rest is split.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = data[0] % 64U + 1;
  check_request(bytes, step);
  check_status(bytes, step);
  return 0;
}
