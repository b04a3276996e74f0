#include "vrrp/election/link_fitness.h"

#include <algorithm>

namespace holdfast {

namespace {

std::vector<address> hosts_of(const std::vector<vrrp_address>& all) {
  std::vector<address> hosts;
  hosts.reserve(all.size());
  for (const vrrp_address& a : all) hosts.push_back(a.host);
  return hosts;
}

const link_state* find(const link_table& links, const std::string& name) {
  const auto found = std::ranges::find_if(links, [&](const auto& one) { return one.second.name == name; });
  return found == links.end() ? nullptr : &found->second;
}

}  // namespace

router_place place_of(const router_plan& router, const vrrp_settings& of, const link_table& links,
                      std::span<const address_state> addresses) {
  const std::string& name = router.key.interface;
  const bool six = router.key.six;
  const link_state* on = find(links, name);
  router_place out;
  if (on == nullptr) return out;
  out.on = *on;
  const auto movable = hosts_of(of.addresses);
  out.own = own_among(addresses, on->index, hosts_of(router.addresses));
  const auto primary = source_of(addresses, on->index, movable, six, of.peers);
  const auto link_local = six ? link_local_of(addresses, on->index, movable) : std::optional(address());
  if (!link_local) {
    out.why_not = name + " has no link-local address";
  } else if (!primary) {
    out.why_not = name + (six ? " has no IPv6" : " has no IPv4") + " address of its own";
  }
  if (!out.why_not.empty()) return out;
  out.primary = *primary;
  out.link_local = *link_local;
  for (const vrrp_address& a : router.addresses) {
    if (!is_within_reach(addresses, on->index, a.host, movable)) out.beyond.push_back(a.host);
  }
  return out;
}

std::string trouble_with(const std::string& interface, const link_table& links) {
  const link_state* found = find(links, interface);
  if (found == nullptr) return "no interface " + interface;
  return found->carrier ? "" : interface + " has no carrier";
}

std::string name_of(const router_key& place) { return place.interface + (place.six ? " IPv6" : " IPv4"); }

std::optional<group::judged> link_fitness::judge(const std::string& about, const std::string& why_not) {
  std::string& before = unfit_[about];
  if (before == why_not) return std::nullopt;
  before = why_not;
  const fitness how = why_not.empty() ? fitness::fit : fitness::fault;
  return group::judged{.about = about, .how = how, .why = why_not, .deaf = true};
}

}  // namespace holdfast
