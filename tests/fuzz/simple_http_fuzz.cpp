// Requests to a server that answers by itself: any bytes, split anywhere, must give the same as in one piece.
#include <cstdint>
#include <vector>

#include "base/ensure.h"
#include "protocols/http/simple_http.h"

namespace {

using namespace holdfast;

std::vector<simple_request> read_all(std::string_view bytes, std::size_t step) {
  request_reader reader;
  std::vector<simple_request> out;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    reader.feed(bytes.substr(i, step));
    while (const auto next = reader.next()) {
      ensure(out.empty() || !out.back().last);
      out.push_back(*next);
    }
  }
  return out;
}

}  // namespace

// The first byte says how the rest is split. In one piece a head may be longer than in many, so none is so long.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > request_reader::max_head) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  ensure(read_all(bytes, bytes.size()) == read_all(bytes, data[0] % 64U + 1));
  return 0;
}
