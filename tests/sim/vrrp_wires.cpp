// The wires of a world: what agents tell each other, how late it comes, and what must never come of a late word.
#include <algorithm>

#include "tests/sim/vrrp_world.h"

namespace holdfast::sim {

namespace {

constexpr duration ping_every = std::chrono::milliseconds(500);

}  // namespace

// Some ways are short, others not: from then on words take up to that long.
void vrrp_world::slow_wires(duration most) {
  touch_aside();
  slow_ = most;
}

// Words keep their order, and so does an end; but a report may come twice, and behind a newer one.
void vrrp_world::tell(duration in, std::size_t from, std::size_t to, const word& what) {
  instant& latest = wire_latest_[{from, to}];
  if (slow_ > duration::zero()) in += duration(static_cast<std::int64_t>(random_() % slow_.count()));
  latest = std::max(now_ + in, latest + duration(1));
  const auto send_at = [&](instant when) {
    std::visit([&](const auto& one) { queue_.emplace(when, delivery{to, nodes_[to].life, one}); }, what);
  };
  send_at(latest);
  if (slow_ > duration::zero() && std::holds_alternative<report_due>(what) && random_() % 4 == 0) {
    send_at(latest + duration(static_cast<std::int64_t>(random_() % slow_.count())));
  }
}

void vrrp_world::arrive(std::size_t to, const report_due& r) {
  if (r.connection != connections_[{r.from, to}] || r.connection == ended_[{r.from, to}]) return;
  // An age travels, not a time: clocks differ.
  group::peer_view view = r.view;
  if (view.alive_at) view.alive_at = *view.alive_at - local(r.from) + local(to);
  tempo::reported named{
      .node = nodes_[r.from].setup.name, .is = r.keeps, .fronts = nodes_[r.from].setup.is.routers, .number = r.number};
  set_pace(to, named);
  feed(to, group::peer_reported{nodes_[r.from].setup.name, view, r.number});
}

void vrrp_world::arrive(std::size_t to, const ping_due& p) {
  if (wire_open(p.from, to)) tell(latency() / 2, to, p.from, pong_due{to, p.asked, nodes_[to].number});
}

void vrrp_world::arrive(std::size_t to, const pong_due& p) {
  feed(to, group::peer_confirmed{nodes_[p.from].setup.name, p.asked, p.number});
}

void vrrp_world::arrive(std::size_t to, const ping_time&) {
  for (std::size_t other = 0; other < nodes_.size(); ++other) ask(to, other);
  send(ping_every, to, ping_time{});
}

void vrrp_world::ask(std::size_t n, std::size_t other) {
  if (n != other && wire_open(n, other)) tell(latency() / 2, n, other, ping_due{n, local(n)});
}

void vrrp_world::report(std::size_t n, std::size_t to, duration in) {
  tell(in, n, to,
       report_due{n, nodes_[n].machine->view(), nodes_[n].rhythm->says(), nodes_[n].number, connections_[{n, to}]});
}

void vrrp_world::perform(std::size_t n, const group::ask_peer& o) {
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (nodes_[to].setup.name == o.node) ask(n, to);
  }
}

void vrrp_world::perform(std::size_t n, const group::probe_peer& o) {
  perform(n, group::ask_peer{o.node});
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (nodes_[to].setup.name != o.node || !nodes_[to].machine) continue;
    // Here the kernel answers, also for an agent that sleeps.
    if (!front_carries(n, to) || !front_carries(to, n) || lost() || lost()) continue;
    send(latency() + latency(), n, answer_due{});
  }
}

void vrrp_world::perform(std::size_t n, const group::report&) {
  ++nodes_[n].number;
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (to != n && wire_open(n, to)) report(n, to, latency() / 2);
  }
}

bool vrrp_world::wire_open(std::size_t a, std::size_t b) const {
  const auto cut = wire_cut_.find({std::min(a, b), std::max(a, b)});
  const bool whole = cut == wire_cut_.end() || !cut->second;
  return wires_ && whole && nodes_[a].machine && nodes_[b].machine;
}

void vrrp_world::end_wires(std::size_t n, group::ending how, duration in) {
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (to == n || !nodes_[to].machine || !wires_) continue;
    const bool whole = wire_open(n, to);
    tell(whole ? in : wire_patience, n, to, gone_due{n, whole ? how : group::ending::lost, connections_[{n, to}]});
  }
}

// Nothing that was said over a former connection comes after the first word of this one.
void vrrp_world::open_wire(std::size_t a, std::size_t b) {
  const duration in = latency();
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    ++connections_[{from, to}];
    report(from, to, in);
  }
}

void vrrp_world::open_wires(std::size_t n) {
  for (std::size_t other = 0; other < nodes_.size(); ++other) {
    if (other != n && wire_open(n, other)) open_wire(n, other);
  }
}

void vrrp_world::cut_wire(std::size_t a, std::size_t b, bool cut) {
  bool& now_cut = wire_cut_[{std::min(a, b), std::max(a, b)}];
  if (now_cut == cut) return;
  touch_aside();
  const bool both = wires_ && nodes_[a].machine && nodes_[b].machine;
  now_cut = cut;
  if (!both) return;
  if (!cut) return open_wire(a, b);
  tell(wire_patience, b, a, gone_due{b, group::ending::lost, connections_[{b, a}]});
  tell(wire_patience, a, b, gone_due{a, group::ending::lost, connections_[{a, b}]});
}

// A word moves nobody who knows better: an active node yields to one that has been active since it became so itself,
// unless nobody reaches it, and nobody takes over from an active one whose adverts it hears.
void vrrp_world::check_word(std::size_t n, const group::moved& o) {
  const auto about = std::find_if(nodes_.begin(), nodes_.end(),
                                  [&](const node& one) { return o.why.starts_with(one.setup.name + ' '); });
  if (about == nodes_.end()) return;
  const auto other = static_cast<std::size_t>(about - nodes_.begin());
  const bool yields = o.from == role::active && o.to == role::backup && !o.why.ends_with("and we are not");
  if (yields && about->active_until < nodes_[n].active_since) {
    complain(nodes_[n].setup.name + " yields to one that has not been active since: " + o.why);
  }
  const bool vacancy = o.to == role::active &&
                       (o.why.find(" gave up") != o.why.npos || o.why.ends_with(" left") || o.why.ends_with(" ended"));
  const duration heard_after = 2 * about->setup.is.interval + std::chrono::milliseconds(10);
  const bool heard = alive(other) && of(other).is() == role::active && front_whole() && !nodes_[n].slept &&
                     now_ - std::max(about->active_since, disturbed_) > heard_after;
  if (vacancy && heard) complain(nodes_[n].setup.name + " takes over from the living: " + o.why);
}

}  // namespace holdfast::sim
