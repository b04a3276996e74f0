#include "balancer/cluster/cluster_secrets.h"

#include <array>
#include <iterator>
#include <utility>

namespace holdfast {

namespace {

constexpr std::array<std::pair<const char*, std::size_t>, 2> ours{{{"tls-ticket", 80}, {"tcp-fastopen", 16}}};
constexpr std::size_t most = ours.size() + 8;  // with those of a later version

}  // namespace

std::vector<cluster_secrets::wanted> cluster_secrets::due(unix_ms now) const {
  std::vector<wanted> out;
  for (const auto& [name, size] : ours) {
    const auto known = all_.find(name);
    const unix_ms made = known == all_.end() ? 0 : clock_.when(known->second.made);
    if (known == all_.end() || (now > made && now - made >= life)) out.push_back({name, size});
  }
  return out;
}

sync_secret cluster_secrets::made(const std::string& name, secret_bytes bytes, unix_ms now) {
  return all_[name] = {.name = name, .made = clock_.tick(now), .bytes = std::move(bytes)};
}

void cluster_secrets::take(const sync_secret& told, unix_ms now) {
  auto& known = all_[told.name];
  if (clock_.see(told.made, now) && told.made > known.made) known = told;
  while (all_.size() > most) all_.erase(std::prev(all_.end()));  // of a talkative peer
}

}  // namespace holdfast
