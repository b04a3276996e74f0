#include "balancer/choice/pool.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

constexpr std::uint32_t silent_connects = 4;
constexpr duration silent_after = std::chrono::milliseconds(250);  // a lost SYN is sent again after a second

std::int64_t count(instant when) { return when.time_since_epoch().count(); }

}  // namespace

bool reach_live::was_well_after(instant when) const { return well_at.load(relaxed) > count(when); }

bool reach_live::is_blacklisted(instant now) const { return blacklisted_until.load(relaxed) > count(now); }

bool server_live::is_disabled_for_now(instant now) const { return disabled_until.load(relaxed) > count(now); }

bool reach_live::end_blacklisting(std::int64_t until, instant now) {
  if (until == 0 || !blacklisted_until.compare_exchange_strong(until, 0, relaxed)) return false;
  returned_at.store(std::min(until, count(now)), relaxed);
  return true;
}

void reach_live::try_alone(duration patience, instant now) {
  std::int64_t until = blacklisted_until.load(relaxed);
  if (until == 0 || until > count(now)) return;
  blacklisted_until.compare_exchange_strong(until, count(now + patience), relaxed);
}

void reach_live::connect_begins(instant now) {
  pending.fetch_add(1, relaxed);
  std::int64_t none = 0;
  if (asked_at.load(relaxed) == 0) asked_at.compare_exchange_strong(none, count(now), relaxed);
}

void reach_live::connect_ends(bool answered) {
  pending.fetch_sub(1, relaxed);
  if (answered && asked_at.load(relaxed) != 0) asked_at.store(0, relaxed);
}

bool reach_live::is_silent(instant now) const {
  const std::int64_t since = asked_at.load(relaxed);
  return since != 0 && pending.load(relaxed) >= silent_connects && count(now) - since >= silent_after.count();
}

void server_live::disable_for(duration how_long, instant now) {
  const bool away = is_blacklisted(now) || is_disabled_for_now(now);
  disabled_until.store(how_long > duration::zero() ? count(now + how_long) : 0, relaxed);
  blacklisted_until.store(0, relaxed);
  if (away && !is_disabled_for_now(now)) returned_at.store(count(now), relaxed);
}

// A blacklisting that has run out is a return, too, though nothing happened then.
std::optional<instant> server_live::returned(instant now) const {
  std::int64_t last = returned_at.load(relaxed);
  for (const auto* until : {&blacklisted_until, &disabled_until}) {
    const std::int64_t end = until->load(relaxed);
    if (end <= count(now)) last = std::max(last, end);
  }
  return last == 0 ? std::nullopt : std::optional(instant(duration(last)));
}

bool server::is_blacklisted(instant now) const {
  bool all = true;
  each_reach([&](const reach_live& r) { all &= r.is_blacklisted(now); });
  return all;
}

reach_live& server::reach(std::uint16_t port) const {
  const auto below = [](const auto& known, std::uint16_t wanted) { return known->port < wanted; };
  const auto hit = std::lower_bound(ports.begin(), ports.end(), port, below);
  if (hit != ports.end() && (*hit)->port == port) return **hit;
  return *live;
}

bool pool::panic(instant now) const {
  std::size_t taking = 0, alive = 0;
  for (const auto& s : servers) {
    if (!s.usable || s.drain || s.live->is_disabled_for_now(now)) continue;
    ++taking;
    alive += s.live->up.load(relaxed);
  }
  if (alive == 0 && emergency && !policy.stubborn) return false;
  return taking > 0 && (alive == 0 || 100 * alive < policy.panic * taking);
}

std::vector<std::uint64_t> host_hashes(const std::vector<server_settings>& servers) {
  std::map<std::string, int> seen;
  std::vector<std::uint64_t> out;
  for (const server_settings& s : servers) {
    std::string host = s.where.path.empty() ? s.where.host : s.where.path;
    const int number = ++seen[host];
    if (number > 1) host += ' ' + std::to_string(number);  // no host holds a blank
    out.push_back(identity_hash(host));
  }
  return out;
}

void pool::note_enabled(const pool& former, instant now) const {
  for (const server& s : servers) {
    const server* before = former.find(s.id);
    if (before != nullptr && before->drain && !s.drain) s.live->returned_at.store(count(now), relaxed);
  }
}

void pool::index(const std::map<server_id, std::string>& former) {
  by_id.clear();
  std::map<std::string_view, std::uint32_t> places;
  for (std::uint32_t i = 0; i < servers.size(); ++i) {
    by_id.emplace_back(servers[i].id, i);
    places.emplace(servers[i].identity, i);
  }
  for (const auto& [id, identity] : former) {
    if (const auto now = places.find(identity); now != places.end()) by_id.emplace_back(id, now->second);
  }
  std::sort(by_id.begin(), by_id.end());
}

const server* pool::find(server_id id) const {
  const auto hit = std::lower_bound(by_id.begin(), by_id.end(), std::pair(id, std::uint32_t{0}));
  return hit == by_id.end() || hit->first != id ? nullptr : &servers[hit->second];
}

address pool::key_of(const address& client) const {
  constexpr unsigned mapped_bits = 96;
  return client.masked(client.is_v4() ? mapped_bits + policy.client_prefix4 : policy.client_prefix6);
}

}  // namespace holdfast
