#include "vrrp/message/auth_hmac.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t scheme_sha256 = 1;
constexpr std::size_t sequence_at = 4;  // within the trailer
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t prefix_bytes = trailer_bytes - tag_bytes;
constexpr std::size_t pseudo_bytes = 20;
constexpr std::size_t checksum_at = 6;  // within the message

using tag_type = std::array<std::uint8_t, tag_bytes>;

tag_type tag_of(std::span<const std::uint8_t> packet, const address& source, const hmac_key& key,
                hmac_sha256_function mac) {
  std::array<std::uint8_t, pseudo_bytes + max_advert_packet> image{};
  ensure(packet.size() > trailer_bytes && packet.size() <= max_advert_packet);
  image[0] = source.is_v4() ? 4 : 6;
  image[1] = packet[0] >> 4;
  image[2] = packet[1];
  const auto own = std::span(source.bytes()).subspan(source.is_v4() ? 12 : 0);
  std::ranges::copy(own, &image[4]);
  std::ranges::copy(packet.first(packet.size() - tag_bytes), &image[pseudo_bytes]);
  image[pseudo_bytes + checksum_at] = image[pseudo_bytes + checksum_at + 1] = 0;

  const auto whole = mac(key.secret(), std::span(image).first(pseudo_bytes + packet.size()));
  tag_type tag{};
  std::copy_n(whole.begin(), tag.size(), tag.begin());
  return tag;
}

// In a time that does not tell how much of it was right.
bool equal(const tag_type& a, std::span<const std::uint8_t> b) {
  volatile std::uint8_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differing = differing | static_cast<std::uint8_t>(a[i] ^ b[i]);
  return differing == 0;
}

// Seconds above 32 bits, a fraction in 1/65536, and no counter.
std::uint64_t sequence_at_time(wall_time now) {
  const auto since = std::chrono::duration_cast<duration>(now.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const auto fraction = (static_cast<std::uint64_t>((since - whole).count()) << 16) / 1'000'000'000U;
  return static_cast<std::uint64_t>(whole.count()) << 32 | fraction << 16;
}

// Serial numbers as in RFC 1982: right across the wrap of 2106.
bool is_after(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b) > 0; }

std::chrono::seconds apart(std::uint64_t sequence, std::uint64_t from) {
  return std::chrono::seconds(
      static_cast<std::int32_t>(static_cast<std::uint32_t>(sequence >> 32) - static_cast<std::uint32_t>(from >> 32)));
}

// Whole seconds are compared, as keepalived does.
bool within(std::uint64_t sequence, duration window, wall_time now) {
  return std::chrono::abs(apart(sequence, sequence_at_time(now))) <= window;
}

std::optional<std::uint8_t> hex_digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  return at == digits.npos ? std::nullopt : std::optional(static_cast<std::uint8_t>(at));
}

}  // namespace

hmac_key::hmac_key(std::uint8_t id, std::span<const std::uint8_t> secret)
    : size_(static_cast<std::uint8_t>(secret.size())), id_(id) {
  std::ranges::copy(secret, bytes_.begin());
}

std::optional<hmac_key> hmac_key::make(std::uint8_t id, std::span<const std::uint8_t> secret) {
  if (id == 0 || secret.size() < least_hmac_key || secret.size() > most_hmac_key) return std::nullopt;
  return hmac_key(id, secret);
}

std::optional<hmac_key> hmac_key::parse(std::uint8_t id, std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  constexpr std::string_view hex = "hex:";
  if (!text.starts_with(hex)) {
    return make(id, std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }
  text.remove_prefix(hex.size());
  if (text.size() % 2 != 0 || text.size() > 2 * most_hmac_key) return std::nullopt;
  hmac_key key(id, {});
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    key.bytes_[key.size_++] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return make(id, key.secret());
}

hmac_key::hmac_key(hmac_key&& other) noexcept : bytes_(other.bytes_), size_(other.size_), id_(other.id_) {
  other.wipe();
}

hmac_key& hmac_key::operator=(hmac_key&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  size_ = other.size_;
  id_ = other.id_;
  other.wipe();
  return *this;
}

hmac_key::~hmac_key() { wipe(); }

void hmac_key::wipe() {
  explicit_bzero(bytes_.data(), bytes_.size());
  size_ = 0;
}

duration hmac_window(duration interval) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(3 * interval), std::chrono::seconds(5));
}

const hmac_key* hmac_policy::find(std::uint8_t id) const {
  const auto found = std::ranges::find(keys, id, &hmac_key::id);
  return found == keys.end() ? nullptr : &*found;
}

std::string_view name_of(hmac_refusal refusal) {
  static constexpr std::array<std::string_view, hmac_refusals> names = {"missing",     "malformed", "stale",
                                                                        "unknown-key", "forged",    "replayed"};
  return names.at(static_cast<std::size_t>(refusal));
}

std::size_t hmac_sender::sign(std::span<std::uint8_t> packet, std::size_t size, const packet_ends& ends,
                              const hmac_policy& policy, wall_time now) {
  const hmac_key* key = policy.find(policy.signs_with);
  ensure(key != nullptr && policy.mac != nullptr && packet.size() >= size + trailer_bytes);
  packet = packet.first(size + trailer_bytes);
  const auto trailer = packet.last(trailer_bytes);

  const std::uint64_t clock = sequence_at_time(now);
  const bool stranded = apart(last_, clock) > policy.window;
  last_ = is_after(clock, last_) || stranded ? clock : last_ + 1;

  std::ranges::fill(trailer, std::uint8_t{0});
  trailer[0] = scheme_sha256;
  trailer[1] = key->id();
  for (unsigned i = 0; i < 8; ++i) trailer[sequence_at + i] = static_cast<std::uint8_t>(last_ >> (56 - 8 * i));
  std::ranges::copy(tag_of(packet, ends.source, *key, policy.mac), trailer.begin() + prefix_bytes);

  if (family_of(ends.source) == ip_family::v6) {
    packet[checksum_at] = packet[checksum_at + 1] = 0;
    const std::uint16_t sum = advert_checksum(packet, ends, checksum_form::pseudo);
    packet[checksum_at] = static_cast<std::uint8_t>(sum >> 8);
    packet[checksum_at + 1] = static_cast<std::uint8_t>(sum);
  }
  return packet.size();
}

std::optional<hmac_refusal> hmac_receiver::check(std::span<const std::uint8_t> packet, const advert& a,
                                                 const address& source, const hmac_policy& policy, wall_time now) {
  ensure(policy.receives() && policy.mac != nullptr);
  if (!a.trailer) return policy.mode == hmac_mode::enforce ? std::optional(hmac_refusal::missing) : std::nullopt;
  const auto trailer = packet.last(trailer_bytes);
  if (trailer[0] != scheme_sha256 || trailer[2] != 0 || trailer[3] != 0) return hmac_refusal::malformed;

  // Before the digest, so that a flood of old captures costs none. It can only refuse: nothing is trusted yet.
  std::uint64_t sequence = 0;
  for (unsigned i = 0; i < 8; ++i) sequence = sequence << 8 | trailer[sequence_at + i];
  if (!within(sequence, policy.window, now)) return hmac_refusal::stale;

  const hmac_key* key = policy.find(trailer[1]);
  if (key == nullptr) return hmac_refusal::unknown_key;
  if (!equal(tag_of(packet, source, *key, policy.mac), trailer.last(tag_bytes))) return hmac_refusal::forged;
  return is_new(source, sequence, policy.window, now) ? std::nullopt : std::optional(hmac_refusal::replayed);
}

bool hmac_receiver::is_new(const address& source, std::uint64_t sequence, duration window, wall_time now) {
  auto known = std::ranges::find(senders_, source, &sender::who);
  if (known == senders_.end()) {
    if (senders_.size() == senders_.capacity())
      senders_.erase(std::ranges::min_element(senders_, {}, &sender::last_used));
    senders_.push_back({source, sequence, ++turn_});
    return true;
  }
  known->last_used = ++turn_;
  // A mark outside the window orders only what the window refuses by itself. Without this, a sender whose clock was
  // wrong and then corrected would be refused until time catches up.
  if (within(known->mark, window, now) && !is_after(sequence, known->mark)) return false;
  known->mark = sequence;
  return true;
}

}  // namespace holdfast
