// What a group makes of its interfaces and addresses.
#include <algorithm>

#include "vrrp/agent/group_io.h"

namespace holdfast {

namespace {

std::vector<address> hosts_of(const std::vector<vrrp_address>& all) {
  std::vector<address> hosts;
  hosts.reserve(all.size());
  for (const vrrp_address& a : all) hosts.push_back(a.host);
  return hosts;
}

}  // namespace

void group_driver::look(const std::map<int, link_state>& links, const std::vector<address_state>& addresses) {
  look_at_clock();
  for (const auto& port : ports_) look_at(*port, links, addresses);
  for (const std::string& name : plan_.said.track) look_at_link(name, links);
  renew_parameters();
  if (!std::exchange(started_, true)) feed(group::started{});
}

void group_driver::look_at_link(const std::string& name, const std::map<int, link_state>& links) {
  const auto found = std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.second.name == name; });
  if (found == links.end()) return judge(name, "no interface " + name);
  judge(name, found->second.carrier ? "" : name + " has no carrier");
}

void group_driver::look_at(router_port& port, const std::map<int, link_state>& links,
                           const std::vector<address_state>& addresses) {
  const std::string& name = port.plan().key.interface;
  const std::string about = name + (port.plan().key.six ? " IPv6" : " IPv4");
  look_at_link(name, links);
  const auto found = std::find_if(links.begin(), links.end(), [&](const auto& l) { return l.second.name == name; });
  if (found == links.end()) return port.detach();
  const auto movable = hosts_of(plan_.said.addresses);
  const auto own = own_among(addresses, found->first, hosts_of(port.plan().addresses));
  if (port.spare(own)) {
    for (const auto& a : own) noted_once(own_address_sentence(a.host, name, plan_.said.priority), "address=own");
  }
  const bool six = port.plan().key.six;
  const auto primary = source_of(addresses, found->first, movable, six, plan_.said.peers);
  const auto link_local = six ? link_local_of(addresses, found->first, movable) : std::optional(address());
  if (!link_local) return judge(about, name + " has no link-local address");
  if (!primary) return judge(about, name + (six ? " has no IPv6" : " has no IPv4") + " address of its own");
  for (const vrrp_address& a : port.plan().addresses) {
    if (is_within_reach(addresses, found->first, a.host, movable)) continue;
    noted_once(
        a.host.text() + " is in no network of " + name + ": can its clients, and the way back to them, be there?",
        "address=beyond");
  }
  const auto open = port.attach(found->second, *primary, *link_local);
  judge(about, open ? "" : open.error());
}

void group_driver::addresses_removed(std::span<const address_state> which) {
  look_at_clock();
  for (std::size_t n = 0; n < ports_.size(); ++n) {
    std::vector<address> ours;
    for (const address_state& a : which) {
      if (ports_[n]->holds() && ports_[n]->has(a.index, a.host)) ours.push_back(a.host);
    }
    if (ours.empty()) continue;
    const std::string others = ours.size() == 1 ? "" : " and " + std::to_string(ours.size() - 1) + " more";
    feed(group::addresses_removed{n, ours.front().text() + others});
  }
}

}  // namespace holdfast
