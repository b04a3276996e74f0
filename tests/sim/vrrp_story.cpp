#include <algorithm>

#include "tests/sim/random_story.h"
#include "tests/sim/vrrp_world.h"

namespace holdfast::sim {

namespace {

constexpr int acts = 40;

class vrrp_storyteller {
 public:
  vrrp_storyteller(std::uint64_t seed, const std::function<void(const std::string&)>& say)
      : random_(seed),
        automatic_(seed % 4 == 0),
        say_(say),
        setups_(make_nodes()),
        wires_(!one_in(4)),
        world_(setups_, wires_, random_()) {
    if (say_) world_.listen();
  }

  std::string tell() {
    if (wires_ && one_in(8)) {
      setups_.front().is.watches&& one_in(2) ? lose_the_front() : come_behind_a_blocked_port();
      if (say_) say_(world_.told());
      return world_.complaints().empty() ? "" : world_.complaints().front();
    }
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.restart(n);
    if (one_in(8)) {
      lose_servers();
      if (say_) say_(world_.told());
      return world_.complaints().empty() ? "" : world_.complaints().front();
    }
    if (wires_ && one_in(32)) {
      fail_together();
      if (say_) say_(world_.told());
      return world_.complaints().empty() ? "" : world_.complaints().front();
    }
    for (int i = 0; i < acts && world_.complaints().empty(); ++i) {
      run(one_in(3) ? world_.slowest_down() * upto(3) : interval_ * upto(4) / 2);
      act();
    }
    if (world_.complaints().empty()) recover();
    if (say_) say_(world_.told());
    return world_.complaints().empty() ? "" : world_.complaints().front();
  }

 private:
  std::uint32_t upto(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % (std::uint64_t{most} + 1)); }
  bool one_in(std::uint32_t n) { return random_() % n == 0; }
  std::size_t somebody() { return random_() % world_.nodes(); }
  void run(duration how_long) { world_.run_until(world_.now() + how_long); }

  std::vector<vrrp_node_setup> make_nodes() {
    constexpr duration choices[] = {10ms, 50ms, 100ms, 1s};
    interval_ = choices[upto(3)];
    if (automatic_) interval_ = tempo::slow;
    const bool preempt = !one_in(3);
    const std::size_t routers = 1 + upto(2);
    const bool watches = one_in(2);
    std::vector<vrrp_node_setup> made;
    for (std::uint32_t n = 0, count = 2 + upto(1); n < count; ++n) {
      vrrp_node_setup one;
      one.name = "lb" + std::to_string(n + 1);
      one.is.node = one.name;
      one.is.priority = static_cast<std::uint8_t>(one_in(8) ? 100 : 20 + 40 * n + upto(20));
      one.is.interval = interval_;
      one.automatic = automatic_;
      if (automatic_) one.is.unheard = tempo::slow;
      one.is.preempt = preempt;
      one.is.watches = watches;
      one.is.preempt_delay = one_in(4) ? interval_ * upto(20) : 0s;
      one.is.routers.resize(routers);
      one.clock = 0.98 + 0.0004 * upto(100);
      made.push_back(one);
    }
    return made;
  }

  void act() {
    const std::size_t who = somebody();
    const std::size_t other = (who + 1) % world_.nodes();
    switch (upto(automatic_ ? 25 : 17)) {
      case 0: return world_.crash(who);
      case 1:
      case 2: return world_.restart(who);
      case 3: return world_.pause(who);
      case 4: return world_.resume(who);
      case 5: return world_.judge(who, static_cast<fitness>(upto(2)));
      case 6:
        if (one_in(2)) return world_.let_take(who);
        return one_in(2) ? world_.release(who) : world_.stand_by(who);
      case 7: return world_.remove_addresses(who, 1 + upto(9));
      case 8: return world_.stop(who);
      case 9: return world_.lose(0.2 * upto(3));
      case 10: return world_.cut_front(who, other, one_in(2));
      case 11: return world_.filter_adverts(one_in(3));
      case 12: return world_.cut_wire(who, other, one_in(2));
      case 13: loses_servers_ = true; return world_.serve(who, one_in(2));
      case 14: slow_ = 1ms * upto(1500); return world_.slow_wires(one_in(2) ? slow_ : 0ms);
      case 15: return doze(who);
      case 16: return world_.heal();
      case 17: return world_.block(who, one_in(2), one_in(2));
      case 18: return world_.stranger_speaks();
      case 19: return lose_one_of_each();
      case 20: lose_one_of_each(); return world_.wake_late(who, tempo::too_late + 1ms * upto(20));
      case 21: return world_.heal();
      default: return run(1s * upto(5));
    }
  }

  void lose_one_of_each() {
    for (const std::size_t a : world_.actives()) world_.lose_one(a);
  }

  void doze(std::size_t who) {
    world_.pause(who);
    run(one_in(8) ? 1s * upto(30) : 100ms * (1 + upto(15)));
    world_.resume(who);
  }

  // Servers that nobody reaches move nothing, and nor does their return. Those that the active node alone does not
  // reach move the addresses, once; and after their return the order of priorities is what it was.
  void lose_servers() {
    run(3 * world_.slowest_down() + 2500ms + 20 * interval_);
    const auto first = world_.actives();
    if (first.size() != 1) return world_.complain(std::to_string(first.size()) + " are active at first");
    for (int i = 0; i < 3 && world_.complaints().empty(); ++i) {
      serve_all(false);
      keep(first, 4s + 500ms * upto(20), "the addresses move although nobody reaches a server");
      serve_all(true);
      keep(first, noticed, "the addresses move when the servers are back for all");
    }
    if (!setups_[first.front()].is.preempt) return;  // without the wire, nobody would take over
    world_.serve(first.front(), false);
    run(noticed + 2 * world_.slowest_down());
    if (!world_.complaints().empty()) return;
    if (world_.actives() == first) return world_.complain("no other node takes over, although it reaches the servers");
    const auto second = world_.actives();
    keep(second, noticed, "the addresses move again");
    world_.serve(first.front(), true);
    run(noticed + 2 * world_.slowest_down() + 20 * interval_);
    if (world_.complaints().empty())
      keep(world_.actives(), noticed, "the addresses move long after the servers' return");
  }

  // None is fit for a while: who is so first, serves at once.
  void fail_together() {
    run(3 * world_.slowest_down() + 2500ms + 20 * interval_);
    while (world_.adverts_under_way()) run(1ms);  // an older one after the last word would seem to come from a new life
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.judge(n, fitness::fault);
    run(50ms * upto(20));
    const std::size_t first = somebody();
    for (std::size_t i = 0; i < world_.nodes(); ++i) {
      world_.judge((first + i) % world_.nodes(), fitness::fit);
      run(20ms);
      if (world_.complaints().empty() && world_.actives().empty()) world_.complain("nobody serves though one is fit");
    }
    if (world_.complaints().empty()) recover();
  }

  // A node that the others prefer starts, but its port on the front network does not forward yet, one way or both.
  // Those who serve stay, also when the wire comes late, or their servers go; and once the port forwards, it is as
  // always.
  void come_behind_a_blocked_port() {
    const std::size_t last = world_.nodes() - 1;  // the highest, unless two are equal
    for (std::size_t n = 0; n < last; ++n) world_.restart(n);
    run(3 * world_.slowest_down() + 20 * interval_);
    const auto first = world_.actives();
    if (first.size() != 1) return world_.complain(std::to_string(first.size()) + " are active at first");
    const bool mute = one_in(2), deaf = !mute || one_in(2);
    const bool late_wire = mute && one_in(2);
    for (std::size_t n = 0; n < last && late_wire; ++n) world_.cut_wire(n, last, true);
    world_.block(last, deaf, mute);
    world_.restart(last);
    serve_on(first.front(), !late_wire);
    for (std::size_t n = 0; n < last; ++n) world_.cut_wire(n, last, false);
    serve_on(first.front(), !late_wire);
    if (world_.nodes() == 2 && one_in(2)) {
      world_.judge(first.front(), fitness::degraded);
      serve_on(first.front(), !late_wire);
    }
    if (world_.complaints().empty()) recover();
  }

  // The port of the active node forwards no more, one way or both: another serves soon, and goes on.
  void lose_the_front() {
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.restart(n);
    run(3 * world_.slowest_down() + 2500ms + 20 * interval_);
    const auto first = world_.actives();
    if (first.size() != 1) return world_.complain(std::to_string(first.size()) + " are active at first");
    const bool mute = one_in(2), deaf = !mute || one_in(2);
    world_.block(first.front(), deaf, mute);
    run(group::watch_every + 4 * group::watch_patience + 3 * world_.slowest_down());
    if (!world_.complaints().empty()) return;
    const auto second = world_.actives();
    if (second.size() != 1) return world_.complain(std::to_string(second.size()) + " are active without the front");
    if (second == first) return world_.complain("who is not reached stays active");
    serve_on(second.front(), true);
    if (world_.complaints().empty()) recover();
  }

  // alone: nobody else thinks that it is active.
  void serve_on(std::size_t who, bool alone) {
    for (const instant end = world_.now() + 2s + 10 * world_.slowest_down(); world_.now() < end;) {
      run(std::min<duration>(50ms, end - world_.now()));
      if (!world_.complaints().empty()) return;
      const auto actives = world_.actives();
      if (std::ranges::find(actives, who) == actives.end())
        return world_.complain("who serves gives up to the unheard");
      if (alone && actives.size() > 1) return world_.complain("an unheard node takes over");
    }
  }

  void serve_all(bool reachable) {
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.serve(n, reachable);
  }

  void keep(const std::vector<std::size_t>& actives, duration how_long, const std::string& otherwise) {
    for (const instant end = world_.now() + how_long; world_.now() < end && world_.complaints().empty();) {
      run(std::min<duration>(50ms, end - world_.now()));
      if (world_.complaints().empty() && world_.actives() != actives) world_.complain(otherwise);
    }
  }

  // Whatever happened: once all is well, exactly one is active, and stays it.
  void recover() {
    world_.heal();
    serve_all(true);
    for (std::size_t n = 0; n < world_.nodes(); ++n) {
      world_.resume(n);
      world_.restart(n);
      world_.judge(n, fitness::fit);
      world_.let_take(n);
    }
    run(3 * world_.slowest_down() + 2500ms + 2 * slow_ + 20 * interval_ + (loses_servers_ ? noticed : 0s));
    const auto first = world_.actives();
    if (first.size() != 1) return world_.complain(std::to_string(first.size()) + " are active in the end");
    run(20 * interval_);
    if (world_.complaints().empty() && world_.actives() != first) world_.complain("the role moves without a reason");
    const group& winner = world_.of(first.front());
    for (std::size_t n = 0; n < world_.nodes(); ++n) {
      const bool higher = world_.of(n).priority() > winner.priority();
      if (higher && setups_[n].is.preempt) world_.complain(setups_[n].name + " has the higher priority, and waits");
    }
    if (automatic_ && world_.has_wires()) become_quick(first);
  }

  void become_quick(const std::vector<std::size_t>& first) {
    run(tempo::remembered + 2 * tempo::settled);
    if (!world_.complaints().empty()) return;
    if (world_.actives() != first) return world_.complain("the role moves with the interval");
    for (std::size_t n = 0; n < world_.nodes(); ++n) {
      if (!world_.is_quick(n)) world_.complain(setups_[n].name + " is slow although all is well");
    }
  }

  std::mt19937_64 random_;
  bool automatic_;
  const std::function<void(const std::string&)>& say_;
  duration interval_{};
  bool loses_servers_ = false;
  duration slow_{};
  // A check, a second until it counts, and the patience of those who have no wire.
  static constexpr duration noticed = 10s;
  std::vector<vrrp_node_setup> setups_;
  bool wires_;
  vrrp_world world_;
};

}  // namespace

std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  return vrrp_storyteller(seed, say).tell();
}

}  // namespace holdfast::sim
