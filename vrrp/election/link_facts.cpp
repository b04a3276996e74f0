#include "vrrp/election/link_facts.h"

#include <algorithm>

namespace holdfast {

namespace {

bool is_link_local(const address& a) { return a.bytes()[0] == 0xfe && (a.bytes()[1] & 0xc0) == 0x80; }

bool is_own(const address_state& a, int index, std::span<const address> movable) {
  return a.index == index && a.origin != our_origin && std::ranges::find(movable, a.host) == movable.end();
}

template <class Fits>
std::optional<address> first(std::span<const address_state> all, Fits fits) {
  const auto found = std::ranges::find_if(all, fits);
  if (found == all.end()) return std::nullopt;
  return found->host;
}

}  // namespace

bool is_stuck(const address_state& a) { return a.tentative || a.dad_failed; }

std::optional<address> primary_of(std::span<const address_state> all, int index, std::span<const address> movable) {
  return first(all, [&](const auto& a) { return a.host.is_v4() && a.global && is_own(a, index, movable); });
}

std::optional<address> link_local_of(std::span<const address_state> all, int index, std::span<const address> movable) {
  return first(all, [&](const auto& a) { return is_link_local(a.host) && !is_stuck(a) && is_own(a, index, movable); });
}

bool is_within_reach(std::span<const address_state> all, int index, const address& host,
                     std::span<const address> movable) {
  return std::ranges::any_of(all, [&](const address_state& a) {
    const unsigned length = a.length + (a.host.is_v4() ? 96U : 0U);
    const bool own = a.index == index && a.origin != our_origin && std::ranges::find(movable, a.host) == movable.end();
    return own && a.host.is_v4() == host.is_v4() && a.host.masked(length) == host.masked(length);
  });
}

std::vector<leased_address> leftovers_of(std::span<const address_state> all,
                                         std::span<const leased_address> configured) {
  std::vector<leased_address> out;
  for (const address_state& a : all) {
    const bool known = std::ranges::any_of(
        configured, [&](const leased_address& c) { return c.index == a.index && c.host == a.host; });
    if (known || a.origin == our_origin) out.push_back({a.index, a.host, a.length});
  }
  return out;
}

}  // namespace holdfast
