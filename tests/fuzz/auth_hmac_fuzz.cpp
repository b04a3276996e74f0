// The trailer of an advert: any bytes are refused unless the key signed them, and nothing is taken twice.
#include <array>
#include <cstdint>

#include "base/ensure.h"
#include "vrrp/message/auth_hmac.h"

namespace {

using namespace holdfast;

// Quick and good enough to tell messages apart; the real one is tested beside its vectors.
std::array<std::uint8_t, 32> toy_mac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data) {
  std::array<std::uint8_t, 32> out{};
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto take = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (const std::uint8_t byte : key) take(byte);
  for (const std::uint8_t byte : data) take(byte);
  for (std::uint8_t& byte : out) {
    take(0x5a);
    byte = static_cast<std::uint8_t>(hash >> 56);
  }
  return out;
}

const hmac_policy& policy() {
  static const hmac_policy made = [] {
    hmac_policy p;
    p.mode = hmac_mode::enforce;
    p.keys.push_back(*hmac_key::parse(1, "0123456789abcdef0123456789abcdef"));
    p.mac = toy_mac;
    return p;
  }();
  return made;
}

const wall_time now{std::chrono::seconds(0x68000000)};

void check_as_it_came(std::span<const std::uint8_t> packet, const address& source) {
  const advert a{.trailer = true};
  hmac_receiver receiver;
  if (!receiver.check(packet, a, source, policy(), now)) {
    ensure(receiver.check(packet, a, source, policy(), now) == hmac_refusal::replayed);
  }
}

// The message that came, with a trailer of our own; then one bit of it changes.
void check_signed(std::span<std::uint8_t> packet, const packet_ends& ends, std::size_t bit) {
  const advert a{.trailer = true};
  hmac_sender sender;
  hmac_receiver receiver;
  const std::size_t size = sender.sign(packet, packet.size() - trailer_bytes, ends, policy(), now);
  ensure(size == packet.size());
  bit %= packet.size() * 8;
  if (bit / 8 != 6 && bit / 8 != 7) {
    packet[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ensure(receiver.check(packet, a, ends.source, policy(), now).has_value());
    packet[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
  ensure(!receiver.check(packet, a, ends.source, policy(), now));
  ensure(receiver.check(packet, a, ends.source, policy(), now) == hmac_refusal::replayed);
}

}  // namespace

// Two bytes that choose the family and a bit, then a message of eight bytes at least with its trailer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hmac_key::parse(1, std::string_view(reinterpret_cast<const char*>(data), size));
  if (size < 2 + 8 + trailer_bytes || size - 2 > max_advert_packet) return 0;
  const address source = (data[0] & 1) != 0 ? address::v4(0x0a4d000b) : *address::parse("fe80::b");
  std::array<std::uint8_t, max_advert_packet> room{};
  const auto packet = std::span(room).first(size - 2);
  std::copy_n(data + 2, packet.size(), packet.begin());
  check_as_it_came(packet, source);
  check_signed(packet, {source, vrrp_group(family_of(source))}, data[0] << 8U | data[1]);
  return 0;
}
