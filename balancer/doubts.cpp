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
  for (const auto& [name, of] : said.services) {
    for (const server_settings& s : of.servers) {
      const auto host = address::parse(s.where.host);
      if (!of.source || !host || host->is_v4() == of.source->is_v4()) continue;
      out.push_back("service " + name + ": server " + s.name + " can't be reached from source " + of.source->text() +
                    ", which is of another family");
    }
  }
  return out;
}

}  // namespace holdfast
