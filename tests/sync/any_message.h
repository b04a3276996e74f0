// Messages of the sync channel by chance, for tests. Every kind, limits included.
#pragma once

#include <random>

#include "sync/message.h"

namespace holdfast {

class dice {
 public:
  explicit dice(unsigned seed) : random_(seed) {}

  // Most numbers are small, some are anything.
  template <class T = std::uint64_t>
  T number() {
    const std::uint64_t n = random_();
    return static_cast<T>(n >> random_() % 64);
  }
  std::size_t below(std::size_t end) { return random_() % end; }
  bool flip() { return random_() % 2 == 0; }
  // least to most bytes; now and then just these.
  std::string text(std::size_t least, std::size_t most, std::string_view letters) {
    const std::size_t size = below(8) == 0 ? (flip() ? least : most) : least + below(std::min<std::size_t>(most, 40));
    std::string out(std::min(size, most), ' ');
    for (char& c : out) c = letters[below(letters.size())];
    return out;
  }
  std::string name() { return text(1, max_sync_name, " :.-_ab019\xc3\xa4\xff"); }
  std::vector<std::uint8_t> bytes(std::size_t most) {
    std::vector<std::uint8_t> out(below(8) == 0 ? most : below(40));
    for (std::uint8_t& byte : out) byte = number<std::uint8_t>();
    return out;
  }

 private:
  std::mt19937_64 random_;
};

inline sync_status any_status(dice& d) {
  sync_status out{.uptime = d.number(),
                  .connections = d.number<std::uint32_t>(),
                  .servers = d.number<std::uint32_t>(),
                  .servers_alive = d.number<std::uint32_t>(),
                  .in_sync = d.number<std::uint8_t>(),
                  .config = d.number(),
                  .groups = {}};
  out.groups.resize(d.below(max_sync_groups + 1));
  for (sync_group& g : out.groups) {
    g = {.name = d.name(), .is = static_cast<role>(1 + d.below(5)), .priority = d.number<std::uint8_t>()};
  }
  return out;
}

inline sync_digest any_digest(dice& d) {
  sync_digest out{.service = d.number<sync_number>(), .size = d.number<std::uint32_t>()};
  for (std::uint64_t& sum : out.sums) sum = d.number();
  out.clock.resize(d.below(max_clock_marks + 1));
  for (clock_mark& mark : out.clock) mark = {.at = d.number() % latest_ms, .ago = d.number() % latest_ms};
  return out;
}

inline sync_want any_want(dice& d) {
  sync_want out{.service = d.number<sync_number>(), .buckets = {static_cast<std::uint16_t>(d.below(digest_buckets))}};
  for (std::size_t b = out.buckets[0] + 1; b < digest_buckets; b += 1 + d.below(300)) {
    out.buckets.push_back(static_cast<std::uint16_t>(b));
  }
  return out;
}

inline sync_message any_entries(dice& d) {
  return sync_entries{.service = d.number<sync_number>(),
                      .kind = static_cast<entry_kind>(d.below(3)),
                      .upto = d.number(),
                      .last = d.flip(),
                      .packed = d.bytes(max_sync_packed)};
}

inline sync_message any_server_state(dice& d) {
  return sync_server_state{.service = d.name(),
                           .identity = d.name(),
                           .weight = d.number<std::uint32_t>(),
                           .drain = d.flip(),
                           .up = d.flip(),
                           .aside = d.number<std::uint32_t>(),
                           .said = d.number()};
}

inline sync_message any_message(dice& d) {
  switch (d.below(std::variant_size_v<sync_messages::type>)) {
    case 0:
      return sync_hello{.node = d.name(),
                        .software = d.text(0, max_sync_software, " ~.0aZ"),
                        .incarnation = d.number(),
                        .major = d.number<std::uint8_t>(),
                        .minor = d.number<std::uint8_t>()};
    case 1: return sync_service{d.number<sync_number>(), d.number<std::uint32_t>(), d.name()};
    case 2: return sync_server{d.number<sync_number>(), d.number<sync_number>(), d.name()};
    case 3: return sync_resume{d.name(), d.number()};
    case 4: return any_entries(d);
    case 5: return sync_ack{d.number<sync_number>(), d.number()};
    case 6: return any_digest(d);
    case 7: return any_want(d);
    case 8: return sync_ping{d.number()};
    case 9: return sync_pong{d.number(), d.number()};
    case 10: return any_status(d);
    case 11: return any_server_state(d);
    case 12: {
      const auto b = d.bytes(max_sync_secret);
      return sync_secret{d.name(), d.number(), secret_bytes(b.begin(), b.end())};
    }
    case 13: return sync_order{d.number(), static_cast<order_phase>(d.below(5)), d.text(0, max_sync_text, "ab \n\t")};
    case 14: return sync_answer{d.number(), d.flip(), d.text(0, max_sync_text, "ab \n\xff")};
    case 15: return sync_farewell{};
    default: return sync_unknown{static_cast<std::uint8_t>(17 + d.below(239))};
  }
}

}  // namespace holdfast
