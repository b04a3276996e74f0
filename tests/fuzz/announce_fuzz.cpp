// Frames of neighbours: any bytes claim nothing, or something sane. And the schedule, driven by the same bytes: never
// too much in a turn, and never asleep with something to say.
#include <algorithm>
#include <cstdint>

#include "base/ensure.h"
#include "vrrp/message/announce.h"

namespace {

using namespace holdfast;

void check_frame(std::span<const std::uint8_t> bytes) {
  const auto claim = claim_in(bytes);
  if (!claim) return;
  const auto how = claim->who.is_v4() ? announcement::arp_reply : announcement::neighbour;
  const auto again = claim_in(announce(how, claim->who, claim->mac));
  ensure(again && again->who == claim->who && again->mac == claim->mac && !again->answered);
}

void check_schedule(std::span<const std::uint8_t> bytes) {
  announcer machine;
  instant now{std::chrono::hours(1)};
  const auto step = [&](const announcer::event& e) {
    const auto orders = machine.on(e, now);
    ensure(orders.size() <= announcer::frames_a_turn);
    ensure(orders.empty() || std::holds_alternative<wake>(e));
    ensure(machine.deadline().has_value() == (machine.pending() > 0));
    return orders.size();
  };
  for (const std::uint8_t byte : bytes) {
    const address who = address::v4(0x0a000000U + byte / 8);
    switch (byte % 8) {
      case 0: step(announcer::withdraw{who}); break;
      case 1: byte == 1 ? step(announcer::withdraw_all{}) : step(announcer::announce{who}); break;
      case 2:
      case 3: step(announcer::announce{who}); break;
      case 4: now += std::chrono::microseconds(100) * byte; break;
      case 5: step(wake{}); break;
      default:
        if (!machine.deadline()) break;
        now = std::max(now, *machine.deadline());
        ensure(step(wake{}) > 0);
    }
  }
  for (int turns = 0; machine.deadline(); ++turns) {
    ensure(turns < 1000);
    now = std::max(now, *machine.deadline());
    ensure(step(wake{}) > 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_frame({data, size});
  check_schedule({data, size});
  return 0;
}
