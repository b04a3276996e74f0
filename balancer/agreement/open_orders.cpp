#include "balancer/agreement/open_orders.h"

#include <utility>
#include <vector>

namespace holdfast {

std::uint64_t open_orders::add(const std::set<std::string>& connected, const std::set<std::string>& absent,
                               listener done, instant now) {
  const std::uint64_t id = next_++;
  order& made = open_[id] = {.missing = connected, .heard = {}, .done = std::move(done), .until = now + order_patience};
  for (const std::string& node : absent) made.heard[node] = {id, false, "not connected"};
  finish(id);
  return id;
}

void open_orders::answered(const std::string& node, const sync_answer& what) {
  const auto which = open_.find(what.id);
  if (which == open_.end() || which->second.missing.erase(node) == 0) return;  // too late
  which->second.heard[node] = what;
  finish(what.id);
}

void open_orders::lost(const std::string& node) {
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, one] : open_) {
    if (one.missing.contains(node)) waiting.push_back(id);
  }
  for (const std::uint64_t id : waiting) answered(node, {id, false, "the connection to it ended"});
}

void open_orders::expire(instant now) {
  while (!open_.empty() && open_.begin()->second.until <= now) {
    const std::uint64_t id = open_.begin()->first;
    const std::set<std::string> silent = open_.begin()->second.missing;
    for (const std::string& node : silent) answered(node, {id, false, "no answer within 10 s"});
  }
}

std::optional<instant> open_orders::due() const {
  return open_.empty() ? std::nullopt : std::optional(open_.begin()->second.until);
}

void open_orders::finish(std::uint64_t id) {
  const auto which = open_.find(id);
  if (!which->second.missing.empty()) return;
  auto done = open_.extract(which);
  done.mapped().done(std::move(done.mapped().heard));
}

}  // namespace holdfast
