// Messages of the wire: any bytes are refused, or become a message that reads back to itself.
#include <cstdint>
#include <span>

#include "base/ensure.h"
#include "cli/settings/settings.h"
#include "vrrp/message/wire_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto what = decode_wire({data, size});
  if (!what) return 0;
  const auto bytes = encode(*what);
  ensure(bytes.size() <= size && bytes.size() <= wire_frame_limit);
  const auto again = decode_wire(bytes);
  ensure(again && *again == *what);
  if (const auto* report = std::get_if<wire_report>(&*what)) ensure(report->groups.size() <= max_vrrp_groups);
  return 0;
}
