#include "balancer/choice/acl.h"

#include <algorithm>

namespace holdfast {

acl::acl(const acl_rules& rules) {
  for (std::uint32_t number = 0; number < rules.size(); ++number) {
    const verdict here{number, rules[number].permit};
    if (const auto* whole = std::get_if<prefix>(&rules[number].who)) {
      networks_[whole->length].push_back({whole->base, here});
    } else {
      countries_.push_back({std::get<country>(rules[number].who).code, here});
    }
  }
  // The sort is stable, so of equal rules the first stays first.
  for (auto& [length, entries] : networks_) std::stable_sort(entries.begin(), entries.end(), by_key{});
  std::stable_sort(countries_.begin(), countries_.end(), by_key{});
  if (!rules.empty()) unmatched_ = !rules.back().permit;
}

bool acl::permits(const address& client, std::optional<country> from) const {
  verdict first{none, unmatched_};
  const auto ask = [&first](const auto& entries, const auto& key) {
    const auto hit = std::lower_bound(entries.begin(), entries.end(), key, by_key{});
    if (hit != entries.end() && hit->first == key && hit->second.rule < first.rule) first = hit->second;
  };
  if (client != address()) {
    for (const auto& [length, entries] : networks_) ask(entries, client.masked(length));
  }
  if (from) ask(countries_, from->code);
  return first.permit;
}

acl_table::acl_table(const acl_lists& wanted, const acl_lists& former, const acl_table& compiled) {
  for (const auto& [name, rules] : wanted) {
    const auto before = former.find(name);
    const bool same = before != former.end() && before->second == rules && compiled.lists_.contains(name);
    lists_[name] = same ? compiled.find(name) : std::make_shared<const acl>(rules);
  }
}

const std::shared_ptr<const acl>& acl_table::find(const std::string& name) const {
  const auto hit = lists_.find(name);
  return hit == lists_.end() ? everybody_ : hit->second;
}

}  // namespace holdfast
