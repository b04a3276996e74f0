// The link between balancer and agent: any bytes are refused, or they are the very bytes that the message encodes to;
// and whatever stream of messages comes, the judge of the balancer stays within its bounds.
#include <cstdint>

#include "base/ensure.h"
#include "base/vocabulary.h"
#include "vrrp/election/track.h"

namespace {

using namespace holdfast;

void check_message(std::span<const std::uint8_t> bytes) {
  const auto what = decode(bytes);
  if (!what) return;
  ensure(bytes.size() <= longest_message);
  const packet again = encode(*what);
  ensure(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
}

void feed(track& judge, std::span<const std::uint8_t> bytes, instant now) {
  const auto what = decode(bytes);
  if (!what) {
    judge.on(track::unreachable{"nonsense"}, now);
  } else if (const auto* b = std::get_if<beat>(&*what)) {
    judge.on(*b, now);
  } else if (const auto* c = std::get_if<condition>(&*what)) {
    judge.on(*c, now);
  }
}

// Pieces of a length and so many bytes; a length of 0 is an event without bytes.
void check_stream(std::span<const std::uint8_t> bytes) {
  track judge({});
  instant now = instant(std::chrono::hours(1));
  while (!bytes.empty()) {
    const std::size_t length = std::min<std::size_t>(bytes[0] % 32, bytes.size() - 1);
    now += std::chrono::milliseconds(bytes[0] / 32);
    if (length > 0) {
      feed(judge, bytes.subspan(1, length), now);
    } else {
      judge.on(bytes[0] == 0 ? track::event(track::attached{}) : track::event(track::ended{}), now);
    }
    if (const auto due = judge.deadline()) judge.on(wake{}, std::max(now, *due));
    ensure(!judge.verdict().why.empty());
    bytes = bytes.subspan(1 + length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  check_message(bytes);
  check_stream(bytes);
  return 0;
}
