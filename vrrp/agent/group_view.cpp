#include "vrrp/agent/group_view.h"

#include <algorithm>

namespace holdfast {

wire_group view_of(const group_plan& plan, const group& machine, const tempo& rhythm, std::uint64_t epoch,
                   std::span<const address> fronts, instant now) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  wire_group v;
  v.name = plan.said.name;
  v.is = machine.is();
  v.priority = machine.priority();
  v.how = machine.how();
  v.since = static_cast<std::uint64_t>(duration_cast<milliseconds>(now - machine.since()).count());
  if (const auto looked = machine.view().alive_at) v.looked = duration_cast<milliseconds>(now - *looked);
  v.front = machine.view().front;
  v.epoch = epoch;
  v.addresses = static_cast<std::uint16_t>(plan.said.addresses.size());
  v.interval = static_cast<std::uint32_t>(duration_cast<std::chrono::microseconds>(rhythm.interval()).count());
  v.keeps = rhythm.says();
  for (const address& one : fronts) name_front(v, one);
  return v;
}

wire_group part_of(const wire_report& report, const std::string& group) {
  const auto found = std::ranges::find(report.groups, group, &wire_group::name);
  return found == report.groups.end() ? wire_group() : *found;
}

group::peer_view heard_of(const wire_group& theirs, instant now) {
  group::peer_view view{.is = theirs.is, .priority = theirs.priority, .how = theirs.how, .front = theirs.front};
  if (theirs.looked) view.alive_at = now - *theirs.looked;
  return view;
}

const address& front_of(const wire_group& theirs, bool six) { return six ? theirs.front6 : theirs.front4; }

bool is_on_one_interface(const group_plan& plan) {
  return std::ranges::all_of(
      plan.routers, [&](const router_plan& r) { return r.key.interface == plan.routers.front().key.interface; });
}

}  // namespace holdfast
