// Adverts: any bytes are refused, or become an advert that encodes to bytes that mean the same.
#include <array>
#include <cstdint>

#include "base/ensure.h"
#include "vrrp/message/advert.h"

namespace {

using namespace holdfast;

// With a checksum that is right, so that the fuzzer gets past it.
void seal(std::span<std::uint8_t> packet, const packet_ends& ends, checksum_form form) {
  if (packet.size() < 8) return;
  packet[6] = packet[7] = 0;
  const std::uint16_t sum = advert_checksum(packet, ends, form);
  packet[6] = static_cast<std::uint8_t>(sum >> 8);
  packet[7] = static_cast<std::uint8_t>(sum);
}

void check(std::span<const std::uint8_t> packet, const advert_facts& facts, const advert_rules& rules) {
  const auto a = decode(packet, facts, rules);
  if (!a) {
    ensure(!name_of(a.error()).empty());
    return;
  }
  ensure(a->id != 0 && rules.ids.test(a->id) && facts.hops >= rules.least_hops);
  ensure((!a->trailer || rules.trailer) && (!a->password || rules.password));
  std::array<std::uint8_t, max_advert_bytes> again{};
  const std::size_t size = encode(*a, facts.ends, a->form, again);
  ensure(size + (a->trailer ? trailer_bytes : 0) == packet.size());
  auto b = decode(std::span(again).first(size), facts, rules);
  ensure(b.has_value());
  b->password = a->password;  // what it was is neither kept nor sent
  b->trailer = a->trailer;
  ensure(*a == *b);
}

}  // namespace

// The first byte says how the rest arrived, and whether its checksum is put right first; the second, what is allowed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool four = (data[0] & 1) != 0;
  const auto form = four ? static_cast<checksum_form>(data[0] / 4 % checksum_forms) : checksum_form::pseudo;
  const ip_family family = four ? ip_family::v4 : ip_family::v6;
  const address source = four ? address::v4(0x0a4d000b) : *address::parse("fe80::b");
  const bool group = (data[0] & 2) != 0;
  const advert_facts facts{.ends = {source, group ? vrrp_group(family) : source}, .hops = 255};
  advert_rules rules;
  rules.version2 = (data[1] & 1) != 0;
  rules.version3 = (data[1] & 2) != 0;
  rules.password = (data[1] & 4) != 0;
  rules.trailer = (data[1] & 8) != 0;
  rules.ids.set();
  if ((data[1] & 16) != 0) rules.ids.reset(51);

  std::array<std::uint8_t, 8192> room{};
  const auto packet = std::span(room).first(std::min(size - 2, room.size()));
  std::copy_n(data + 2, packet.size(), packet.begin());
  check(packet, facts, rules);
  const bool cut = four && (data[0] & 64) != 0 && packet.size() > trailer_bytes;  // what IPv4's checksum spans
  if ((data[0] & 128) != 0) seal(cut ? packet.first(packet.size() - trailer_bytes) : packet, facts.ends, form);
  check(packet, facts, rules);
  return 0;
}
