// The trailer that proves who sent an advert, and when: keepalived's `auth_hmac` (draft-cassen-vrrp-auth-hmac, as
// keepalived 2.4.3 speaks it), for version 2 and 3, IPv4 and IPv6, multicast and unicast. Knows no cryptography and no
// file: the MAC is a function passed in, keys are bytes. Wall time decides here, as an argument: senders and receivers
// have no other clock in common.
//
// After the message, in network order: scheme (1), key id (1), zero (2), sequence (8: seconds since 1970, 1/65536
// seconds, counter), HMAC-SHA256 cut to 16. It is made over: 4 or 6, version, VRID, zero, source address (16, IPv4 in
// the first 4), then message and trailer with VRRP's checksum and the HMAC itself read as zero.
#pragma once

#include <boost/container/static_vector.hpp>

#include <array>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/machine.h"
#include "cli/settings/settings.h"
#include "vrrp/message/advert.h"

namespace holdfast {

inline constexpr std::size_t least_hmac_key = 32;  // bytes
inline constexpr std::size_t most_hmac_key = 64;
inline constexpr std::size_t max_hmac_senders = 16;  // that a virtual router remembers; then the one silent for longest

// A key with its id, 1 to 255. Moves but does not copy, can't be printed, and is wiped from memory where it has been.
class hmac_key {
 public:
  // None: id 0, or not 32 to 64 bytes.
  static std::optional<hmac_key> make(std::uint8_t id, std::span<const std::uint8_t> secret);

  // What a key file says: "hex:" and 64 to 128 digits (as keepalived writes it), or 32 to 64 bytes as they are. A
  // newline at the end is not part of it. None: anything else. The caller wipes `text`.
  static std::optional<hmac_key> parse(std::uint8_t id, std::string_view text);

  hmac_key(hmac_key&& other) noexcept;
  hmac_key& operator=(hmac_key&& other) noexcept;
  ~hmac_key();

  std::uint8_t id() const { return id_; }
  std::span<const std::uint8_t> secret() const { return std::span(bytes_).first(size_); }

  friend std::ostream& operator<<(std::ostream&, const hmac_key&) = delete;

 private:
  hmac_key(std::uint8_t id, std::span<const std::uint8_t> secret);
  void wipe();

  std::array<std::uint8_t, most_hmac_key> bytes_{};
  std::uint8_t size_ = 0;
  std::uint8_t id_ = 0;
};

// base/tls/digest_io.h has one.
using hmac_sha256_function = std::array<std::uint8_t, 32> (*)(std::span<const std::uint8_t> key,
                                                              std::span<const std::uint8_t> data);

// How far apart the clocks of sender and receiver may be: max(3 x interval, 5 s), in whole seconds.
duration hmac_window(duration interval);

// What the routers of a group share. A rotation holds two keys for a while: one signs, both are welcome.
struct hmac_policy {
  hmac_mode mode = hmac_mode::off;
  std::vector<hmac_key> keys;   // few: they are searched in turn
  std::uint8_t signs_with = 1;  // id of the key for our own adverts: must be among them, unless mode sends none
  duration window = std::chrono::seconds(5);
  hmac_sha256_function mac = nullptr;

  bool sends() const { return mode == hmac_mode::permissive || mode == hmac_mode::enforce; }
  bool receives() const { return mode != hmac_mode::off; }  // advert_rules::trailer
  const hmac_key* find(std::uint8_t id) const;              // null: unknown
};

enum class hmac_refusal : std::uint8_t {
  missing,      // no trailer, and mode is enforce
  malformed,    // unknown scheme, or the zero field isn't
  stale,        // its time is outside the window: clocks differ, or an old capture
  unknown_key,  //
  forged,       // other key, or changed on the way
  replayed,     // sequence not after the sender's last
};
inline constexpr std::size_t hmac_refusals = 6;

std::string_view name_of(hmac_refusal refusal);  // one word for logs: "unknown-key"

// Signs the adverts of one virtual router. One thread.
class hmac_sender {
 public:
  // `packet` starts with `size` bytes that encode() wrote; appends trailer_bytes and returns the new size. IPv6's
  // checksum is made again, since it spans the trailer. Each call takes a new sequence: later than the last one, but
  // not further ahead of the clock than the window (a clock that was set back). Too little room, or no such key, is our
  // bug and aborts.
  std::size_t sign(std::span<std::uint8_t> packet, std::size_t size, const packet_ends& ends, const hmac_policy& policy,
                   wall_time now);

 private:
  std::uint64_t last_ = 0;
};

// Judges the adverts that one virtual router hears. Remembers the last sequence of max_hmac_senders addresses, learned
// from valid trailers only. One thread.
class hmac_receiver {
 public:
  // `packet` is what decode() took, `a` what it made of it. None: welcome. A trailer that is there must be valid in
  // every mode. policy.mode must not be off.
  std::optional<hmac_refusal> check(std::span<const std::uint8_t> packet, const advert& a, const address& source,
                                    const hmac_policy& policy, wall_time now);

 private:
  struct sender {
    address who;
    std::uint64_t mark = 0;       // its last sequence
    std::uint64_t last_used = 0;  // turn
  };

  bool is_new(const address& source, std::uint64_t sequence, duration window, wall_time now);

  boost::container::static_vector<sender, max_hmac_senders> senders_;
  std::uint64_t turn_ = 0;
};

}  // namespace holdfast
