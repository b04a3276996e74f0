// What flows order, carried out in the world; and what must always hold.
#include <algorithm>

#include "tests/sim/oracle.h"
#include "tests/sim/service_world.h"

namespace holdfast::sim {

void service_world::tell(connection& c, const flow::event& fact) {
  const bool was_closed = c.life.state() == flow_state::closed;
  const auto orders = c.life.on(fact, now_);
  if (orders.size() == orders.capacity()) complain("a full list of orders");
  if (was_closed && !orders.empty()) complain("orders from a closed flow");
  for (const auto& order : orders) {
    std::visit([&](const auto& o) { perform(c, o); }, order);
  }
  if (const auto to = std::exchange(c.goes_to, std::nullopt)) {
    c.joins = true;
    tell(c, flow::follow{*to});
    c.joins = false;
  }
}

void service_world::perform(connection& c, const flow::await_bytes&) {
  later(some(5ms), fact_due{c.number, c.attempt, flow::readable{}});
}

void service_world::perform(connection& c, const flow::connect& o) {
  const server& chosen = server_of(*c.use, o.to);
  if (c.on != nullptr && c.on != &chosen) looking_[c.use->key_of(c.client.from)].failed.insert(c.on->id);
  if (goes_along(c, o)) return;
  if (o.to.kind != target_kind::server) {
    c.use->clients->leave(c.use->key_of(c.client.from), c.visit, wall(), 0, 0);
  }
  if (c.joins && !o.alone) {  // its order begins anew
    c.tried.clear();
    c.passed_over.clear();
  }
  if (c.on == &chosen) complain("calls " + chosen.name + " once more, though it was not found well meanwhile");
  uncount(c);
  check_choice(c, o.to);
  c.alone = o.alone;
  if (!c.alone) check_company(c, chosen);
  ++c.attempt;
  c.on = &chosen;
  c.tried.insert(c.on->id);
  ++looking_[c.use->key_of(c.client.from)].connects;
  c.on->live->connections.fetch_add(1);
  later(some(4ms), fact_due{c.number, c.attempt, flow::connected{}});
}

void service_world::perform(connection& c, const flow::mark_failed& o) {
  const server& s = server_of(*c.use, o.which);
  if (&s != c.on) complain("blames a server it was not connected to");
  s.live->failures.fetch_add(1);
  looking_[c.use->key_of(c.client.from)].failed.insert(s.id);
  const duration blacklist = c.use->policy.blacklist;
  if (blacklist > 0s) s.live->blacklisted_until = (now_ + blacklist).time_since_epoch().count();
  box& b = boxes_.at(s.identity);
  if (b.check) tell(b, health::connect_failed{});
}

void service_world::perform(connection& c, const flow::settle& o) {
  const server& s = server_of(*c.use, o.where);
  if (&s != c.on) complain("settles at a server it is not connected to");
  s.live->connects.fetch_add(1);
  s.live->end_blacklisting(s.live->blacklisted_until, now_);
  outcomes_[c.number].server = s.name;
  if (o.where.kind != target_kind::server || c.use->policy.roundrobin) return;
  const address key = c.use->key_of(c.client.from);
  settled_[key] = c.use->clients->settle(key, s.id, wall(), &c.visit).at;
  looking_[key].settled = true;  // from now on they go there
}

bool service_world::goes_along(connection& c, const flow::connect& o) {
  const server& wanted = server_of(*c.use, o.to);
  if (o.to.kind != target_kind::server || c.use->policy.roundrobin || wanted.id == c.home || o.alone) return false;
  const server_id failed = c.on == nullptr ? nobody : c.on->id;
  c.home = c.use->clients->reserve(c.use->key_of(c.client.from), wanted.id, c.visit, failed);
  if (c.home == wanted.id) return false;
  c.goes_to = c.home;
  if (++c.followed > 20) complain("a client's connections that follow each other for ever");
  return true;
}

void service_world::perform(connection& c, const flow::relay&) {
  end_look(c);
  c.carrying = true;
  c.spoke = false;
  c.last = now_;
  if (boxes_.at(c.on->identity).how == condition::resets) {
    return later(some(2ms), fact_due{c.number, c.attempt, flow::lost{speaks_first(c)}});
  }
  later(some(20ms), fact_due{c.number, c.attempt, flow::active{}});
  if (c.stays < max_stay) later(c.stays + 20ms, fact_due{c.number, c.attempt, flow::finished{}});
}

void service_world::perform(connection& c, const flow::close& o) {
  uncount(c);
  c.use->clients->leave(c.use->key_of(c.client.from), c.visit, wall(), 0, 0);
  outcomes_[c.number].open = false;
  outcomes_[c.number].why = o.why;
  if (o.why != close_reason::no_server) return;
  check_nobody_left(c, "gives up");
  const auto& last = c.use->emergency;
  if (last && !c.use->policy.stubborn && !c.tried.contains(last->id)) complain("gives up before the emergency server");
}

void service_world::perform(connection& c, const flow::moved& o) {
  if (o.to != c.life.state() || o.from == o.to) complain("moves to where it is not");
}

void service_world::uncount(connection& c) {
  if (c.on != nullptr) c.on->live->connections.fetch_sub(1);
  if (c.on != nullptr && !c.carrying) end_look(c);
  c.on = nullptr;
  c.carrying = false;
}

void service_world::end_look(const connection& c) {
  const auto found = looking_.find(c.use->key_of(c.client.from));
  if (--found->second.connects == 0) looking_.erase(found);
}

// While one connection of a client is on its way to a server, and nobody has met a failure there, no other goes
// elsewhere.
void service_world::check_company(const connection& c, const server& chosen) {
  const pool& p = *c.use;
  const address key = p.key_of(c.client.from);
  // Whoever takes connections and resets them is reached and not to be had at the same time.
  const auto resets = [](const auto& b) { return b.second.how == condition::resets; };
  if (std::any_of(boxes_.begin(), boxes_.end(), resets)) return;
  if (p.policy.roundrobin || p.find(chosen.id) == nullptr || looking_[key].settled) return;
  for (const auto& [number, d] : connections_) {
    if (d.alone || (d.on != nullptr && d.on->id == settled_[key])) continue;  // where its home is full limits decide
    const bool looks = d.on != nullptr && !d.carrying && d.life.state() == flow_state::connecting;
    if (&d == &c || !looks || d.use != c.use || d.on == &chosen || p.key_of(d.client.from) != key) continue;
    if (p.find(d.on->id) == nullptr || looking_[key].failed.contains(d.on->id) || c.tried.contains(d.on->id)) continue;
    client_facts there = c.client;
    there.remembered = d.on->id;
    if (why_not(p, *d.on, there, c.tried, now_).empty()) {
      complain("sends a client to " + chosen.name + " that is on its way to " + d.on->name);
    }
  }
}

void service_world::check_choice(connection& c, target to) {
  const pool& p = *c.use;
  const server& chosen = server_of(p, to);
  const bool refused = !p.client_acl->permits(c.client.from, c.client.country_code);
  if (refused != (to.kind == target_kind::abuse)) complain("refused clients, and only they, go to the abuse server");
  if (c.tried.contains(chosen.id)) complain("tries " + chosen.name + " twice");
  if (!c.tried.empty() && p.policy.stubborn) complain("a second try although stubborn");
  if (to.kind == target_kind::emergency) check_nobody_left(c, "calls the emergency server");
  if (to.kind == target_kind::server) check_server(c, chosen);
  for (const auto& s : p.servers) {
    if (!why_not(p, s, c.client, c.tried, now_).empty()) c.passed_over.insert(s.id);
  }
}

void service_world::check_server(const connection& c, const server& chosen) {
  const pool& p = *c.use;
  if (c.joins && c.goes_to == std::nullopt && chosen.id == c.home) return check_company(c, chosen);
  std::set<server_id> gone = c.tried;  // a server passed over is not asked later, though it may be free again
  gone.insert(c.passed_over.begin(), c.passed_over.end());
  const std::string why = why_not(p, chosen, c.client, gone, now_);
  if (!why.empty()) complain("chooses " + chosen.name + ", which " + why);
  const server* home = c.client.remembered ? p.find(*c.client.remembered) : nullptr;
  if (home != nullptr && c.tried.empty() && c.followed == 0 && home != &chosen &&
      why_not(p, *home, c.client, c.tried, now_).empty()) {
    complain("sends a client of " + home->name + " to " + chosen.name);
  }
}

void service_world::check_nobody_left(const connection& c, const char* what) {
  const std::string missed = still_to_ask(*c.use, c.client, c.tried, c.passed_over, now_);
  if (!missed.empty()) complain(std::string(what) + " without asking " + missed);
}

void service_world::check_everything() {
  std::map<const server_live*, std::uint32_t> counted;
  for (const auto& [number, c] : connections_) {
    if (c.on != nullptr) ++counted[c.on->live.get()];
  }
  for (const auto& [identity, b] : boxes_) {
    if (b.live->connections != counted[b.live.get()]) complain("the connections of " + identity + " don't add up");
    const instant until{duration(b.live->blacklisted_until.load())};
    if (until > now_ + 1h) complain("a blacklisting without end");
  }
  if (clients_->size() > clients_->capacity()) complain("more clients in the table than it holds");
}

}  // namespace holdfast::sim
