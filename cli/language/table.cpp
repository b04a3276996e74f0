#include "cli/language/table.h"

#include <map>

#include "base/ensure.h"

namespace holdfast {

namespace {

std::map<command_id, const row*> rows_by_id() {
  std::map<command_id, const row*> found;
  for (const topic& t : table()) {
    for (const row& r : t.rows) ensure(found.emplace(r.says, &r).second);
  }
  return found;
}

// Null: it is not about one setting.
setting_key setting_in(const command& c) {
  if (const auto* change = std::get_if<say::change>(&c)) {
    if (const auto* set = std::get_if<say::set>(change)) return set->key;
    if (const auto* unset = std::get_if<say::unset>(change)) return unset->key;
  } else if (const auto* question = std::get_if<say::question>(&c)) {
    if (const auto* show = std::get_if<say::show>(question)) return show->key;
  }
  return nullptr;
}

}  // namespace

const std::vector<topic>& table() {
  static const std::vector<topic> all = [] {
    std::vector<topic> topics;
    topics.push_back(rows_of_services());
    topics.push_back(rows_of_servers());
    topics.push_back(rows_of_choosing());
    topics.push_back(rows_of_checks());
    topics.push_back(rows_of_acls());
    topics.push_back(rows_of_connections());
    topics.push_back(rows_of_cluster());
    topics.push_back(rows_of_vrrp());
    topics.push_back(rows_of_logs());
    topics.push_back(rows_of_daemon());
    topics.push_back(rows_of_figures());
    topics.push_back(rows_of_compatibility());
    return topics;
  }();
  return all;
}

const row& row_of(const command& c) {
  static const std::map<command_id, const row*> rows = rows_by_id();
  const auto found = rows.find(id_of(c));
  ensure(found != rows.end());
  return *found->second;
}

command_id id_of(const command& c) {
  const auto within = std::visit([](const auto& kind) { return kind.index(); }, c);
  return {std::accumulate(sizes_of_kinds.begin(), sizes_of_kinds.begin() + c.index(), within), setting_in(c)};
}

}  // namespace holdfast
