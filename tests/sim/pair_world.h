// The whole pair: on each of two nodes an agent with its group (vrrp_world.h) and a balancer with its clients
// (sync_world.h), on one clock. Tells each agent what its balancer is worth and knows, as the daemons do, and watches
// what only both together can break: that no node takes the place of another whose clients it does not know.
#pragma once

#include <array>

#include "tests/sim/sync_world.h"
#include "tests/sim/vrrp_world.h"

namespace holdfast::sim {

class pair_world {
 public:
  static constexpr std::array<std::size_t, 2> both{0, 1};

  pair_world(const std::vector<vrrp_node_setup>& agents, const std::vector<sync_node_setup>& balancers,
             std::uint64_t seed, const std::function<void(const std::string&)>& say);

  vrrp_world& agents() { return agents_; }
  sync_world& balancers() { return balancers_; }
  instant now() const { return agents_.now(); }
  void run(duration how_long);

  void start_agent(std::size_t n) { agents_.restart(n, fitness::fault); }  // until it has heard of its balancer
  void worth(std::size_t n, fitness how) { worth_[n] = how; }              // of its balancer, while that lives

  bool serves(std::size_t n) const { return balancers_.alive(n) && agents_.has_addresses(n); }
  bool could_hand_over(std::size_t from) const { return leads(from) && seen_[1 - from].fit_backup; }
  std::string trouble() const;  // the first, "" = none

 private:
  struct seen {  // of a node, after the last step
    bool backup = false;
    bool fit_backup = false;  // and in sync
    bool may_preempt = false;
    std::optional<instant> leads_since;  // active, fit, and heard by the other
  };

  void step(instant when);
  void tell_agents();
  void judge_move(std::size_t n);
  bool leads(std::size_t n) const;  // for long enough to be known for it
  void look();

  const std::function<void(const std::string&)>& say_;
  vrrp_world agents_;
  sync_world balancers_;
  duration heard_after_;  // whoever leads for so long has been heard by whoever listens
  std::array<fitness, 2> worth_{};
  std::array<seen, 2> seen_{};
  std::size_t told_ = 0;
};

}  // namespace holdfast::sim
