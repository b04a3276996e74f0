#include "balancer/farm/renames.h"

#include <map>
#include <set>

namespace holdfast {

namespace {

std::map<place, std::vector<std::string>> by_place(const service_settings& said) {
  std::map<place, std::vector<std::string>> out;
  const auto identities = said.identities();
  for (std::size_t i = 0; i < identities.size(); ++i) {
    if (!said.servers[i].is_empty()) out[said.servers[i].where].push_back(identities[i]);
  }
  return out;
}

}  // namespace

std::vector<rename> renames(const service_settings& former, const service_settings& wanted) {
  const auto before = former.identities(), now = wanted.identities();
  const std::set<std::string> had(before.begin(), before.end()), have(now.begin(), now.end());
  const auto places = by_place(former);
  std::vector<rename> out;
  for (const auto& [where, identities] : by_place(wanted)) {
    const auto there = places.find(where);
    if (there == places.end() || there->second.size() != 1 || identities.size() != 1) continue;
    const std::string &from = there->second.front(), &to = identities.front();
    if (!have.contains(from) && !had.contains(to)) out.push_back({from, to});
  }
  return out;
}

}  // namespace holdfast
