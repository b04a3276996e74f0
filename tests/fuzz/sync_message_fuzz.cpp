// Messages of the sync channel: any bytes are refused, or become a message that reads back to itself.
#include <cstdint>
#include <span>

#include "base/ensure.h"
#include "sync/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto what = decode_sync({data, size});
  if (!what) return 0;
  const auto bytes = encode(*what);
  // Of an earlier version's message: longer by what that lacks, which is the number of a digest's marks.
  ensure(bytes.size() <= size + 1 && bytes.size() <= sync_frame_limit);
  const auto again = decode_sync(bytes);
  ensure(again && *again == *what);
  if (const auto* status = std::get_if<sync_status>(&*what)) ensure(status->groups.size() <= max_sync_groups);
  return 0;
}
