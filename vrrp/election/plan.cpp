#include "vrrp/election/plan.h"

#include <algorithm>

namespace holdfast {

namespace {

router_plan plan_of(const router_key& key, const std::vector<vrrp_address>& addresses, const vrrp_settings& of) {
  const duration interval = slowest_interval(of.interval);
  router_plan made{.key = key,
                   .addresses = addresses,
                   .says = {},
                   .announces = {.lease = lease_of(of, interval), .every = of.announce_every}};
  made.says.id = key.id;
  made.says.family = key.six ? ip_family::v6 : ip_family::v4;
  made.says.version = key.six ? vrrp_version::three : of.version;
  made.says.checksum = of.checksum;
  made.says.interval = interval;
  made.says.accept_password = of.accept_password;
  for (const vrrp_address& a : addresses) made.says.addresses.push_back(a.host);
  for (const address& peer : of.peers) {
    if (peer.is_v4() != key.six) made.says.peers.push_back(peer);
  }
  return made;
}

bool is_complete(const vrrp_settings& g) {
  const auto has_place = [&](const vrrp_address& a) {
    return (a.id || g.id != 0) && (!a.interface.empty() || !g.interface.empty());
  };
  return !g.addresses.empty() && std::all_of(g.addresses.begin(), g.addresses.end(), has_place);
}

}  // namespace

std::vector<group_plan> plan_of(const settings& s) {
  const bool balances =
      std::any_of(s.services.begin(), s.services.end(), [](const auto& one) { return !one.second.listeners.empty(); });
  std::vector<group_plan> all;
  for (const auto& [name, g] : s.vrrp) {
    if (!is_complete(g)) continue;
    group_plan made{.said = g, .routers = {}, .watches_balancer = balances && !g.standalone};
    for (const auto& [key, addresses] : routers_of(g)) made.routers.push_back(plan_of(key, addresses, g));
    all.push_back(std::move(made));
  }
  return all;
}

std::chrono::seconds lease_of(const vrrp_settings& g, duration interval) {
  using std::chrono::seconds;
  const bool said = g.lease != automatic_time;
  const auto whole = std::chrono::duration_cast<seconds>(said ? g.lease : 3 * interval);
  return said ? whole : std::clamp(whole, seconds(1), seconds(60));
}

tempo::parameters tempo_of(const vrrp_settings& g) {
  const char* unable = !g.wire ? "the wire is off" : g.version != vrrp_version::three ? "version 2 takes part" : "";
  return {.said = g.interval, .unable = unable};
}

group::parameters parameters_of(const std::string& node, const group_plan& plan) {
  return {.node = node,
          .priority = plan.said.priority,
          .interval = slowest_interval(plan.said.interval),
          .unheard = slowest_interval(plan.said.interval),
          .learns = plan.said.version != vrrp_version::two,
          .preempt = plan.said.preempt,
          .watches = plan.said.watch.has_value(),
          .preempt_delay = plan.said.preempt_delay,
          .routers = std::vector<address>(plan.routers.size())};
}

track_settings track_of(const group_plan& plan) {
  track_settings s;
  s.patience = plan.said.patience;
  s.degrade_after = plan.said.degrade_after;
  s.wanted = plan.watches_balancer;
  return s;
}

std::string own_address_sentence(const address& host, const std::string& interface, std::uint8_t priority) {
  std::string what = host.text() + " is this box's own address on " + interface + " and stays here";
  if (priority == 255) return what;
  return what +
         ", whoever is active: expected an address that no box has of its own, or priority 255 on this one alone";
}

std::vector<std::string> own_addresses(std::span<const link_state> links, std::span<const address_state> present,
                                       const std::vector<group_plan>& groups) {
  std::vector<std::string> out;
  const auto note = [&](const router_plan& router, std::uint8_t priority) {
    const auto on = std::ranges::find(links, router.key.interface, &link_state::name);
    if (on == links.end()) return;
    for (const leased_address& a : own_among(present, on->index, router.says.addresses)) {
      out.push_back(own_address_sentence(a.host, on->name, priority));
    }
  };
  for (const group_plan& g : groups) {
    for (const router_plan& r : g.routers) note(r, g.said.priority);
  }
  return out;
}

std::vector<leased_address> leased_of(std::span<const link_state> links, const std::vector<group_plan>& groups) {
  std::vector<leased_address> out;
  for (const group_plan& g : groups) {
    for (const router_plan& r : g.routers) {
      const auto on = std::ranges::find(links, r.key.interface, &link_state::name);
      if (on == links.end()) continue;
      for (const vrrp_address& a : r.addresses) out.push_back({on->index, a.host, a.length});
    }
  }
  return out;
}

bool same_routers(const group_plan& a, const group_plan& b) {
  const auto same = [](const router_plan& x, const router_plan& y) { return x.key == y.key; };
  const bool same_places = a.said.mac_virtual == b.said.mac_virtual && a.said.peers.empty() == b.said.peers.empty();
  return same_places && std::equal(a.routers.begin(), a.routers.end(), b.routers.begin(), b.routers.end(), same);
}

}  // namespace holdfast
