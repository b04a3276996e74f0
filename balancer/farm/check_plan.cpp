#include "balancer/farm/check_plan.h"

#include <algorithm>
#include <set>

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

std::vector<endpoint> check_targets(const server& s, std::uint16_t check_port, std::uint16_t port) {
  std::vector<endpoint> out;
  for (std::size_t i = 0; i < s.addresses(); ++i) {
    endpoint at = s.address_at(i);
    if (at.path.empty() && check_port != 0) at.port = check_port;
    if (at.path.empty() && at.port == 0) at.port = port;
    if (at.path.empty() && at.port == 0) return {};
    out.push_back(std::move(at));
  }
  return out;
}

std::vector<planned_check> checks_of(const pool& of, std::uint16_t port) {
  std::vector<planned_check> out;
  std::set<check_key> have;
  const check_settings& how = of.policy.check;
  for (const server& s : of.servers) {
    if (!s.usable || how.how == check_kind::none) continue;
    const auto want = [&](std::uint16_t of_port, std::vector<endpoint> at, std::shared_ptr<reach_live> live) {
      const check_key which(s.id, of_port);
      if (!at.empty() && have.insert(which).second) out.push_back({which, &s, std::move(at), std::move(live)});
    };
    if (how.port != 0 || s.ports.empty()) want(0, check_targets(s, how.port, port), s.live);
    if (how.port != 0) continue;
    for (const auto& one : s.ports) want(one->port, check_targets(s, 0, one->port), one);
  }
  return out;
}

std::string text_of(const std::vector<endpoint>& some) {
  std::string out;
  for (const endpoint& one : some) out += (out.empty() ? "" : ",") + one.text();
  return out;
}

void sum_up(const server& s, instant now) {
  if (s.ports.empty()) return;
  const bool up = std::any_of(s.ports.begin(), s.ports.end(), [](const auto& one) { return one->up.load(relaxed); });
  if (s.live->up.exchange(up, relaxed) || !up) return;
  s.live->returned_at.store(now.time_since_epoch().count(), relaxed);
}

bool speaks_for(const server& s, std::uint16_t port) {
  if (s.live->up.load(relaxed)) return false;
  return port == 0 || port == s.ports.front()->port;
}

}  // namespace holdfast
