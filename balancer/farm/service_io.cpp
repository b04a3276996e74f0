#include "balancer/farm/service_io.h"

#include <algorithm>

#include "balancer/show/answers.h"
#include "balancer/table/release_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/pages_io.h"

namespace holdfast {

service::service(boost::asio::io_context& io, std::uint32_t number, std::uint64_t seed, std::uint32_t& next_listener,
                 worker_list& workers, std::function<void()> moved, std::shared_ptr<replication_watermark> followed)
    : number_(number),
      seed_(seed),
      servers_(number, std::move(followed)),
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

result<service::change, std::string> service::prepare(const service_settings& wanted, const means& with) {
  auto servers = servers_.make(wanted, {with.acls, with.names, with.most_connections, with.moving});
  auto opened = doors_.open_new(wanted, {with.names, with.ours, with.workers, with.now, with.opens});
  if (!servers || !opened) {
    const std::string of_pool = servers ? "" : servers.error(), of_doors = opened ? "" : opened.error();
    return of_pool + (servers || opened ? "" : "\n") + of_doors;
  }
  auto clients = clients_ || !with.opens ? nullptr : make_table(wanted, with);
  return change{
      .servers = std::move(*servers), .opened = std::move(*opened), .wanted = wanted, .clients = std::move(clients)};
}

// With the clients that it had when the process ended last.
std::shared_ptr<client_table> service::make_table(const service_settings& wanted, const means& with) const {
  auto made = released_elsewhere(std::make_unique<client_table>(wanted.clients_max, seed_, use_huge_pages));
  std::map<std::string, server_id> ids;
  servers_.names()->teach(made);
  for (auto& [id, identity] : servers_.names()->after(0)) ids.emplace(identity, id);
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
  return {.number = number_,
          .name = wanted().name,
          .clients = clients_,
          .servers = servers_.names(),
          .shared = servers_.followed()};
}

kept_table service::kept() const { return {.service = wanted().name, .clients = clients_, .servers = servers_.kept()}; }

void service::commit(change prepared) {
  if (!clients_) {
    clients_ = std::move(prepared.clients);
  } else if (clients_->capacity() != prepared.wanted.clients_max) {
    clients_->resize(prepared.wanted.clients_max);
  }
  prepared.servers.next->clients = clients_;
  const auto former = servers_.current();
  servers_.adopt(prepared.servers, prepared.wanted);
  if (former) current().note_enabled(*former, monotonic_now());
  for (auto& w : workers_) w->tell(adopt_pool{servers_.current()});
  doors_.renew(std::move(prepared.opened), wanted(), workers_);
  for (const rename& r : prepared.servers.renamed) {
    log::info("service={} server={} renamed from={}", wanted().name, r.to, r.from);
  }
  if (former) part_from(*former);
  graces_.clear();
  checks_.renew(servers_.current(), doors_.first_port());
  watch_panic();
}

void service::part_from(const pool& former) {
  for (const server& s : current().servers) {
    leaving_.feed(departures<server_id>::came_back{s.id});
    if (!s.drain) drained_.feed(departures<server_id>::came_back{s.id});
  }
  for (const server& s : former.servers) {
    if (current().find(s.id) != nullptr) continue;
    const auto said = graces_.find(s.name);
    const duration grace = said == graces_.end() ? wanted().drain_time : said->second;
    leaving_.feed(departures<server_id>::left{s.id, grace});
    const auto count = s.live->connections.load(std::memory_order_relaxed);
    if (count == 0) continue;
    log::info("service={} server={} removed connections={} close_s={}", wanted().name, s.name, count,
              seconds_of(grace));
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
  const std::string who = "service=" + wanted().name + " server=" + what.server;
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

void service::look_after(bool files) {
  if (files) doors_.look_after(wanted(), workers_);
  const std::string problem = problem_of(current(), monotonic_now());
  if (problem.empty()) return;
  const std::string line = "service=" + wanted().name + " problem=\"" + problem + '"';
  if (const auto say = problem_log_.say(line, monotonic_now())) log::warn("{}", *say);
}

void service::watch_panic() {
  const bool panic = current().panic(monotonic_now());
  if (panic == std::exchange(panicking_, panic)) return;
  if (panic) {
    log::warn("service={} panic=on why=\"too few servers are alive, using all\"", wanted().name);
  } else {
    log::info("service={} panic=off", wanted().name);
  }
}

bool service::disable_for(std::string_view server, duration how_long) {
  const auto* which = find_server(server);
  if (which == nullptr) return false;
  which->live->disable_for(how_long, monotonic_now());
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
  for (const auto& s : current().servers) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

}  // namespace holdfast
