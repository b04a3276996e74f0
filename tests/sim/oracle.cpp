#include "tests/sim/oracle.h"

#include <algorithm>

namespace holdfast::sim {

namespace {

bool lies_ahead(const std::atomic<std::int64_t>& when, instant now) { return instant(duration(when.load())) > now; }

bool everyone_is_used(const pool& p, instant now) {
  int taking = 0, alive = 0;
  for (const auto& s : p.servers) {
    if (!s.usable || s.drain || lies_ahead(s.live->disabled_until, now)) continue;
    ++taking;
    if (s.live->up) ++alive;
  }
  if (alive == 0 && p.emergency && !p.policy.stubborn) return false;
  return taking > 0 && (alive == 0 || alive * 100 < p.policy.panic * taking);
}

bool some_have_weight(const pool& p) {
  return std::any_of(p.servers.begin(), p.servers.end(), [](const auto& s) { return s.usable && s.weight > 0U; });
}

// But for a failed connect.
std::string why_never(const pool& p, const server& s, const client_facts& who, instant now) {
  const bool known = who.remembered == s.id;
  const std::uint32_t connections = s.live->connections;
  if (!s.usable) return "has no address";
  if (s.drain && !known) return "is drained";
  if (lies_ahead(s.live->disabled_until, now)) return "is set aside";
  if (s.max != 0 && connections >= s.max && !(known && connections < s.hard)) return "is full";
  if (!s.permits->permits(who.from, who.country_code)) return "refuses the client by its acl";
  if (!s.live->up && !everyone_is_used(p, now)) return "is down";
  return "";
}

}  // namespace

std::string why_not(const pool& p, const server& s, const client_facts& who, const std::set<server_id>& tried,
                    instant now) {
  std::string why = why_never(p, s, who, now);
  if (!why.empty() || !lies_ahead(s.live->blacklisted_until, now)) return why;
  if (p.emergency && !p.policy.stubborn) return "is blacklisted, and the emergency server is there";
  const bool others = std::any_of(p.servers.begin(), p.servers.end(), [&](const server& o) {
    return !tried.contains(o.id) && !lies_ahead(o.live->blacklisted_until, now) && why_never(p, o, who, now).empty();
  });
  return others ? "is blacklisted, and others are left" : "";
}

std::string still_to_ask(const pool& p, const client_facts& who, const std::set<server_id>& tried,
                         const std::set<server_id>& passed_over, instant now) {
  if (p.policy.stubborn) return "";
  const auto has_tried = [&](const server& s) { return tried.contains(s.id); };
  const bool begins = !(who.remembered && p.find(*who.remembered) != nullptr) &&
                      std::none_of(p.servers.begin(), p.servers.end(), has_tried);
  // A server without weight stands in for another, but nobody new begins there.
  const bool weighty_only = begins && some_have_weight(p);
  for (const auto& s : p.servers) {
    if (has_tried(s) || passed_over.contains(s.id) || (weighty_only && s.weight == 0U)) continue;
    if (why_not(p, s, who, tried, now).empty()) return s.name;
  }
  return "";
}

}  // namespace holdfast::sim
