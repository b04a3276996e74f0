// What is wrong with groups of virtual routers as a whole, which no single command can know: a group that is not
// finished, or two that want the same. Pure; any thread.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

// A virtual router: what makes it, and so what no two may have in common.
struct router_key {
  std::string interface;
  std::uint8_t id = 0;  // 0 = nobody has said it
  bool six = false;
  auto operator<=>(const router_key&) const = default;
};

// The routers of a group, each with its addresses; their own interface and id are filled in.
std::map<router_key, std::vector<vrrp_address>> routers_of(const vrrp_settings& group);

// In the order of the groups, none twice.
findings check_vrrp(const settings& s);

// What the nodes of a cluster, whose settings these are by name, have wrong between them: warnings.
findings check_cluster(const std::map<std::string, settings>& nodes);

}  // namespace holdfast
