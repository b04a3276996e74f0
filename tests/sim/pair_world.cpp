#include "tests/sim/pair_world.h"

#include <algorithm>

namespace holdfast::sim {

using namespace std::chrono_literals;

pair_world::pair_world(const std::vector<vrrp_node_setup>& agents, const std::vector<sync_node_setup>& balancers,
                       std::uint64_t seed, const std::function<void(const std::string&)>& say)
    : say_(say),
      agents_(agents, true, seed),
      balancers_(balancers, seed + 1, say),
      heard_after_(2 * agents.front().is.interval + 10ms) {
  if (say_) agents_.listen();
}

std::string pair_world::trouble() const {
  for (const auto* complaints : {&agents_.complaints(), &balancers_.complaints()}) {
    if (!complaints->empty()) return complaints->front();
  }
  return "";
}

// From moment to moment, so that neither world runs ahead of what it must hear from the other.
void pair_world::run(duration how_long) {
  const instant end = now() + how_long;
  tell_agents();
  look();
  while (now() < end && trouble().empty()) {
    step(std::min(end, std::min(agents_.next(end), balancers_.next(end)) + 1us));
  }
}

void pair_world::step(instant when) {
  agents_.run_until(when);
  balancers_.run_until(when);
  tell_agents();
  for (const std::size_t n : both) {
    if (seen_[n].backup && agents_.has_addresses(n)) judge_move(n);
  }
  look();
}

void pair_world::tell_agents() {
  for (const std::size_t n : both) {
    if (!agents_.alive(n)) continue;
    const bool any = balancers_.alive(n);
    if (any && agents_.of(n).in_sync() != balancers_.in_sync(n)) agents_.synced(n, balancers_.in_sync(n));
    const fitness how = any ? worth_[n] : fitness::fault;
    if (agents_.of(n).how() != how) agents_.judge(n, how);
  }
}

bool pair_world::leads(std::size_t n) const {
  return seen_[n].leads_since && now() - *seen_[n].leads_since >= heard_after_;
}

// To a node that was well and in its place, this is preemption.
void pair_world::judge_move(std::size_t n) {
  if (!leads(1 - n)) return;
  if (seen_[n].may_preempt) return balancers_.watch();
  agents_.complain("without a right to it a node " + agents_.of(n).why());
}

void pair_world::look() {
  for (const std::size_t n : both) {
    seen& s = seen_[n];
    s.backup = agents_.alive(n) && agents_.of(n).is() == role::backup;
    const bool knows = balancers_.alive(n) && balancers_.in_sync(n);
    s.fit_backup = s.backup && knows && agents_.of(n).how() == fitness::fit;
    s.may_preempt = s.fit_backup && agents_.preempts(n);
    const bool leads = agents_.alive(n) && serves(n) && agents_.of(n).how() == fitness::fit && agents_.in_touch(0, 1);
    if (!leads) s.leads_since.reset();
    if (leads && !s.leads_since) s.leads_since = now();
  }
  if (!say_ || agents_.told().size() == told_) return;
  say_(agents_.told().substr(told_));
  told_ = agents_.told().size();
}

}  // namespace holdfast::sim
