#include "balancer/table/server_names.h"

namespace holdfast {

void server_names::teach(std::shared_ptr<client_table> table) {
  const std::lock_guard guard(lock_);
  table_ = std::move(table);
  for (std::size_t i = 0; i < names_.size(); ++i) table_->know(static_cast<server_id>(i + 1), identity_hash(names_[i]));
}

std::optional<server_id> server_names::know(std::string_view identity) {
  const std::lock_guard guard(lock_);
  const auto known = numbers_.find(std::string(identity));
  if (known != numbers_.end()) return known->second;
  if (names_.size() == max_server_names) return std::nullopt;
  names_.emplace_back(identity);
  const auto id = static_cast<server_id>(names_.size());
  if (table_) table_->know(id, identity_hash(identity));
  numbers_.emplace(identity, id);
  return id;
}

std::string server_names::identity_of(server_id id) const {
  const std::lock_guard guard(lock_);
  return id >= 1 && id <= names_.size() ? names_[id - 1] : std::string();
}

std::vector<std::pair<server_id, std::string>> server_names::after(server_id last) const {
  const std::lock_guard guard(lock_);
  std::vector<std::pair<server_id, std::string>> out;
  for (std::size_t i = last; i < names_.size(); ++i) out.emplace_back(static_cast<server_id>(i + 1), names_[i]);
  return out;
}

}  // namespace holdfast
