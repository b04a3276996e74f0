#include "cli/language/table.h"

#include <array>

#include "base/ensure.h"

namespace holdfast {

namespace {

std::array<const row*, alternatives> rows_by_alternative() {
  std::array<const row*, alternatives> found{};
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      ensure(found[r.alternative] == nullptr);
      found[r.alternative] = &r;
    }
  }
  return found;
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
  static const std::array<const row*, alternatives> rows = rows_by_alternative();
  const row* found = rows[alternative_of(c)];
  ensure(found != nullptr);
  return *found;
}

std::size_t alternative_of(const command& c) {
  const auto within = std::visit([](const auto& kind) { return kind.index(); }, c);
  return std::accumulate(sizes_of_kinds.begin(), sizes_of_kinds.begin() + c.index(), within);
}

}  // namespace holdfast
