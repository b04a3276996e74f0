#include "vrrp/front/link_facts.h"

#include <algorithm>

namespace holdfast {

namespace {

// Where it does, it has given some to addresses of its own making: 127.0.0.1, link-local ones.
bool keeps_origins(std::span<const address_state> all) {
  return std::ranges::any_of(all, [](const address_state& a) { return a.origin != 0; });
}

bool is_in_network_of(const address& host, const address_state& a) {
  const unsigned length = a.length + (a.host.is_v4() ? 96U : 0U);
  return a.host.is_v4() == host.is_v4() && a.host.masked(length) == host.masked(length);
}

class owners {
 public:
  owners(std::span<const address_state> all, std::span<const address> movable)
      : movable_(movable), origins_(keeps_origins(all)) {}

  bool may_move(const address_state& a) const { return std::ranges::find(movable_, a.host) != movable_.end(); }
  bool is_own(const address_state& a) const { return a.origin != our_origin && (origins_ || !a.left || !may_move(a)); }

 private:
  std::span<const address> movable_;
  bool origins_;
};

// An own one that fits, if possible none that may move.
template <class Fits>
std::optional<address> first_own(std::span<const address_state> all, std::span<const address> movable, Fits fits) {
  const owners whose(all, movable);
  std::optional<address> second;
  for (const address_state& a : all) {
    if (!fits(a) || !whose.is_own(a)) continue;
    if (!whose.may_move(a)) return a.host;
    if (!second) second = a.host;
  }
  return second;
}

}  // namespace

bool is_stuck(const address_state& a) { return a.tentative || a.dad_failed; }

std::vector<leased_address> stuck_among(std::span<const address_state> all, std::span<const leased_address> which) {
  std::vector<leased_address> out;
  for (const address_state& a : all) {
    const leased_address as_ours{a.index, a.host, a.length};
    if (is_stuck(a) && std::ranges::find(which, as_ours) != which.end()) out.push_back(as_ours);
  }
  return out;
}

std::optional<address> primary_of(std::span<const address_state> all, int index, std::span<const address> movable) {
  return first_own(all, movable, [&](const auto& a) { return a.index == index && a.host.is_v4() && a.global; });
}

std::optional<address> link_local_of(std::span<const address_state> all, int index, std::span<const address> movable) {
  return first_own(all, movable,
                   [&](const auto& a) { return a.index == index && a.host.is_link_local() && !is_stuck(a); });
}

std::optional<address> source_of(std::span<const address_state> all, int index, std::span<const address> movable,
                                 bool six, std::span<const address> peers) {
  const auto fits = [&](const address_state& a) {
    return a.index == index && a.host.is_v4() != six && a.global && !is_stuck(a);
  };
  const auto is_near = [&](const address_state& a) {
    return fits(a) && std::ranges::any_of(peers, [&](const address& peer) { return is_in_network_of(peer, a); });
  };
  if (const auto near = first_own(all, movable, is_near)) return near;
  if (!six) return primary_of(all, index, movable);
  const auto is_far = [](const address& a) { return !a.is_v4() && !a.is_link_local(); };
  return std::ranges::any_of(peers, is_far) ? first_own(all, movable, fits) : link_local_of(all, index, movable);
}

bool is_within_reach(std::span<const address_state> all, int index, const address& host,
                     std::span<const address> movable) {
  const owners whose(all, movable);
  return std::ranges::any_of(
      all, [&](const address_state& a) { return a.index == index && whose.is_own(a) && is_in_network_of(host, a); });
}

std::vector<leased_address> own_among(std::span<const address_state> all, int index, std::span<const address> movable) {
  const owners whose(all, movable);
  std::vector<leased_address> out;
  for (const address_state& a : all) {
    if (a.index == index && whose.may_move(a) && whose.is_own(a)) out.push_back({a.index, a.host, a.length});
  }
  return out;
}

std::vector<leased_address> leftovers_of(std::span<const address_state> all,
                                         std::span<const leased_address> configured) {
  const bool origins = keeps_origins(all);
  std::vector<leased_address> out;
  for (const address_state& a : all) {
    const bool known = std::ranges::any_of(
        configured, [&](const leased_address& c) { return c.index == a.index && c.host == a.host; });
    const bool ours = a.origin == our_origin || (known && a.left && !origins);
    if (ours) out.push_back({a.index, a.host, a.length});
  }
  return out;
}

}  // namespace holdfast
