#include "balancer/service_io.h"

#include <algorithm>
#include <set>

#include "balancer/loop/listener_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/pages_io.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

constexpr std::size_t max_known_servers = 4 * max_servers;  // identities remembered beyond their removal

}  // namespace

service::service(boost::asio::io_context& io, std::uint32_t number, std::uint64_t seed, std::uint32_t& next_listener,
                 std::function<void()> moved, std::shared_ptr<followers> followed,
                 std::function<void(const close_silent&)> sweep)
    : io_(io),
      number_(number),
      seed_(seed),
      followed_(std::move(followed)),
      live_(std::make_shared<service_live>()),
      next_listener_(next_listener),
      moved_(std::move(moved)),
      sweep_(std::move(sweep)) {}

service::~service() {
  for (auto& [id, check] : checks_) check->stop();
}

const service::known_server* service::know(const std::string& identity) {
  if (const auto known = known_.find(identity); known != known_.end()) return &known->second;
  const auto id = names_->know(identity);
  if (!id) return nullptr;
  return &known_.emplace(identity, known_server{*id, std::make_shared<server_live>()}).first->second;
}

result<server, std::string> service::make_server(const server_settings& said, std::string identity, const means& with) {
  server made;
  made.name = said.name;
  made.identity = std::move(identity);
  made.identity_hash = identity_hash(made.identity);
  made.usable = !said.where.host.empty() || !said.where.path.empty();
  if (made.usable) {
    const auto where = with.names.find(said.where);
    if (!where) return failure{"server " + said.name + ": " + where.error()};
    made.where = *where;
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
  made.live = known->live;
  return made;
}

result<std::optional<server>, std::string> service::make_extra(const std::optional<place>& said, const char* name,
                                                               const means& with) {
  if (!said) return std::optional<server>();
  const acl_table everybody;
  // Begins with a blank, as the name of no server does: a server may be called "emergency", too.
  auto made = make_server({.name = name, .where = *said}, std::string(" ") + name,
                          {everybody, with.names, with.ours, with.workers, with.now});
  if (!made) return failure{made.error()};
  return std::optional<server>(std::move(*made));
}

result<std::vector<service::listener>, std::string> service::open_new(const service_settings& wanted,
                                                                      const means& with) const {
  std::vector<listener> opened;
  for (const auto& said : wanted.listeners) {
    const auto same = [&](const bound& b) { return b.said == said; };
    if (std::any_of(bound_.begin(), bound_.end(), same)) continue;
    const auto where = with.names.find(said);
    if (!where) return "listen " + host_word::print(said) + ": " + where.error();
    if (!with.opens) continue;
    if (!with.ours.in_the_way_of(*where, with.now) && is_taken(*where)) {
      return "listen " + host_word::print(said) + ": another program uses that port already";
    }
    with.ours.add(*where);
    listener made{.said = said, .where = *where, .sockets = {}};
    const std::size_t count = where->path.empty() ? with.workers : 1;  // UNIX sockets know no SO_REUSEPORT
    for (std::size_t i = 0; i < count; ++i) {
      auto socket = open_listening_socket(*where, static_cast<int>(wanted.backlog));
      if (!socket) return "listen " + host_word::print(said) + ": " + socket.error().message();
      made.sockets.push_back(std::move(*socket));
    }
    opened.push_back(std::move(made));
  }
  return opened;
}

result<service::change, std::string> service::prepare(const service_settings& wanted, const means& with) {
  auto next = std::make_shared<pool>();
  next->service = number_;
  next->policy = wanted;
  next->policy.listeners.clear();
  next->policy.servers.clear();
  const auto identities = wanted.identities();
  for (std::size_t i = 0; i < wanted.servers.size(); ++i) {
    auto made = make_server(wanted.servers[i], identities[i], with);
    if (!made) return made.error();
    next->asks_country |= made->permits->asks_country();
    next->servers.push_back(std::move(*made));
  }
  auto emergency = make_extra(wanted.emergency, "emergency", with);
  if (!emergency) return emergency.error();
  auto abuse = make_extra(wanted.abuse, "abuse", with);
  if (!abuse) return abuse.error();
  next->emergency = std::move(*emergency);
  next->abuse = std::move(*abuse);
  next->client_acl = with.acls.find(wanted.client_acl);
  next->asks_country |= next->client_acl->asks_country();
  next->live = live_;
  next->followed = followed_;
  next->index();
  auto clients = clients_ || !with.opens ? nullptr : make_table(wanted, with);
  auto opened = open_new(wanted, with);
  if (!opened) return opened.error();
  return change{.next = std::move(next), .opened = std::move(*opened), .wanted = wanted, .clients = std::move(clients)};
}

// With the clients that it had when the process ended last.
std::shared_ptr<client_table> service::make_table(const service_settings& wanted, const means& with) const {
  auto made = std::make_shared<client_table>(wanted.clients_max, seed_, use_huge_pages);
  std::map<std::string, server_id> ids;
  names_->teach(made);
  for (auto& [id, identity] : names_->after(0)) ids.emplace(identity, id);
  if (with.state_dir.empty()) return made;
  const auto found = restore_table(with.state_dir, wanted.name, ids, wall_ms(), *made);
  if (!found) {
    log::warn("service={} clients=ignored file={} why=\"{}\"", wanted.name,
              table_file_path(with.state_dir, wanted.name), found.error());
  } else if (found->entries + found->dropped > 0) {
    log::info("service={} clients=restored count={} dropped={}", wanted.name, found->entries, found->dropped);
  }
  return made;
}

shared_service service::shared() const {
  return {.number = number_, .name = wanted_.name, .clients = clients_, .servers = names_, .shared = followed_};
}

kept_table service::kept() const {
  kept_table out{.service = wanted_.name, .clients = clients_, .servers = {}};
  for (auto& [id, identity] : names_->after(0)) {
    if (identity.size() <= max_table_file_name) out.servers.push_back({id, identity});
  }
  return out;
}

void service::commit(change prepared, worker_list& workers) {
  if (!clients_) {
    clients_ = std::move(prepared.clients);
  } else if (clients_->capacity() != prepared.wanted.clients_max) {
    clients_->resize(prepared.wanted.clients_max);
  }
  prepared.next->clients = clients_;
  const auto former = std::exchange(pool_, std::move(prepared.next));
  if (former) pool_->note_enabled(*former, monotonic_now());
  wanted_ = std::move(prepared.wanted);
  for (auto& w : workers) w->tell(adopt_pool{pool_});
  renew_listeners(std::move(prepared.opened), workers);
  for (const server& s : former ? former->servers : std::vector<server>{}) {
    if (pool_->find(s.id) != nullptr) continue;
    for (auto& w : workers) w->tell(close_flows{number_, s.id});
  }
  if (known_.size() > max_known_servers) {
    std::erase_if(known_, [&](const auto& known) { return pool_->find(known.second.id) == nullptr; });
  }
  renew_checks();
  watch_panic();
}

void service::heard(const std::string& server, server_news what, const std::string& why, std::uint16_t port) {
  const std::string who = "service=" + wanted_.name + " server=" + server;
  moved_();
  switch (what) {
    case server_news::up: log::info("{} state=up why=\"checks pass\"", who); break;
    case server_news::down:
      log::warn("{} state=down why=\"{}\"{}", who, why, port == 0 ? "" : " port=" + std::to_string(port));
      break;
    case server_news::returned:
      if (const auto say = returned_log_.say(who + " state=returned why=\"a check passed\"", monotonic_now())) {
        log::info("{}", *say);
      }
      return;
  }
  watch_panic();
}

void service::watch_panic() {
  const bool panic = pool_->panic(monotonic_now());
  if (panic == std::exchange(panicking_, panic)) return;
  if (panic) {
    log::warn("service={} panic=on why=\"fewer than half of the servers are alive, using all\"", wanted_.name);
  } else {
    log::info("service={} panic=off", wanted_.name);
  }
}

void service::renew_listeners(std::vector<listener> opened, worker_list& workers) {
  std::erase_if(bound_, [&](const bound& b) {
    if (std::find(wanted_.listeners.begin(), wanted_.listeners.end(), b.said) != wanted_.listeners.end()) return false;
    for (auto& w : workers) w->tell(close_listener{b.number});
    log::info("service={} listener={} closed", wanted_.name, b.where.text());
    return true;
  });
  for (auto& l : opened) {
    const std::uint32_t number = next_listener_++;
    // A lone UNIX socket goes to one worker, another one to the next.
    for (std::size_t i = 0; i < l.sockets.size(); ++i) {
      auto& w = l.sockets.size() == 1 ? workers[number % workers.size()] : workers[i];
      w->tell(open_listener{number, number_, l.sockets[i].release(), l.where});
    }
    log::info("service={} listener={} open", wanted_.name, l.where.text());
    bound_.push_back({number, l.said, l.where});
  }
}

// A server without a port is asked at that of the first listener that has one.
std::optional<endpoint> service::check_target(const server& s) const {
  endpoint where = s.where;
  if (!where.path.empty() || where.port != 0 || wanted_.check.port != 0) return where;
  const auto ported = std::find_if(bound_.begin(), bound_.end(), [](const bound& b) { return b.where.port != 0; });
  if (ported == bound_.end()) return std::nullopt;
  where.port = ported->where.port;
  return where;
}

void service::renew_checks() {
  std::set<server_id> checked;
  for (std::size_t i = 0; i < pool_->servers.size(); ++i) {
    const server& s = pool_->servers[i];
    if (!s.usable || wanted_.check.how == check_kind::none) continue;
    const auto at = check_target(s);
    if (!at || !checked.insert(s.id).second) continue;
    const probe_target target({*at}, wanted_.servers[i].where.host);
    auto& check = checks_[s.id];
    if (check) {
      check->change(target, pool_);
      continue;
    }
    const auto news = [this, name = s.name](server_news what, const std::string& why, std::uint16_t port) {
      heard(name, what, why, port);
    };
    const auto sweep = [this, id = s.id](bool closes) { sweep_({number_, id, closes}); };
    check = std::make_shared<server_check>(io_, target, pool_, seed_ ^ s.identity_hash, s.live, news, sweep);
    check->start();
  }
  std::erase_if(checks_, [&](const auto& entry) {
    if (checked.contains(entry.first)) return false;
    entry.second->stop();
    return true;
  });
}

void service::close_listeners(worker_list& workers) {
  for (const auto& b : bound_) {
    for (auto& w : workers) w->tell(close_listener{b.number});
  }
  bound_.clear();
}

void service::connect_failed(server_id which) {
  if (const auto check = checks_.find(which); check != checks_.end()) check->second->connect_failed();
}

bool service::set_aside(std::string_view server, duration how_long) {
  const auto* which = find_server(server);
  if (which == nullptr) return false;
  which->live->set_aside(how_long, monotonic_now());
  watch_panic();
  return true;
}

bool service::step() { return clients_->migrate(4096); }

const server* service::find_server(std::string_view name) const {
  for (const auto& s : pool_->servers) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

std::vector<endpoint> service::listening() const {
  std::vector<endpoint> out;
  out.reserve(bound_.size());
  for (const auto& b : bound_) out.push_back(b.where);
  return out;
}

}  // namespace holdfast
