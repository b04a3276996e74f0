// From what the sync channel sees to what `cluster` answers. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "balancer/cluster/channel_view.h"
#include "balancer/table/replication_watermark.h"
#include "cli/configuration/difference.h"
#include "cli/reply/cluster_view.h"
#include "cli/reply/reply.h"

namespace holdfast {

cluster_node node_of(const channel_view::node& n, instant now);

// The services of which that node can't know all that we know, or the other way round: a clause, "" = there are none.
// expected: what that node should have, by our file; a service that is meant for one node alone is none of these.
std::string lacks_of(const channel_view::node& n, const config_lines& expected);

// counted: of the service, null = nothing is known.
cluster_service service_of(const channel_view::node& n, const channel_view::service& s, const confirm_counters* counted,
                           instant now);

void add_roles(cluster_view& to, const std::string& node, const sync_status& status);

std::uint64_t hash_of(const config_lines& all);

// What another node should have: what our file says to it, and what was changed here since. By `on NODE` that may be
// something else than what we have. file: node -> what the file says to it; may be empty or lack nodes.
config_lines expected_of(const std::string& node, const config_lines& ours, const std::string& here,
                         const std::map<std::string, config_lines>& file);

// Lines that others have and should not, or should have and have not. expected: what each should have; theirs: what
// they answered to `show config`.
std::vector<cluster_difference> differences_of(const std::string& here,
                                               const std::map<std::string, config_lines>& expected,
                                               const std::map<std::string, sync_answer>& theirs);

// What all nodes have answered to a command: their tables become one, with the node in front, their lines rows of
// `answers`. Refused if one of them refused.
reply gathered(const std::string& here, const reply& ours, const std::map<std::string, sync_answer>& theirs);

}  // namespace holdfast
