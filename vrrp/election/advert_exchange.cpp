#include "vrrp/election/advert_exchange.h"

#include <algorithm>
#include <numeric>

namespace holdfast {

namespace {

// A link-local address goes first (RFC 9568 5.2.9): one of the router's own, or else the sender's.
advert_addresses listed(const advert_addresses& configured, const address& own) {
  advert_addresses all = configured;
  if (own.is_v4()) return all;
  const auto first = std::stable_partition(all.begin(), all.end(), [](const address& a) { return a.is_link_local(); });
  if (first == all.begin() && all.size() < all.capacity()) all.insert(all.begin(), own);
  return all;
}

bool same_set(const advert_addresses& a, const advert_addresses& b) {
  return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

}  // namespace

std::size_t advert_exchange::kind_of(const refusal& why) {
  if (const auto* a = std::get_if<advert_refusal>(&why)) return static_cast<std::size_t>(*a);
  if (const auto* h = std::get_if<hmac_refusal>(&why)) return advert_refusals + static_cast<std::size_t>(*h);
  return advert_refusals + hmac_refusals + static_cast<std::size_t>(std::get<mismatch>(why));
}

std::string_view advert_exchange::name_of_refusal(std::size_t kind) {
  if (kind < advert_refusals) return name_of(static_cast<advert_refusal>(kind));
  kind -= advert_refusals;
  if (kind < hmac_refusals) return name_of(static_cast<hmac_refusal>(kind));
  switch (static_cast<mismatch>(kind - hmac_refusals)) {
    case mismatch::stranger: return "stranger";
    case mismatch::interval: return "interval";
    case mismatch::itself: return "own-address";
  }
  return "";
}

std::uint64_t advert_exchange::refused() const {
  return std::accumulate(refused_.begin(), refused_.end(), std::uint64_t{0});
}

result<advert_exchange::heard, advert_exchange::refusal> advert_exchange::hear(
    std::span<const std::uint8_t> bytes, const advert_facts& facts, const address& own, const hmac_policy& hmac,
    instant now, wall_time wall, const acquaintances& known) {
  auto verdict = judge(bytes, facts, own, hmac, now, wall, known);
  ++(verdict ? taken_ : refused_[kind_of(verdict.error())]);
  return verdict;
}

result<advert_exchange::heard, advert_exchange::refusal> advert_exchange::judge(
    std::span<const std::uint8_t> bytes, const advert_facts& facts, const address& own, const hmac_policy& hmac,
    instant now, wall_time wall, const acquaintances& known) {
  const address& from = facts.ends.source;
  if (from == own) return refusal(mismatch::itself);
  const bool unicast = !is_.peers.empty();
  if (unicast && std::find(is_.peers.begin(), is_.peers.end(), from) == is_.peers.end()) {
    return refusal(mismatch::stranger);
  }
  advert_rules rules{.version2 = is_.version != vrrp_version::three && is_.family == ip_family::v4,
                     .version3 = is_.version != vrrp_version::two,
                     .password = is_.accept_password,
                     .trailer = hmac.receives(),
                     .least_hops = static_cast<std::uint8_t>(unicast ? 1 : 255),
                     .ids = {}};
  rules.ids.set(is_.id);
  const auto a = decode(bytes, facts, rules);
  if (!a) return refusal(a.error());
  if (hmac.receives()) {
    if (const auto why = checks_.check(bytes, *a, from, hmac, wall)) return refusal(*why);
  }
  const bool proven = unicast || hmac.mode == hmac_mode::enforce;
  if (!proven && !known.counts(from)) return refusal(mismatch::stranger);
  if (a->version == 2 && a->interval != is_.interval) return refusal(mismatch::interval);
  if (a->version == 3) form_heard_ = a->form;
  remember(*a, from, now);
  // Who sends from a global address lists a link-local one as well, whichever he has.
  const bool global = !from.is_v4() && !from.is_link_local() && !a->addresses.empty();
  const address first = global ? a->addresses.front() : from;
  return heard{a->priority, a->interval, from, same_set(a->addresses, listed(is_.addresses, first))};
}

void advert_exchange::remember(const advert& a, const address& from, instant now) {
  std::erase_if(speakers_, [&](const speaker& s) { return s.from == from; });
  if (speakers_.size() == most_speakers) speakers_.pop_back();
  speakers_.insert(speakers_.begin(), {from, a.priority, a.interval, a.version, a.form, now});
}

// Both, while nobody has been heard: whoever listens drops the one that it takes for damaged.
std::vector<checksum_form> advert_exchange::forms(bool peers_are_ours) const {
  if (is_.family == ip_family::v6) return {checksum_form::pseudo};
  switch (is_.checksum) {
    case vrrp_checksum::rfc9568: return {checksum_form::message};
    case vrrp_checksum::rfc5798: return {checksum_form::pseudo};
    case vrrp_checksum::automatic: break;
  }
  if (form_heard_) return {*form_heard_};
  if (peers_are_ours) return {checksum_form::message};
  return {checksum_form::message, checksum_form::pseudo};
}

void advert_exchange::speak(std::uint8_t priority, const address& own, bool peers_are_ours, const hmac_policy& hmac,
                            wall_time wall, const sender& give) {
  const advert a{.version = 3,
                 .id = is_.id,
                 .priority = priority,
                 .interval = is_.interval,
                 .addresses = listed(is_.addresses, link_local_ == address() ? own : link_local_)};
  const std::vector<address> group = {vrrp_group(is_.family)};
  for (const address& to : is_.peers.empty() ? group : is_.peers) {
    if (is_.version != vrrp_version::two) {
      for (const checksum_form form : forms(peers_are_ours)) say(a, {own, to}, form, hmac, wall, give);
    }
    if (is_.version != vrrp_version::three && is_.family == ip_family::v4) {
      advert old = a;
      old.version = 2;
      say(old, {own, to}, checksum_form::message, hmac, wall, give);
    }
  }
  ++said_;
}

void advert_exchange::say(const advert& a, const packet_ends& ends, checksum_form form, const hmac_policy& hmac,
                          wall_time wall, const sender& give) {
  std::array<std::uint8_t, max_advert_packet> packet;
  std::size_t size = encode(a, ends, form, packet);
  if (hmac.sends()) size = signs_.sign(packet, size, ends, hmac, wall);
  give(std::span(packet).first(size), ends.destination);
}

}  // namespace holdfast
