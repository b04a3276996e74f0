#include "vrrp/front/acquaintances.h"

#include <algorithm>
#include <utility>

namespace holdfast {

void acquaintances::expect(const std::vector<std::string>& nodes) {
  auto before = std::exchange(all_, {});
  for (const std::string& node : nodes) all_[node] = before[node];
}

void acquaintances::named(const std::string& node, const address& front4, const address& front6) {
  const auto known = all_.find(node);
  if (known == all_.end()) return;
  fronts now = known->second.value_or(fronts{});
  if (front4 != address()) now.four = front4;
  if (front6 != address()) now.six = front6;
  if (now.four != address() || now.six != address()) known->second = now;
}

bool acquaintances::are_complete() const {
  return !all_.empty() && std::ranges::all_of(all_, [](const auto& one) { return one.second.has_value(); });
}

bool acquaintances::has(const address& who) const {
  return std::ranges::any_of(
      all_, [&](const auto& one) { return one.second && (one.second->four == who || one.second->six == who); });
}

}  // namespace holdfast
