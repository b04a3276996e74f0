// How this node and the others are, from facts: what the others are told, and what `cluster` answers.
#pragma once

#include <map>
#include <string>

#include "balancer/cluster/channel_view.h"
#include "balancer/cluster/cluster_facts.h"
#include "balancer/show/answers.h"
#include "cli/settings/settings.h"

namespace holdfast {

// All that is referred to outlives it.
struct own_facts {
  const std::string& node;
  const process_facts& process;
  pool_list pools;
  std::uint32_t connections = 0;
  bool in_sync = false;  // as the channel sees it
  const settings& now;
  const std::map<std::string, config_lines>& file;  // what the configuration file says to each node
  instant when;
};

config_lines lines_of(const settings& s);  // as a configuration file
sync_status status_of(const own_facts& here);
cluster_view view_of(const channel_view& seen, const own_facts& here);

// Whether some agent of this node says that it is active.
bool is_active(const process_facts& process);

// What the other nodes should have, and whether they do, as far as their hashes tell.
struct expectation {
  std::map<std::string, config_lines> of;  // by node
  bool met = true;
};
expectation expected_of(const channel_view& seen, const own_facts& here);

// News that connected nodes have not confirmed.
struct backlog {
  std::uint64_t waiting = 0;
  bool anybody = false;  // is connected
};
backlog backlog_of(const channel_view& seen);

}  // namespace holdfast
