#include "balancer/table/restoring.h"

namespace holdfast {

void restoring::take(const table_file_head& head, std::span<const sync_entry> entries) {
  if (ours_.empty()) know(head);
  batch_.clear();
  for (sync_entry e : entries) {
    const auto found = ours_.find(e.server);
    done_.dropped += found == ours_.end();
    if (found == ours_.end()) continue;
    e.server = found->second;
    batch_.push_back(e);
  }
  done_.entries += batch_.size();
  done_.ahead += into_.recall(batch_, now_).ahead;
}

void restoring::know(const table_file_head& head) {
  ours_.emplace(nobody, nobody);
  for (const auto& s : head.servers) {
    const auto found = ids_.find(s.identity);
    if (found != ids_.end()) ours_.emplace(s.number, found->second);
  }
}

}  // namespace holdfast
