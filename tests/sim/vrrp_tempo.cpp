// How often the nodes of a world advertise, who disturbs that, and what must never come of it.
#include <algorithm>

#include "tests/sim/vrrp_world.h"

namespace holdfast::sim {

namespace {

const address foreign = address::v4(0x0a0000fe);
constexpr duration word_travels = std::chrono::milliseconds(10);

}  // namespace

void vrrp_world::set_pace(std::size_t n, const tempo::event& e) {
  for (const auto& order : nodes_[n].rhythm->on(e, local(n))) {
    if (std::holds_alternative<tempo::report>(order)) {
      perform(n, group::report{});
      continue;
    }
    group::parameters p = of(n).config();
    p.interval = nodes_[n].rhythm->interval();
    const auto& why = std::get<tempo::advertise_every>(order).why;
    perform(n, group::noted{p.interval == tempo::quick ? "quick" : "slow: " + why, ""});
    feed(n, group::changed{p});
  }
  node& of = nodes_[n];
  if (of.rhythm->says() != pace::unsteady) of.unsteady_since.reset();
  if (of.rhythm->says() == pace::unsteady && !of.unsteady_since) of.unsteady_since = now_;
}

// One advert of a router that is none of the nodes, and better than nobody.
void vrrp_world::stranger_speaks() {
  touch_aside();
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (!filtered_ && !lost()) send(latency(), to, stranger_due{});
  }
}

void vrrp_world::arrive(std::size_t to, const stranger_due&) {
  set_pace(to, tempo::heard{foreign});
  if (is_quick(to)) complain(nodes_[to].setup.name + " is quick although a stranger takes part");
  feed(to, group::heard{0, 1, std::chrono::seconds(1), foreign});
}

// What it advertises next is lost, once in a while.
void vrrp_world::lose_one(std::size_t n) {
  node& of = nodes_[n];
  if (now_ - of.lost_at < slowest_down()) return;
  touch_aside();
  of.lost_at = now_;
  of.loses = of.setup.is.routers.size();
}

// Too late to keep up, too early to be missed.
void vrrp_world::wake_late(std::size_t n, duration by) {
  if (!alive(n)) return;
  feed(n, group::overslept{by});
  set_pace(n, tempo::overslept{by});
}

bool vrrp_world::is_quick(std::size_t n) const {
  return nodes_[n].setup.automatic && of(n).config().interval == tempo::quick;
}

// Who says that it doesn't keep up is believed by all whom it can tell.
void vrrp_world::check_pace() {
  const bool under_way =
      std::any_of(wire_latest_.begin(), wire_latest_.end(), [this](const auto& one) { return one.second >= now_; });
  if (under_way || now_ - disturbed_ < word_travels) return;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!alive(n) || !is_quick(n)) continue;
    for (std::size_t m = 0; m < nodes_.size(); ++m) {
      const auto& since = nodes_[m].unsteady_since;
      if (m == n || !wire_open(n, m) || !alive(m) || !since || now_ - *since < word_travels) continue;
      complain(nodes_[n].setup.name + " is quick although " + nodes_[m].setup.name + " does not keep up");
    }
  }
}

// Nothing but trouble on the front makes a backup miss an active node that lives, whatever their intervals are.
void vrrp_world::check_takeover(std::size_t n, const group::moved& o) {
  if (o.from != role::backup || o.to != role::active) return;
  if (!front_whole() || now_ - front_disturbed_ < slowest_down()) return;
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other == n || !alive(other) || of(other).is() != role::active) continue;
    const bool preempts = o.why.starts_with("preempts") && of(other).priority() >= of(n).priority();
    const bool misses = o.why.starts_with("nothing heard for") || o.why.find(" does not ") != o.why.npos;
    const bool long_active = now_ - nodes_[other].active_since > slowest_down();
    if (long_active && (misses || preempts)) complain(nodes_[n].setup.name + " takes over without a cause: " + o.why);
  }
}

}  // namespace holdfast::sim
