#include "balancer/doubts.h"

#include <algorithm>

namespace holdfast {

std::vector<std::string> doubts(const settings& said) {
  std::vector<std::string> out;
  const auto asks_country = [](const acl_rule& rule) { return std::holds_alternative<country>(rule.who); };
  for (const auto& [name, rules] : said.acls) {
    if (!said.geoip.empty() || std::none_of(rules.begin(), rules.end(), asks_country)) continue;
    out.push_back("acl " + name + " has rules for countries, which match nobody without a `geoip` database");
  }
  return out;
}

}  // namespace holdfast
