// Giving the virtual addresses to another node on purpose: whether that may be done now, from what the cluster says of
// itself. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/reply/cluster_view.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct switchover {
  std::vector<std::string> groups;  // active on `from`, the node that answers; not empty
  std::string from, to;             // nodes
  bool operator==(const switchover&) const = default;
};

// group: none = all that are active here; to: none = whoever takes over. The error says why it can't be done from here,
// or what would be lost.
result<switchover, std::string> plan_switchover(const cluster_view& v, const std::optional<std::string>& group,
                                                const std::optional<std::string>& to);

// Is that node active in all of these groups?
bool is_active(const cluster_view& v, std::string_view node, const std::vector<std::string>& groups);

// Where clients reach a service at an address of one of these groups: the first listener there, or at any address.
std::optional<place> service_at(const settings& s, const std::vector<std::string>& groups);

}  // namespace holdfast
