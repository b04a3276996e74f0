#include "balancer/cluster/cluster_status.h"

#include <algorithm>

#include "balancer/choice/pool.h"
#include "cli/configuration/config.h"

namespace holdfast {

namespace {

const confirm_counters* counters_of(pool_list pools, const std::string& service) {
  for (const pool* p : pools) {
    if (p->policy.name == service) return p->followed ? &p->followed->counters() : nullptr;
  }
  return nullptr;
}

cluster_node own_node(const own_facts& here, const sync_status& is) {
  return {.name = here.node,
          .here = true,
          .in_sync = here.in_sync,
          .state = std::string(here.in_sync ? in_sync_words : "not in sync with the others"),
          .software = HOLDFAST_VERSION,
          .uptime = seconds_of(here.process.uptime),
          .servers_alive = is.servers_alive,
          .servers = is.servers,
          .connections = is.connections};
}

}  // namespace

config_lines lines_of(const settings& s) { return lines_of(write_config(s)); }

bool is_active(const process_facts& process) {
  return process.vrrp && std::ranges::find(*process.vrrp, role::active, &role_change::is) != process.vrrp->end();
}

sync_status status_of(const own_facts& here) {
  const condition servers = condition_of(here.pools, here.when);
  sync_status is{.uptime = static_cast<std::uint64_t>(seconds_of(here.process.uptime)),
                 .connections = here.connections,
                 .servers = servers.servers,
                 .servers_alive = servers.servers_alive,
                 .in_sync = static_cast<std::uint8_t>(here.in_sync ? 1 : 0),
                 .config = hash_of(lines_of(here.now)),
                 .groups = {}};
  for (const role_change& r : here.process.vrrp.value_or(std::vector<role_change>())) {
    const auto group = here.now.vrrp.find(r.group);
    const std::uint8_t priority = group == here.now.vrrp.end() ? 0 : group->second.priority;
    if (is.groups.size() < max_sync_groups) is.groups.push_back({r.group, r.is, priority});
  }
  return is;
}

cluster_view view_of(const channel_view& seen, const own_facts& here) {
  const sync_status is = status_of(here);
  const config_lines ours = lines_of(here.now);
  cluster_view out;
  out.nodes.push_back(own_node(here, is));
  add_roles(out, here.node, is);
  for (const auto& n : seen.nodes) {
    cluster_node& there = out.nodes.emplace_back(node_of(n, here.when));
    const std::string lacks = lacks_of(n, expected_of(n.name, ours, here.node, here.file));
    if (there.in_sync && !lacks.empty()) {
      there.in_sync = false;
      there.state = lacks;
    }
    if (n.status) add_roles(out, n.name, *n.status);
    for (const auto& s : n.services) {
      out.services.push_back(service_of(n, s, counters_of(here.pools, s.seen.name), here.when));
    }
  }
  return out;
}

expectation expected_of(const channel_view& seen, const own_facts& here) {
  const config_lines ours = lines_of(here.now);
  expectation out;
  for (const channel_view::node& n : seen.nodes) {
    const auto& should = out.of[n.name] = expected_of(n.name, ours, here.node, here.file);
    out.met = out.met && (!n.status || n.status->config == hash_of(should));
  }
  return out;
}

backlog backlog_of(const channel_view& seen) {
  backlog out;
  for (const auto& n : seen.nodes) {
    if (!n.connected) continue;
    out.anybody = true;
    for (const auto& s : n.services) out.waiting += s.waiting;
  }
  return out;
}

}  // namespace holdfast
