#include "tests/sim/pair_world.h"
#include "tests/sim/random_story.h"

namespace holdfast::sim {

namespace {

using namespace std::chrono_literals;
constexpr int acts = 50;

class pair_storyteller {
 public:
  pair_storyteller(std::uint64_t seed, const std::function<void(const std::string&)>& say)
      : random_(seed), setups_(make_agents()), world_(setups_, make_balancers(), random_(), say) {}

  std::string tell() {
    for (const std::size_t n : pair_world::both) start(n);
    for (int i = 0; i < acts && world_.trouble().empty(); ++i) {
      world_.run(one_in(3) ? interval_ * upto(6) : one_in(3) ? 1ms * upto(4000) : 100us * upto(300));
      balancers_.watch();
      act();
    }
    if (world_.trouble().empty()) recover();
    return world_.trouble();
  }

 private:
  std::uint32_t upto(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % (std::uint64_t{most} + 1)); }
  bool one_in(std::uint32_t n) { return random_() % n == 0; }

  std::vector<vrrp_node_setup> make_agents() {
    constexpr duration choices[] = {50ms, 100ms, 1s};
    interval_ = choices[upto(2)];
    const bool preempt = !one_in(6);
    const duration delay = one_in(4) ? interval_ * upto(20) : 0s;
    const std::vector<address> routers(1 + upto(1));
    std::vector<vrrp_node_setup> made;
    for (const std::string name : {"lb1", "lb2"}) {
      const auto priority = static_cast<std::uint8_t>(one_in(8) ? 100 : 20 + upto(200));
      made.push_back({.name = name,
                      .is = {.node = name,
                             .priority = priority,
                             .interval = interval_,
                             .preempt = preempt,
                             .preempt_delay = delay,
                             .routers = routers},
                      .clock = 0.98 + 0.0004 * upto(100)});
    }
    return made;
  }

  std::vector<sync_node_setup> make_balancers() {
    clients_ = 5 + upto(60);
    std::vector<sync_node_setup> made;
    for (const auto& agent : setups_) {
      made.push_back({.name = agent.name, .capacity = 200, .skew_ms = some_skew()});
    }
    return made;
  }

  std::int64_t some_skew() {
    const std::uint32_t most = one_in(3) ? 5 * 3'600'000 : one_in(2) ? 60'000 : 400;
    return static_cast<std::int64_t>(upto(2 * most)) - most;
  }

  void act() {
    const std::size_t who = upto(1);
    switch (upto(29)) {
      case 0: return lose_power(who);
      case 1: return balancers_.crash(who, true);
      case 2: return agents_.crash(who);
      case 3:
      case 4:
      case 5: return start(who);
      case 6: return stop(who);
      case 7: return agents_.pause(who);
      case 8: return agents_.resume(who);
      case 9: return world_.worth(who, static_cast<fitness>(upto(2)));
      case 10: return balancers_.save(who);
      case 11: return balancers_.lose_disk(who);
      case 12: return trouble_the_front(who);
      case 13: return cut_between(one_in(2));
      case 14: return part();
      case 15: return heal();
      case 16: return balancers_.reset(0, 1);
      case 17: return balancers_.slow(0, 1, one_in(2) ? 200us : 1ms * (1 + upto(50)));
      case 18: return one_in(3) ? balancers_.forget(who, upto(clients_)) : balancers_.check_all();
      case 19: return order(who);
      case 20:
      case 21: return make_well();
      case 22: return hand_over(who);
      case 23: return balancers_.set_clock(who, one_in(3) ? 0 : some_skew());
      case 24: return balancers_.pin(who, upto(clients_));
      case 25: return balancers_.drain(who, upto(3));
      default: return crowd();
    }
  }

  void start(std::size_t n) {
    if (!one_in(8)) balancers_.start(n);
    if (!one_in(8)) world_.start_agent(n);
  }

  void lose_power(std::size_t n) {
    agents_.crash(n, false);
    balancers_.crash(n, false);
  }

  // The balancer serves until the addresses are elsewhere.
  void stop(std::size_t n) {
    if (one_in(2)) return agents_.stop(n);
    world_.worth(n, fitness::fault);
    world_.run(interval_);
    balancers_.save(n);
    balancers_.stop(n);
    world_.worth(n, fitness::fit);
  }

  void trouble_the_front(std::size_t from) {
    if (one_in(3)) return agents_.lose(0.2 * upto(3));
    one_in(3) ? agents_.filter_adverts(one_in(2)) : agents_.cut_front(from, 1 - from, one_in(2));
  }

  void cut_between(bool cut) {
    if (!one_in(3)) agents_.cut_wire(0, 1, cut);
    if (!one_in(3)) balancers_.cut(0, 1, cut);
  }

  void part() {
    for (const std::size_t n : pair_world::both) agents_.cut_front(n, 1 - n, true);
    cut_between(true);
  }

  void heal() {
    agents_.heal();
    balancers_.heal();
  }

  void order(std::size_t who) {
    if (one_in(2)) return agents_.stand_by(who);
    one_in(4) ? agents_.release(who) : agents_.let_take(who);
  }

  // As planned: when the last news are confirmed.
  void hand_over(std::size_t from) {
    world_.run(100ms);
    if (!world_.could_hand_over(from)) return;
    agents_.stand_by(from);
    world_.run(agents_.slowest_down());
    if (agents_.actives() != std::vector{1 - from}) agents_.complain("nobody has taken over as planned");
  }

  // Whoever has the addresses is visited: during a split, both.
  void crowd() {
    for (std::uint32_t i = 0, count = upto(one_in(4) ? 40 : 5); i < count && world_.trouble().empty(); ++i) {
      for (const std::size_t n : pair_world::both) {
        if (world_.serves(n)) balancers_.visit(n, upto(clients_));
      }
      if (one_in(2)) world_.run(1us * upto(500));
    }
  }

  void make_well() {
    heal();
    for (const std::size_t n : pair_world::both) {
      agents_.resume(n);
      balancers_.start(n);
      world_.start_agent(n);
      world_.worth(n, fitness::fit);
    }
  }

  // Whatever happened: once all is well, both know the same, and the one that is preferred is active, and stays it.
  void recover() {
    make_well();
    world_.run(1us);
    for (const std::size_t n : pair_world::both) agents_.let_take(n);
    world_.run(30s);
    if (!world_.trouble().empty()) return;
    balancers_.watch();
    balancers_.must_agree();
    const auto first = agents_.actives();
    if (first.size() != 1) return agents_.complain(std::to_string(first.size()) + " are active in the end");
    world_.run(20 * interval_);
    if (agents_.actives() != first) agents_.complain("the role moves without a reason");
    const group& other = agents_.of(1 - first.front());
    const bool higher = other.priority() > agents_.of(first.front()).priority();
    if (higher && other.config().preempt) agents_.complain(other.config().node + " has the higher priority, and waits");
  }

  std::mt19937_64 random_;
  duration interval_{};
  std::uint32_t clients_ = 0;
  std::vector<vrrp_node_setup> setups_;
  pair_world world_;
  vrrp_world& agents_ = world_.agents();
  sync_world& balancers_ = world_.balancers();
};

}  // namespace

std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  return pair_storyteller(seed, say).tell();
}

}  // namespace holdfast::sim
