#include "tests/sim/vrrp_world.h"

#include <algorithm>

namespace holdfast::sim {

namespace {

constexpr duration most_latency = std::chrono::milliseconds(2);
constexpr std::size_t most_on_the_way = 50'000;
constexpr duration check_every = std::chrono::seconds(2);
constexpr duration degrade_after = std::chrono::seconds(1);

address of_router(std::size_t node, std::size_t router) {
  return address::v4(static_cast<std::uint32_t>(0x0a000001 + node + (router << 8)));
}

}  // namespace

vrrp_world::vrrp_world(const std::vector<vrrp_node_setup>& nodes, bool wires, std::uint64_t seed)
    : random_(seed), wires_(wires) {
  for (const vrrp_node_setup& setup : nodes) {
    nodes_.push_back({.setup = setup, .machine = {}, .waiting = {}, .owns = {}});
    auto& routers = nodes_.back().setup.is.routers;
    for (std::size_t r = 0; r < routers.size(); ++r) routers[r] = of_router(nodes_.size() - 1, r);
  }
}

duration vrrp_world::latency() { return duration(1 + static_cast<std::int64_t>(random_() % most_latency.count())); }
bool vrrp_world::lost() { return static_cast<double>(random_() >> 11) * 0x1p-53 < loss_; }

// A node's clock: the time since the world began, stretched.
instant vrrp_world::local(std::size_t n) const {
  return instant(duration(
      static_cast<std::int64_t>(static_cast<double>(now_.time_since_epoch().count()) * nodes_[n].setup.clock)));
}

std::optional<instant> vrrp_world::first_deadline(std::size_t n) const {
  const auto election = nodes_[n].machine->deadline(), pace = nodes_[n].rhythm->deadline();
  if (!election || !pace) return election ? election : pace;
  return std::min(*election, *pace);
}

std::optional<instant> vrrp_world::due(std::size_t n) const {
  if (!alive(n)) return std::nullopt;
  const auto when = first_deadline(n);
  if (!when) return std::nullopt;
  const double world = static_cast<double>(when->time_since_epoch().count()) / nodes_[n].setup.clock;
  return std::max(now_, instant(duration(static_cast<std::int64_t>(world) + 1000)));
}

std::pair<instant, std::optional<std::size_t>> vrrp_world::first_wake(instant before) const {
  std::pair<instant, std::optional<std::size_t>> first{before, std::nullopt};
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const auto at = due(n);
    if (at && *at < first.first) first = {*at, n};
  }
  return first;
}

instant vrrp_world::next(instant latest) const {
  const instant wakes = first_wake(latest).first;
  return queue_.empty() ? wakes : std::min(wakes, queue_.begin()->first);
}

void vrrp_world::run_until(instant when) {
  check_roles();  // what has befallen them shows before anything comes of it
  while (complaints_.empty()) {
    const auto [next, wakes] = first_wake(when);
    const bool arrives = !queue_.empty() && queue_.begin()->first <= next && queue_.begin()->first <= when;
    if (arrives) {
      const auto entry = queue_.extract(queue_.begin());
      now_ = std::max(now_, entry.key());
      arrive(entry.mapped());
    } else {
      now_ = next;
      if (!wakes) break;
      set_pace(*wakes, wake{});
      feed(*wakes, wake{});
      const auto after = alive(*wakes) ? first_deadline(*wakes) : std::nullopt;
      if (after && *after <= local(*wakes)) complain(nodes_[*wakes].setup.name + " has a deadline behind it");
    }
    check_roles();
    check_pace();
  }
}

void vrrp_world::feed(std::size_t n, const group::event& e) {
  const auto orders = nodes_[n].machine->on(e, local(n));
  for (const auto& order : orders) std::visit([&](const auto& o) { perform(n, o); }, order);
  check(n);
}

void vrrp_world::send(duration in, std::size_t to, decltype(delivery::what) what) {
  queue_.emplace(now_ + in, delivery{to, nodes_[to].life, what});
  if (queue_.size() > most_on_the_way) complain("adverts breed adverts");
}

void vrrp_world::arrive(const delivery& d) {
  node& to = nodes_[d.to];
  if (!to.machine || to.life != d.life) return;
  if (to.paused) {
    to.waiting.push_back(d);
    return;
  }
  std::visit([&](const auto& what) { arrive(d.to, what); }, d.what);
}

void vrrp_world::arrive(std::size_t to, const advert_due& a) {
  const address from = of_router(a.from, a.router);
  if (a.priority > 0) set_pace(to, tempo::heard{from});
  feed(to, group::heard{a.router, a.priority, a.interval, from});
}

void vrrp_world::arrive(std::size_t to, const gone_due& g) {
  ended_[{g.from, to}] = g.connection;
  set_pace(to, tempo::gone{nodes_[g.from].setup.name, g.how == group::ending::lost});
  feed(to, group::peer_gone{nodes_[g.from].setup.name, g.how});
}

void vrrp_world::arrive(std::size_t to, const answer_due&) { feed(to, group::peer_answered{}); }
void vrrp_world::arrive(std::size_t to, const watch_due&) { feed(to, group::watch_answered{}); }
void vrrp_world::arrive(std::size_t to, const look_due&) { look(to); }

void vrrp_world::perform(std::size_t n, const group::advertise& o) {
  if (nodes_[n].loses > 0) {
    --nodes_[n].loses;
    return;
  }
  for (std::size_t to = 0; to < nodes_.size(); ++to) {
    if (to == n || filtered_ || !front_carries(n, to) || lost()) continue;
    send(latency(), to, advert_due{n, o.router, o.priority, of(n).config().interval});
  }
}

void vrrp_world::perform(std::size_t n, const group::take_addresses& o) { nodes_[n].owns[o.router] = true; }
void vrrp_world::perform(std::size_t n, const group::release_addresses& o) { nodes_[n].owns[o.router] = false; }
void vrrp_world::perform(std::size_t n, const group::announce& o) {
  if (!nodes_[n].owns[o.router]) complain(nodes_[n].setup.name + " announces addresses that it does not have");
}

void vrrp_world::perform(std::size_t n, const group::moved& o) {
  check_word(n, o);
  check_takeover(n, o);
  if (o.to == role::active) nodes_[n].active_since = now_;
  if (!listening_) return;
  told_ += std::to_string((now_ - instant(std::chrono::hours(1))) / std::chrono::milliseconds(1)) +
           " ms: " + nodes_[n].setup.name + ' ' + std::string(name_of(o.from)) + " -> " + std::string(name_of(o.to)) +
           ": " + o.why + '\n';
}

void vrrp_world::perform(std::size_t n, const group::noted& o) {
  if (!listening_) return;
  told_ += std::to_string((now_ - instant(std::chrono::hours(1))) / std::chrono::milliseconds(1)) +
           " ms: " + nodes_[n].setup.name + ": " + o.what + '\n';
}

void vrrp_world::crash(std::size_t n, bool told) {
  if (!nodes_[n].machine) return;
  touch();
  end_wires(n, told ? group::ending::died : group::ending::lost, told ? latency() : wire_patience);
  nodes_[n].machine.reset();
  nodes_[n].paused = false;
  nodes_[n].waiting.clear();
}

void vrrp_world::stop(std::size_t n) {
  if (!alive(n)) return;
  touch();
  feed(n, group::stopped{});
  end_wires(n, group::ending::left, latency());
  nodes_[n].machine.reset();
}

void vrrp_world::restart(std::size_t n, fitness at_first) {
  node& which = nodes_[n];
  if (which.machine) return;
  touch();
  which.life = ++lives_;
  which.number = 0;
  which.owns.assign(which.setup.is.routers.size(), false);
  which.rhythm.emplace(tempo::parameters{.said = which.setup.automatic ? automatic_time : which.setup.is.interval});
  which.unsteady_since.reset();
  which.loses = 0;
  which.machine.emplace(which.setup.is);
  judge(n, at_first);
  feed(n, group::started{});
  open_wires(n);
  which.found = which.thought = true;
  send(duration(static_cast<std::int64_t>(random_() % check_every.count())), n, look_due{});
  send(latency(), n, ping_time{});
}

void vrrp_world::pause(std::size_t n) {
  if (!alive(n)) return;
  touch();
  nodes_[n].paused = true;
  nodes_[n].paused_at = local(n);
}

void vrrp_world::resume(std::size_t n) {
  node& which = nodes_[n];
  if (!which.machine || !which.paused) return;
  touch();
  which.paused = false;
  feed(n, group::overslept{local(n) - which.paused_at});
  set_pace(n, tempo::overslept{local(n) - which.paused_at});
  which.slept = true;
  for (const delivery& d : std::exchange(which.waiting, {})) arrive(d);
  which.slept = false;
}

void vrrp_world::judge(std::size_t n, fitness how) {
  if (!alive(n)) return;
  touch();
  feed(n, group::judged{"balancer", how, how == fitness::fit ? "" : "the story says so"});
}

void vrrp_world::serve(std::size_t n, bool reachable) {
  touch();
  nodes_[n].reaches = reachable;
}

// One check, and what the node makes of it: it counts when it has lasted, see vrrp/election/track.h. In doubt it looks
// more often.
void vrrp_world::look(std::size_t n) {
  node& which = nodes_[n];
  if (which.found != which.reaches) which.found_at = local(n);
  which.found = which.reaches;
  feed(n, group::looked{which.found, local(n)});
  if (which.found != which.thought && local(n) - which.found_at >= degrade_after) {
    which.thought = which.found;
    touch();
    const auto since = which.found ? std::nullopt : std::optional(which.found_at);
    feed(n, group::judged{"servers", which.found ? fitness::fit : fitness::degraded, "no server alive", since});
  }
  const duration every = which.found == which.thought ? check_every : check_every / 4;
  send(every * (90 + static_cast<std::int64_t>(random_() % 20)) / 100, n, look_due{});
}

void vrrp_world::synced(std::size_t n, bool is) {
  if (alive(n)) feed(n, group::synced{is});
}

void vrrp_world::release(std::size_t n) {
  if (!alive(n)) return;
  touch();
  feed(n, group::told_to_release{});
}

void vrrp_world::stand_by(std::size_t n) {
  if (!alive(n)) return;
  touch();
  feed(n, group::told_to_stand_by{});
}

void vrrp_world::let_take(std::size_t n) {
  if (!alive(n)) return;
  touch();
  feed(n, group::told_to_take{});
}

void vrrp_world::remove_addresses(std::size_t n, std::size_t how_many) {
  if (!alive(n)) return;
  touch();
  node& of = nodes_[n];
  std::erase_if(of.removals, [&](instant when) { return local(n) - when > group::removal_window; });
  of.removals.push_back(local(n));
  const role before = of.machine->is();
  for (std::size_t i = 0; i < how_many; ++i) feed(n, group::addresses_removed{0, "192.0.2.80"});
  const bool stepped_down = before == role::active && of.machine->is() != role::active;
  if (stepped_down && of.removals.size() < group::many_removals) complain(of.setup.name + " steps down for a flush");
}

void vrrp_world::heal() {
  touch();
  loss_ = 0;
  filtered_ = false;
  slow_ = {};
  front_cut_.clear();
  for (node& n : nodes_) n.deaf = n.mute = false;
  for (std::size_t a = 0; a < nodes_.size(); ++a) {
    for (std::size_t b = a + 1; b < nodes_.size(); ++b) cut_wire(a, b, false);
  }
}

std::vector<std::size_t> vrrp_world::actives() const {
  std::vector<std::size_t> out;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (alive(n) && of(n).is() == role::active) out.push_back(n);
  }
  return out;
}

duration vrrp_world::slowest_down() const {
  duration longest{};
  for (const node& n : nodes_) longest = std::max(longest, n.setup.is.interval);
  return 4 * longest;  // three, and the skew time of the lowest priority
}

// What a wire says late may have ceased to be true: then whoever believes it is not to blame.
bool vrrp_world::in_touch(std::size_t a, std::size_t b) const {
  const bool late = std::any_of(wire_latest_.begin(), wire_latest_.end(),
                                [this](const auto& one) { return one.second > now_ + most_latency; });
  return pings_pass() && !late && (!filtered_ || wire_open(a, b));
}

// Of one node: all its routers are in the same state, and it has the addresses exactly while it is active.
void vrrp_world::check(std::size_t n) {
  const group& g = of(n);
  const bool active = g.is() == role::active;
  for (std::size_t r = 0; r < nodes_[n].owns.size(); ++r) {
    const auto wanted = active                   ? router_state::active
                        : g.is() == role::backup ? router_state::backup
                                                 : router_state::initialize;
    if (g.of(r).state() != wanted) complain(nodes_[n].setup.name + "'s routers do not move together");
    if (nodes_[n].owns[r] != active) complain(nodes_[n].setup.name + " has addresses, or lacks them, unlike its role");
  }
}

// Of all: once nothing has befallen anybody for a down interval, there are no two actives for longer than a word takes
// to travel and be answered, and never none for longer than it takes to notice.
void vrrp_world::check_roles() {
  const std::size_t count = actives().size();
  for (const std::size_t n : actives()) nodes_[n].active_until = now_;
  const auto mark = [&](bool holds, std::optional<instant>& since) {
    if (!holds) since.reset();
    if (holds && !since) since = now_;
  };
  mark(count > 1, two_since_);
  bool able = false;
  for (std::size_t n = 0; n < nodes_.size(); ++n) able |= alive(n) && of(n).is() >= role::backup;
  mark(count == 0 && able, none_since_);
  const duration notice = slowest_down() + slowest_down() / 4 + 4 * most_latency + group::probe_patience;
  if (!front_whole() || now_ - disturbed_ < slowest_down()) return;
  const auto since = [&](instant when) { return now_ - std::max(when, disturbed_ + slowest_down()); };
  const duration settle = slowest_down() / 4 + 2 * most_latency + group::late_advert;
  if (two_since_ && since(*two_since_) > settle) complain("two are active");
  if (none_since_ && now_ - std::max(*none_since_, disturbed_) > notice) complain("nobody is active");
}

void vrrp_world::complain(const std::string& what) {
  complaints_.push_back(std::to_string((now_ - instant(std::chrono::hours(1))) / std::chrono::milliseconds(1)) +
                        " ms: " + what);
}

}  // namespace holdfast::sim
