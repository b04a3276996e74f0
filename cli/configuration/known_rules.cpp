#include "cli/configuration/known_rules.h"

namespace holdfast {

namespace {

std::string text_of(const acl_rule& rule) {
  const auto* network = std::get_if<prefix>(&rule.who);
  const std::string verdict = rule.permit ? "permit " : "deny ";
  if (network != nullptr) return verdict + network->text();
  const auto& code = std::get<country>(rule.who).code;
  return verdict + std::string(code.begin(), code.end());
}

}  // namespace

known_rules::known_rules(const settings& present) {
  for (const auto& [acl, rules] : present.acls) {
    for (const acl_rule& rule : rules) rules_[acl].insert(text_of(rule));
  }
}

bool known_rules::repeats(const say::change& said) {
  if (const auto* c = std::get_if<say::add_network>(&said)) return note(c->acl, {c->permit, c->network});
  if (const auto* c = std::get_if<say::add_country>(&said)) return note(c->acl, {c->permit, c->from});
  if (const auto* c = std::get_if<say::clear_acl>(&said)) rules_.erase(c->acl);
  return false;
}

bool known_rules::note(const std::string& acl, acl_rule rule) {
  last_.insert_or_assign(acl, rule);
  return !rules_[acl].insert(text_of(rule)).second;
}

void known_rules::finish(settings& made) const {
  for (const auto& [acl, rule] : last_) {
    const auto list = made.acls.find(acl);
    if (list == made.acls.end() || list->second.empty() || list->second.back().permit == rule.permit) continue;
    if (list->second.size() < max_acl_rules) list->second.push_back(rule);
  }
}

}  // namespace holdfast
