#include "balancer/cluster/change_of_all.h"

#include <tuple>

#include "balancer/orders.h"
#include "cli/configuration/meeting.h"

namespace holdfast {

bool keeps_company(const settings& now, const settings& wanted, const std::string& node) {
  const auto keys = [](const settings& s) { return std::tie(s.sync, s.cluster_key, s.next_cluster_key); };
  return keys(now) == keys(wanted) && meeting_of(now, node, 0) == meeting_of(wanted, node, 0);
}

std::optional<settings> undone(const settings& before, const settings& made, const settings& now) {
  if (with_orders(made, made, now) != now) return std::nullopt;
  return with_orders(before, made, now);
}

}  // namespace holdfast
