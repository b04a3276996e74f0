#include "tests/sim/service_world.h"

#include "tests/sim/oracle.h"

namespace holdfast::sim {

service_world::service_world(const settings& wanted, std::uint64_t seed) : random_(seed) { configure(wanted); }

server service_world::make(const server_settings& said, const std::string& identity, const settings& all) {
  server made;
  made.name = said.name;
  made.identity = identity;
  made.identity_hash = identity_hash(made.identity);
  made.usable = !said.is_empty();
  made.max = said.max;
  made.hard = said.hard;
  made.weight = said.weight;
  made.prio = said.prio;
  made.drain = said.drain;
  const auto rules = all.acls.find(said.acl);
  made.permits = std::make_shared<const acl>(rules == all.acls.end() ? acl_rules() : rules->second);
  box& b = boxes_[made.identity];
  if (b.id == 0) b.id = static_cast<server_id>(boxes_.size());
  identities_[b.id] = made.identity;
  made.id = b.id;
  made.live = b.live;
  return made;
}

void service_world::configure(const settings& wanted) {
  const service_settings& service = wanted.services.at(default_service);
  auto next = std::make_shared<pool>();
  next->policy = service;
  const auto identities = service.identities();
  const auto hashes = host_hashes(service.servers);
  for (std::size_t i = 0; i < identities.size(); ++i) {
    next->servers.push_back(make(service.servers[i], identities[i], wanted));
    next->servers.back().host_hash = hashes[i];
  }
  if (service.emergency)
    next->emergency = make({.name = "emergency", .where = *service.emergency}, " emergency", wanted);
  if (service.abuse) next->abuse = make({.name = "abuse", .where = *service.abuse}, " abuse", wanted);
  const auto rules = wanted.acls.find(service.client_acl);
  next->client_acl = std::make_shared<const acl>(rules == wanted.acls.end() ? acl_rules() : rules->second);
  if (!clients_) clients_ = std::make_shared<client_table>(service.clients_max, random_());
  for (const auto& [id, identity] : identities_) clients_->know(id, identity_hash(identity));
  if (clients_->capacity() != service.clients_max) clients_->resize(service.clients_max);
  next->clients = clients_;
  next->live = live_;
  next->index();
  if (pool_) next->note_enabled(*pool_, now_);
  pool_ = std::move(next);
  renew_checks(wanted);
}

void service_world::renew_checks(const settings& wanted) {
  const check_settings& check = wanted.services.at(default_service).check;
  for (auto& [identity, b] : boxes_) {
    const bool wants = check.how != check_kind::none && pool_->find(b.id) != nullptr;
    if (!wants) {
      b.check.reset();
      b.live->up = true;
    } else if (b.check) {
      tell(b, health::changed{check});
    } else {
      b.check.emplace(check, random_(), now_);
    }
  }
}

const server* service_world::find(const std::string& name) const {
  for (const auto& s : pool_->servers) {
    if (s.name == name) return &s;
  }
  if (pool_->emergency && name == "emergency") return &*pool_->emergency;
  if (pool_->abuse && name == "abuse") return &*pool_->abuse;
  return nullptr;
}

duration service_world::some(duration most) {
  return duration(static_cast<duration::rep>(random_() % static_cast<std::uint64_t>(most.count() + 1)));
}

void service_world::set(const std::string& name, condition how) {
  const server* which = find(name);
  if (which == nullptr) return complain("no server " + name + " in this world");
  boxes_.at(which->identity).how = how;
  if (how == condition::alive || how == condition::hangs) return;
  for (auto& [number, c] : connections_) {
    if (c.on == nullptr || c.on->id != which->id || !c.carrying) continue;
    tell(c, c.spoke ? flow::event(flow::reset{false}) : flow::event(flow::lost{speaks_first(c)}));
  }
  sweep();
}

void service_world::blacklist(const std::string& name, duration how_long) {
  const server* which = find(name);
  if (which == nullptr) return complain("no server " + name + " in this world");
  which->live->disable_for(how_long, now_);
}

std::uint64_t service_world::open(const address& from, duration stays) {
  const std::uint64_t number = ++opened_;
  connection& c = connections_.try_emplace(number, number, pool_).first->second;
  outcomes_[number];
  c.stays = stays;
  client_facts facts{.from = from,
                     .port = static_cast<std::uint16_t>(1024 + random_() % 60000),
                     .listener_port = 80,
                     .country_code = std::nullopt,
                     .remembered = std::nullopt};
  if (!pool_->policy.peek) learn(c, facts);
  c.client = facts;
  c.last = now_;
  tell(c, flow::accepted{facts, random_()});
  sweep();
  return number;
}

void service_world::learn(connection& c, client_facts& client) {
  const pool& p = *c.use;
  const address key = p.key_of(client.from);
  if (!p.policy.roundrobin) client.remembered = p.clients->find(key, wall(), p.policy.tracking, &c.visit);
  c.home = client.remembered.value_or(nobody);
  if (client.remembered && !looking_.contains(key) && client.remembered != settled_[key]) {
    complain("the table remembers something else");
  }
}

void service_world::choose_anew(connection& c) {
  c.use = pool_;
  learn(c, c.client);
  tell(c, flow::renewed{pool_.get(), c.client});
}

void service_world::leave(std::uint64_t number) {
  if (const auto c = connections_.find(number); c != connections_.end()) tell(c->second, flow::finished{});
  sweep();
}

void service_world::vanish(std::uint64_t number) {
  if (const auto c = connections_.find(number); c != connections_.end()) tell(c->second, flow::reset{true});
  sweep();
}

void service_world::close_all() {
  for (auto& [number, c] : connections_) tell(c, flow::ordered{close_reason::shut_down});
  sweep();
}

instant service_world::next_event() const {
  instant next = queue_.empty() ? instant::max() : queue_.begin()->first;
  const auto sooner = [&](std::optional<instant> when) { next = std::min(next, when.value_or(next)); };
  for (const auto& [number, c] : connections_) sooner(c.life.deadline());
  for (const auto& [identity, b] : boxes_) {
    if (b.check) sooner(b.check->deadline());
  }
  return next;
}

void service_world::run_until(instant when) {
  for (instant next = next_event(); next <= when && complaints_.empty(); next = next_event()) {
    if (next < now_) return complain("an event lies in the past");
    now_ = next;
    while (!queue_.empty() && queue_.begin()->first <= now_) {
      const due what = std::move(queue_.extract(queue_.begin()).mapped());
      std::visit([this](const auto& w) { happen(w); }, what);
    }
    wake_flows();
    wake_checks();
    sweep();
    clients_->migrate(3);
    check_everything();
  }
  now_ = std::max(now_, when);
}

void service_world::happen(const fact_due& what) {
  const auto found = connections_.find(what.connection);
  if (found == connections_.end() || found->second.life.state() == flow_state::closed) return;
  connection& c = found->second;
  if (c.attempt != what.attempt) return;
  const condition how = c.on == nullptr ? condition::alive : boxes_.at(c.on->identity).how;
  if (how == condition::hangs) return later(50ms, what);  // it may yet wake up; the flow may lose patience before
  if (std::holds_alternative<flow::readable>(what.fact)) {
    if (c.life.state() != flow_state::peeking) return;
    choose_anew(c);
  }
  if (how == condition::refuses && std::holds_alternative<flow::connected>(what.fact)) return tell(c, flow::refused{});
  if (std::holds_alternative<flow::active>(what.fact)) {
    c.spoke = true;
    c.last = now_;
    return;
  }
  tell(c, what.fact);
}

void service_world::wake_flows() {
  for (auto& [number, c] : connections_) {
    const auto deadline = c.life.deadline();
    if (!deadline || *deadline > now_) continue;
    if (c.life.state() == flow_state::peeking) choose_anew(c);
    if (c.carrying) tell(c, flow::active{c.last});
    tell(c, wake{});
    const auto next = c.life.deadline();
    if (next && *next <= now_) complain("a deadline that stays behind");
  }
}

void service_world::wake_checks() {
  for (auto& [identity, b] : boxes_) {
    if (!b.check || b.check->deadline().value_or(instant::max()) > now_) continue;
    tell(b, wake{});
    if (b.check->deadline().value_or(instant::max()) <= now_) complain("a check's deadline that stays behind");
  }
}

void service_world::happen(const probe_due& what) {
  box& b = boxes_.at(what.identity);
  if (!b.check) return;
  if (what.passed) return tell(b, health::probe_passed{});
  tell(b, health::probe_failed{});
}

void service_world::tell(box& b, const health::event& fact) {
  for (const auto& order : b.check->on(fact, now_)) {
    std::visit([&](const auto& o) { perform(b, o); }, order);
  }
}

void service_world::perform(box& b, const health::moved& o) {
  if (o.up) b.live->returned_at = now_.time_since_epoch().count();
  b.live->up = o.up;
}

void service_world::perform(box& b, const health::probe&) {
  b.mark = b.live->blacklisted_until;
  const bool hangs = b.how == condition::hangs;
  later(hangs ? pool_->policy.check.every : 1ms, probe_due{identities_.at(b.id), b.how == condition::alive});
}

// Closed connections go when no loop holds a reference to them.
void service_world::sweep() {
  std::erase_if(connections_, [](const auto& entry) { return entry.second.life.state() == flow_state::closed; });
}

void service_world::complain(const std::string& what) { complaints_.push_back(what); }

}  // namespace holdfast::sim
