#include "balancer/choice/pools.h"

#include "base/ensure.h"

namespace holdfast {

void pools::adopt(std::shared_ptr<const pool> what) {
  const std::uint32_t service = what->service;
  auto use = std::make_unique<pool_use>();
  use->what = std::move(what);
  std::swap(use, newest_[service]);
  if (use) retire(std::move(use));
}

void pools::forget(std::uint32_t service) {
  auto gone = newest_.extract(service);
  if (gone) retire(std::move(gone.mapped()));
}

pool_use* pools::newest(std::uint32_t service) {
  const auto found = newest_.find(service);
  return found == newest_.end() ? nullptr : found->second.get();
}

void pools::retire(std::unique_ptr<pool_use> use) {
  use->newest = false;
  if (use->flows > 0) former_.push_back(std::move(use));
}

void pools::end(pool_use& use) {
  ensure(use.flows > 0);
  if (--use.flows > 0 || use.newest) return;
  std::erase_if(former_, [&](const auto& f) { return f.get() == &use; });
}

}  // namespace holdfast
