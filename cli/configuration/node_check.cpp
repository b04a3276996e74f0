#include "cli/configuration/node_check.h"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/language/words.h"

namespace holdfast {

namespace {

template <class Things, class Thing>
bool has(const Things& things, const Thing& thing) {
  return std::find(std::begin(things), std::end(things), thing) != std::end(things);
}

bool is_loopback(const address& a) {
  static const prefix four = *prefix::parse("127.0.0.0/8");
  static const prefix six = *prefix::parse("::1");
  return four.contains(a) || six.contains(a);
}

bool is_any(const address& a) { return a == address() || a == address::v4(0); }

}  // namespace

std::set<address> addresses_of_groups(const settings& s) {
  std::set<address> all;
  for (const auto& [name, group] : s.vrrp) {
    for (const vrrp_address& a : group.addresses) all.insert(a.host);
  }
  return all;
}

findings check_nodes(const settings& s, const std::string& node) {
  findings found;
  const auto warn = [&](const std::string& about, std::string why) {
    found.push_back({severity::warns, about, std::move(why)});
  };
  std::map<place, std::string> at;
  std::optional<std::pair<std::string, bool>> first;  // with a good address: its name, and whether that is IPv4
  bool listed = s.nodes.empty();
  for (const node_settings& n : s.nodes) {
    listed |= n.name == node;
    const std::string line = "node " + n.name;
    const auto host = address::parse(n.where.host);
    const auto port = parse_port(n.where.port);
    if (!host || !port || *port == 65535) {
      warn(line, line + ": expected an address, not a name, and a port below 65535: the nodes can't meet");
      continue;
    }
    const auto [other, fresh] = at.try_emplace(n.where, n.name);
    if (!fresh) warn(line, line + " has the address of node " + other->second + ": expected its own");
    if (!first) first.emplace(n.name, host->is_v4());
    if (first->second == host->is_v4()) continue;
    warn(line, line + " has an " + (host->is_v4() ? "IPv4" : "IPv6") + " address, and node " + first->first +
                   " one of the other family: expected one family for all");
  }
  if (!listed) {
    std::string names;
    for (const node_settings& n : s.nodes) names += ' ' + n.name;
    warn("node", node + " is none of the nodes, so this node talks to no other: expected --node with one of" + names);
  }
  if (s.nodes.size() > 1 && s.sync && s.cluster_key.empty()) {
    warn("node",
         "the nodes don't tell each other of their clients without a key: expected `cluster key FILE`, or "
         "`no sync`");
  }
  return found;
}

findings check_listeners(const settings& s) {
  findings found;
  const auto moving = addresses_of_groups(s);
  if (moving.empty()) return found;
  const auto is_node = [&](const address& a) {
    return std::any_of(s.nodes.begin(), s.nodes.end(), [&](const auto& n) { return n.where.host == a.text(); });
  };
  for (const auto& [name, of] : s.services) {
    for (const place& where : of.listeners) {
      const auto host = address::parse(where.host);
      if (!host || is_any(*host) || is_loopback(*host) || moving.contains(*host) || is_node(*host)) continue;
      const std::string line = "listen " + listen_word::print(where);
      found.push_back({severity::warns, "service " + name + ' ' + line,
                       "service " + name + ": " + line + " is at no address of a group, and stays when those move"});
    }
  }
  return found;
}

findings check_machine(const settings& s, const machine_facts& has_now) {
  findings found;
  if (!has_now.key_trouble.empty()) {
    found.push_back({severity::warns, "cluster key", "the nodes can't know each other: " + has_now.key_trouble});
  }
  for (const auto& [name, group] : s.vrrp) {
    std::set<std::string> needed{group.interface};
    for (const vrrp_address& a : group.addresses) needed.insert(a.interface.empty() ? group.interface : a.interface);
    needed.insert(group.track.begin(), group.track.end());
    for (const std::string& interface : needed) {
      if (interface.empty() || has(has_now.interfaces, interface)) continue;
      std::string known;
      for (const std::string& one : has_now.interfaces) known += (known.empty() ? "" : ", ") + one;
      found.push_back({severity::warns, "vrrp " + name + " interface",
                       "group " + name + ": no interface " + interface + " is here; there are " + known});
    }
  }
  return found;
}

}  // namespace holdfast
