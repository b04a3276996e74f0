// What of settings does not fit together with the nodes, or with the machine that they are for: all of it works
// somehow, and hardly as meant. Pure; check_io.h looks at the machine.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

// The virtual ones: they come and go with a role.
std::set<address> addresses_of_groups(const settings& s);

// The nodes as they are to meet: addresses and not names, of one family, each its own; a key; and `node` among them.
findings check_nodes(const settings& s, const std::string& node);

// Listeners at addresses that no group has, where there are groups: they stay behind when the addresses move.
findings check_listeners(const settings& s);

struct machine_facts {
  std::vector<std::string> interfaces;  // names
  std::string key_trouble;              // a clause: why the cluster's key can't be used; "" = it can, or none is said
};
findings check_machine(const settings& s, const machine_facts& has);

}  // namespace holdfast
