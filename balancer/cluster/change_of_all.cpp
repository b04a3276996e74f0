#include "balancer/cluster/change_of_all.h"

#include <tuple>

#include "balancer/farm/orders.h"
#include "cli/configuration/difference.h"
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

reply loaded_answer(const settings& before, const settings& after) {
  reply answer;
  answer.message = difference_of(before, after);
  if (before.vrrp != after.vrrp) answer.message += "\nsay `reload` on each node: the agents have not read it yet";
  return answer;
}

}  // namespace holdfast
