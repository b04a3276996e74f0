#include "balancer/farm/service_io.h"

#include <algorithm>
#include <set>

#include "balancer/show/answers.h"
#include "balancer/table/release_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/pages_io.h"

namespace holdfast {

namespace {

constexpr std::size_t max_known_servers = 4 * max_servers;  // identities remembered beyond their removal

// What is known of that port of a server, if it had it before.
std::shared_ptr<port_live> port_of(const server* before, std::uint16_t port) {
  if (before != nullptr) {
    for (const auto& one : before->ports) {
      if (one->port == port) return one;
    }
  }
  return std::make_shared<port_live>(port);
}

}  // namespace

service::service(boost::asio::io_context& io, std::uint32_t number, std::uint64_t seed, std::uint32_t& next_listener,
                 worker_list& workers, std::function<void()> moved, std::shared_ptr<followers> followed)
    : number_(number),
      seed_(seed),
      followed_(std::move(followed)),
      live_(std::make_shared<service_live>()),
      workers_(workers),
      moved_(std::move(moved)),
      doors_(number, next_listener),
      checks_(
          io, seed, [this](const server_checks::news& what) { heard(what); },
          [this](server_id which, bool closes) {
            for (auto& w : workers_) w->post(close_silent{number_, which, closes});  // no room: the next one does
          }),
      leaving_(io, {}, [this](const departures<server_id>::close& gone) { close_flows_of(gone.who); }),
      drained_(io, {}, [this](const departures<server_id>::close& gone) { close_flows_of(gone.who); }),
      moved_away_(io, {}, [this](const departures<address>::close& gone) {
        for (auto& w : workers_) w->tell(close_flows{.service = number_, .at = gone.who});
      }) {}

const service::known_server* service::know(const std::string& identity) {
  if (const auto known = known_.find(identity); known != known_.end()) return &known->second;
  const auto id = names_->know(identity);
  if (!id) return nullptr;
  return &known_.emplace(identity, known_server{*id, std::make_shared<server_live>()}).first->second;
}

result<server, std::string> service::make_server(const server_settings& said, std::string identity, const means& with,
                                                 const std::vector<std::uint16_t>& ports, const rename* as) {
  server made;
  made.name = said.name;
  made.host = said.where.host;
  made.identity = std::move(identity);
  made.identity_hash = identity_hash(made.identity);
  if (!said.where.host.empty() || !said.where.path.empty()) {
    auto where = with.names.find_all(said.where);
    if (!where) return failure{"server " + said.name + ": " + where.error()};
    made.usable = !where->empty();
    if (made.usable) made.where = where->front();
    if (where->size() > 1) made.others.assign(where->begin() + 1, where->end());
  }
  made.max = said.max;
  made.hard = said.hard;
  made.weight = said.weight;
  made.prio = said.prio;
  made.drain = said.drain;
  made.permits = with.acls.find(said.acl);
  const auto* known = know(made.identity);
  if (known == nullptr)
    return failure{"server " + said.name + ": too many servers since the start: restart the balancer"};
  made.id = known->id;
  const server_id former_id = as == nullptr ? known->id : know(as->from)->id;
  made.live = as == nullptr ? known->live : know(as->from)->live;
  if (!made.usable || !made.where.path.empty() || made.where.port != 0 || ports.size() < 2) return made;
  const server* before = pool_ ? pool_->find(former_id) : nullptr;
  for (const std::uint16_t port : ports) made.ports.push_back(port_of(before, port));
  return made;
}

// None: not said, or its name is not known (yet).
result<std::optional<server>, std::string> service::make_extra(const std::optional<place>& said, const char* name,
                                                               const means& with) {
  if (!said) return std::optional<server>();
  const acl_table everybody;
  // Begins with a blank, as the name of no server does: a server may be called "emergency", too.
  auto made = make_server({.name = name, .where = *said}, std::string(" ") + name,
                          {everybody, with.names, with.ours, with.workers, with.now}, {}, nullptr);
  if (!made) return failure{made.error()};
  return made->usable ? std::optional(std::move(*made)) : std::nullopt;
}

result<std::shared_ptr<pool>, std::string> service::make_pool(const service_settings& wanted, const means& with,
                                                              const std::vector<rename>& renamed) {
  auto next = std::make_shared<pool>();
  next->service = number_;
  next->policy = wanted;
  if (wanted.conn_max == 0) next->policy.conn_max = with.most_connections;
  next->source_moves = wanted.source && with.moving.contains(*wanted.source);
  next->policy.listeners.clear();
  next->policy.servers.clear();
  const auto ports = ports_of(wanted, with.names);
  const auto identities = wanted.identities();
  std::string wrong;
  for (std::size_t i = 0; i < wanted.servers.size(); ++i) {
    const auto as = std::find_if(renamed.begin(), renamed.end(), [&](const auto& r) { return r.to == identities[i]; });
    auto made = make_server(wanted.servers[i], identities[i], with, ports, as == renamed.end() ? nullptr : &*as);
    if (!made) {
      wrong += (wrong.empty() ? "" : "\n") + made.error();
      continue;
    }
    next->asks_country |= made->permits->asks_country();
    next->servers.push_back(std::move(*made));
  }
  if (!wrong.empty()) return failure{std::move(wrong)};
  auto emergency = make_extra(wanted.emergency, "emergency", with);
  if (!emergency) return failure{emergency.error()};
  auto abuse = make_extra(wanted.abuse, "abuse", with);
  if (!abuse) return failure{abuse.error()};
  next->emergency = std::move(*emergency);
  next->abuse = std::move(*abuse);
  next->client_acl = with.acls.find(wanted.client_acl);
  next->asks_country |= next->client_acl->asks_country();
  next->live = live_;
  next->followed = followed_;
  return next;
}

// Which ids of former servers mean which of the wanted ones. An identity that is wanted again means itself.
std::map<server_id, std::string> service::successors(const service_settings& wanted,
                                                     const std::vector<rename>& renamed) {
  auto out = successors_;
  for (const rename& r : renamed) {
    for (auto& [id, identity] : out) {
      if (identity == r.from) identity = r.to;
    }
    out[know(r.from)->id] = r.to;
  }
  const auto identities = wanted.identities();
  const std::set<std::string> have(identities.begin(), identities.end());
  std::erase_if(out, [&](const auto& one) { return have.contains(names_->identity_of(one.first)); });
  return out;
}

result<service::change, std::string> service::prepare(const service_settings& wanted, const means& with) {
  auto renamed = pool_ ? renames(wanted_, wanted) : std::vector<rename>();
  std::erase_if(renamed, [&](const rename& r) { return know(r.from) == nullptr; });
  auto next = make_pool(wanted, with, renamed);
  auto opened = doors_.open_new(wanted, {with.names, with.ours, with.workers, with.now, with.opens});
  if (!next || !opened) {
    const std::string of_pool = next ? "" : next.error(), of_doors = opened ? "" : opened.error();
    return of_pool + (next || opened ? "" : "\n") + of_doors;
  }
  auto former = successors(wanted, renamed);
  (*next)->index(former);
  auto clients = clients_ || !with.opens ? nullptr : make_table(wanted, with);
  return change{.next = std::move(*next),
                .opened = std::move(*opened),
                .wanted = wanted,
                .clients = std::move(clients),
                .renamed = std::move(renamed),
                .successors = std::move(former)};
}

bool service::is_elsewhere(const resolver& names) const {
  const auto differs = [&](const place& said, const server* s) {
    const auto now = names.find_all(said);
    if (said.host.empty() || !now) return false;
    if (s == nullptr || !s->usable) return !now->empty();
    if (now->empty()) return false;  // known once, and forgotten: it stays
    return now->front() != s->where || !std::equal(now->begin() + 1, now->end(), s->others.begin(), s->others.end());
  };
  const auto extra = [&](const std::optional<place>& said, const std::optional<server>& s) {
    return said && differs(*said, s ? &*s : nullptr);
  };
  for (std::size_t i = 0; i < wanted_.servers.size(); ++i) {
    if (differs(wanted_.servers[i].where, &pool_->servers[i])) return true;
  }
  return extra(wanted_.emergency, pool_->emergency) || extra(wanted_.abuse, pool_->abuse);
}

// With the clients that it had when the process ended last.
std::shared_ptr<client_table> service::make_table(const service_settings& wanted, const means& with) const {
  auto made = released_elsewhere(std::make_unique<client_table>(wanted.clients_max, seed_, use_huge_pages));
  std::map<std::string, server_id> ids;
  names_->teach(made);
  for (auto& [id, identity] : names_->after(0)) ids.emplace(identity, id);
  if (with.state_dir.empty()) return made;
  const auto found = restore_table(with.state_dir, wanted.name, ids, steady_ms(), *made);
  if (!found) {
    log::warn("service={} clients=ignored file={} why=\"{}\"", wanted.name,
              table_file_path(with.state_dir, wanted.name), found.error());
  } else if (found->entries + found->dropped > 0) {
    log::info("service={} clients=restored count={} dropped={}", wanted.name, found->entries, found->dropped);
    if (found->ahead > 0) {
      log::warn("service={} clients_ahead={} why=\"the clock is, or was, wrong: what another node says counts\"",
                wanted.name, found->ahead);
    }
  }
  return made;
}

shared_service service::shared() const {
  return {.number = number_, .name = wanted_.name, .clients = clients_, .servers = names_, .shared = followed_};
}

kept_table service::kept() const {
  kept_table out{.service = wanted_.name, .clients = clients_, .servers = {}};
  for (auto& [id, identity] : names_->after(0)) {
    const auto now = successors_.find(id);
    const std::string& name = now == successors_.end() ? identity : now->second;
    if (name.size() <= max_table_file_name) out.servers.push_back({id, name});
  }
  return out;
}

void service::commit(change prepared) {
  if (!clients_) {
    clients_ = std::move(prepared.clients);
  } else if (clients_->capacity() != prepared.wanted.clients_max) {
    clients_->resize(prepared.wanted.clients_max);
  }
  prepared.next->clients = clients_;
  const auto former = std::exchange(pool_, std::move(prepared.next));
  if (former) pool_->note_enabled(*former, monotonic_now());
  wanted_ = std::move(prepared.wanted);
  successors_ = std::move(prepared.successors);
  for (auto& w : workers_) w->tell(adopt_pool{pool_});
  doors_.renew(std::move(prepared.opened), wanted_, workers_);
  adopt(prepared.renamed);
  if (former) part_from(*former);
  graces_.clear();
  if (known_.size() > max_known_servers) {
    std::erase_if(known_, [&](const auto& known) { return pool_->find(known.second.id) == nullptr; });
    std::erase_if(successors_, [&](const auto& one) { return pool_->find(one.first) == nullptr; });
  }
  checks_.renew(pool_, doors_.first_port());
  watch_panic();
}

void service::adopt(const std::vector<rename>& renamed) {
  for (const rename& r : renamed) {
    known_.at(r.to).live = known_.at(r.from).live;
    log::info("service={} server={} renamed from={}", wanted_.name, r.to, r.from);
  }
}

void service::part_from(const pool& former) {
  for (const server& s : pool_->servers) {
    leaving_.feed(departures<server_id>::came_back{s.id});
    if (!s.drain) drained_.feed(departures<server_id>::came_back{s.id});
  }
  for (const server& s : former.servers) {
    if (pool_->find(s.id) != nullptr) continue;
    const auto said = graces_.find(s.name);
    const duration grace = said == graces_.end() ? wanted_.drain_time : said->second;
    leaving_.feed(departures<server_id>::left{s.id, grace});
    const auto count = s.live->connections.load(std::memory_order_relaxed);
    if (count == 0) continue;
    log::info("service={} server={} removed connections={} close_s={}", wanted_.name, s.name, count,
              std::chrono::duration<double>(grace).count());
  }
}

void service::close_flows_of(server_id gone) {
  for (auto& w : workers_) w->tell(close_flows{number_, gone});
}

void service::close_after(std::string_view server, duration time) {
  const auto* which = find_server(server);
  if (which == nullptr) return;
  drained_.feed(departures<server_id>::came_back{which->id});  // the time said last counts
  drained_.feed(departures<server_id>::left{which->id, time});
}

void service::close_connections() {
  for (auto& w : workers_) w->tell(close_flows{number_, std::nullopt});
}

void service::close_listeners() { doors_.close_all(workers_); }

void service::retire() {
  close_listeners();
  checks_.stop();
}

void service::heard(const server_checks::news& what) {
  const std::string who = "service=" + wanted_.name + " server=" + what.server;
  moved_();
  switch (what.what) {
    case server_news::up: log::info("{} state=up at={} why=\"checks pass\"", who, what.at); break;
    case server_news::down: log::warn("{} state=down at={} why=\"{}\"", who, what.at, what.why); break;
    case server_news::returned:
      if (const auto say = returned_log_.say(who + " state=returned why=\"a check passed\"", monotonic_now())) {
        log::info("{}", *say);
      }
      return;
  }
  watch_panic();
}

void service::look_after() {
  doors_.look_after(wanted_, workers_);
  const std::string problem = problem_of(*pool_, monotonic_now());
  if (problem.empty()) return;
  const std::string line = "service=" + wanted_.name + " problem=\"" + problem + '"';
  if (const auto say = problem_log_.say(line, monotonic_now())) log::warn("{}", *say);
}

void service::watch_panic() {
  const bool panic = pool_->panic(monotonic_now());
  if (panic == std::exchange(panicking_, panic)) return;
  if (panic) {
    log::warn("service={} panic=on why=\"too few servers are alive, using all\"", wanted_.name);
  } else {
    log::info("service={} panic=off", wanted_.name);
  }
}

bool service::set_aside(std::string_view server, duration how_long) {
  const auto* which = find_server(server);
  if (which == nullptr) return false;
  which->live->set_aside(how_long, monotonic_now());
  for (const auto& port : which->ports) port->blacklisted_until.store(0, std::memory_order_relaxed);
  watch_panic();
  return true;
}

bool service::step() {
  std::unique_ptr<table_slots> former;
  const bool more = clients_->migrate(4096, &former);
  if (former) released_elsewhere(std::move(former));
  return more;
}

const server* service::find_server(std::string_view name) const {
  for (const auto& s : pool_->servers) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

}  // namespace holdfast
