#include "vrrp/agent/leftovers_io.h"

#include "vrrp/election/plan.h"
#include "vrrp/kernel/connections_io.h"
#include "vrrp/kernel/instance_io.h"
#include "vrrp/kernel/lease_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {

result<std::size_t, std::string> release_all(netlink& kernel, const settings& s, bool for_good) {
  const auto links = kernel.links();
  if (!links) return links.error();
  const auto left = find_leftovers(kernel, leased_of(*links, plan_of(s)));
  if (!left) return left.error();
  std::vector<address> leaving;
  for (const leased_address& a : *left) leaving.push_back(a.host);
  if (for_good) end_connections(leaving, goodbye_most);
  const lease_report done = remove_addresses(kernel, *left);
  if (!done.refused.empty()) return done.refused.front().why;
  const auto instances = find_instances(kernel);
  if (!instances) return instances.error();
  for (const instance& one : *instances) {
    if (const auto removed = remove_instance(kernel, one); !removed) return removed.error();
  }
  return left->size();
}

std::vector<std::string> warnings_about_box(netlink& kernel, const settings& s) {
  const auto links = kernel.links();
  const auto present = kernel.addresses();
  if (!links || !present) return {};
  return own_addresses(*links, *present, plan_of(s));
}

}  // namespace holdfast
