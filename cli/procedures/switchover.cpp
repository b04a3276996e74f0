#include "cli/procedures/switchover.h"

#include <algorithm>

namespace holdfast {

namespace {

const cluster_role* role_of(const cluster_view& v, std::string_view node, std::string_view group) {
  const auto found = std::find_if(v.roles.begin(), v.roles.end(),
                                  [&](const cluster_role& r) { return r.node == node && r.group == group; });
  return found == v.roles.end() ? nullptr : &*found;
}

bool has_role(const cluster_view& v, std::string_view node, std::string_view group, std::string_view role) {
  const cluster_role* found = role_of(v, node, group);
  return found != nullptr && found->role == role;
}

std::string active_elsewhere(const cluster_view& v, const std::string& group) {
  for (const cluster_role& r : v.roles) {
    if (r.group == group && r.role == "active") return "group " + group + " is active on " + r.node + ": say it there";
  }
  return "group " + group + " is active nowhere";
}

result<std::vector<std::string>, std::string> groups_here(const cluster_view& v, const std::string& here,
                                                          const std::optional<std::string>& group) {
  std::vector<std::string> active;
  bool known = false;
  for (const cluster_role& r : v.roles) {
    if (group && r.group != *group) continue;
    known = true;
    if (r.node == here && r.role == "active") active.push_back(r.group);
  }
  if (!active.empty()) return active;
  if (!known) return failure{group ? "no group " + *group : "there is no group of virtual routers"};
  return failure{active_elsewhere(v, group ? *group : v.roles.front().group)};
}

// Whom the election prefers among the backups of a group.
const cluster_role* next_in(const cluster_view& v, const std::string& group) {
  const cluster_role* best = nullptr;
  for (const cluster_role& r : v.roles) {
    if (r.group != group || r.role != "backup") continue;
    if (best == nullptr || r.priority.value_or(0) > best->priority.value_or(0)) best = &r;
  }
  return best;
}

std::string why_unfit(const cluster_node& n) {
  if (!n.in_sync) return n.name + " is not in sync: " + n.state;
  if (n.servers.value_or(0) > 0 && n.servers_alive == 0U) return n.name + " finds no server alive";
  return {};
}

}  // namespace

result<switchover, std::string> plan_switchover(const cluster_view& v, const std::optional<std::string>& group,
                                                const std::optional<std::string>& to) {
  const cluster_node* here = v.here();
  if (here == nullptr || v.nodes.size() < 2) return failure{std::string(no_cluster_words)};
  const auto groups = groups_here(v, here->name, group);
  if (!groups) return failure{groups.error()};
  const cluster_role* next = next_in(v, groups->front());
  if (next == nullptr) return failure{"no other node is a backup of group " + groups->front()};
  const std::string& wanted = to.value_or(next->node);
  if (wanted == here->name) return failure{wanted + " is active already"};
  const auto node = std::find_if(v.nodes.begin(), v.nodes.end(), [&](const auto& n) { return n.name == wanted; });
  if (node == v.nodes.end()) return failure{"no node " + wanted};
  for (const std::string& g : *groups) {
    if (!has_role(v, wanted, g, "backup")) return failure{wanted + " is no backup of group " + g};
    const cluster_role* first = next_in(v, g);
    const bool preferred = first->priority == role_of(v, wanted, g)->priority;
    if (!preferred) return failure{first->node + " would take over group " + g + ": its priority is higher"};
  }
  if (std::string why = why_unfit(*node); !why.empty()) return failure{std::move(why)};
  return switchover{*groups, here->name, wanted};
}

bool is_active(const cluster_view& v, std::string_view node, const std::vector<std::string>& groups) {
  return std::all_of(groups.begin(), groups.end(),
                     [&](const std::string& g) { return has_role(v, node, g, "active"); });
}

std::optional<place> service_at(const settings& s, const std::vector<std::string>& groups) {
  for (const std::string& name : groups) {
    const auto group = s.vrrp.find(name);
    if (group == s.vrrp.end()) continue;
    for (const vrrp_address& at : group->second.addresses) {
      for (const auto& [service, of] : s.services) {
        for (const place& where : of.listeners) {
          const auto host = address::parse(where.host);
          const bool any = where.host.empty() || (host && *host == address()) || where.host == "0.0.0.0";
          if (!where.path.empty() || !(any || (host && *host == at.host))) continue;
          return place{at.host.text(), where.port, {}};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace holdfast
