#include "balancer/farm/farm_io.h"

#include <fcntl.h>

#include <algorithm>
#include <functional>
#include <random>

#include "balancer/choice/country_io.h"
#include "balancer/farm/connection_rows.h"
#include "balancer/names/service_port_io.h"
#include "balancer/sockets/socket_io.h"
#include "base/clock_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/process_io.h"
#include "base/vocabulary.h"

namespace holdfast {

namespace {

static_assert(max_workers <= most_beating_workers);

std::uint64_t random_seed() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

}  // namespace

farm::farm(boost::asio::io_context& io, unsigned workers, std::function<void()> changed, std::function<void()> settled,
           const std::string& state_dir)
    : io_(io),
      stepping_(io, [this] { step(); }),
      changed_(std::move(changed)),
      settled_(std::move(settled)),
      lookups_(io, workers > 0, [this] { names_moved(); }),
      departures_(io, {},
                  [this](const departures<std::uint32_t>::close& gone) {
                    leaving_.at(gone.who)->close_connections();
                    leaving_.erase(gone.who);
                  }),
      files_(file_limit()) {
  if (!state_dir.empty()) keeper_ = std::make_unique<table_keeper>(state_dir);
  for (unsigned i = 0; i < workers; ++i) {
    const auto report = [this](worker_report& r) {
      if (!reports_.push(r)) return false;
      if (!told_.exchange(true)) run_soon(io_, [this] { take_reports(); });
      return true;
    };
    workers_.push_back(std::make_unique<worker>(i, report, files_));
  }
}

farm::~farm() {
  workers_.clear();  // joined; what they said last is still to be written
  take_reports();
  keeper_.reset();  // writes what the tables hold in the end
}

void farm::part_from(std::unique_ptr<service> gone) {
  const std::uint32_t number = gone->current().service;
  gone->retire();
  departures_.feed(departures<std::uint32_t>::left{number, gone->wanted().drain_time});
  log::info("service={} removed connections={} close_s={}", gone->wanted().name,
            gone->current().live->connections.load(), seconds_of(gone->wanted().drain_time));
  leaving_[number] = std::move(gone);
}

void farm::welcome_back(const settings& wanted) {
  for (auto& [number, s] : leaving_) {
    const std::string name = s->wanted().name;
    if (!wanted.services.contains(name)) continue;
    departures_.feed(departures<std::uint32_t>::came_back{number});
    services_[name] = std::move(s);
  }
  std::erase_if(leaving_, [](const auto& entry) { return entry.second == nullptr; });
}

service* farm::leaving(const std::string& name) {
  for (auto& [number, s] : leaving_) {
    if (s->wanted().name == name) return s.get();
  }
  return nullptr;
}

void farm::look_after(bool files) {
  for (auto& [name, s] : services_) s->look_after(files);
  look_at_addresses();
}

void farm::look_at_addresses() {
  std::set<address> now = own_addresses();
  if (now.empty() || now == here_) return;
  const auto tell = [&](service& s) {
    for (const address& a : here_) {
      if (!now.contains(a)) s.address_left(a);
    }
    for (const address& a : now) {
      if (!here_.contains(a)) s.address_came(a);
    }
  };
  for (auto& [name, s] : services_) tell(*s);
  for (auto& [number, s] : leaving_) tell(*s);
  here_ = std::move(now);
}

void farm::hold_claims() {
  std::vector<endpoint> listening;
  for (const auto& [name, s] : services_) {
    const auto places = s->listening();
    listening.insert(listening.end(), places.begin(), places.end());
  }
  ours_.hold(listening, monotonic_now());
}

void farm::keep_tables() {
  if (!keeper_) return;
  std::vector<kept_table> all;
  all.reserve(services_.size());
  for (const auto& [name, s] : services_) all.push_back(s->kept());
  keeper_->keep(std::move(all));
}

std::unique_ptr<service> farm::make_service() {
  auto followed = std::make_shared<replication_watermark>(static_cast<unsigned>(workers_.size()), settled_,
                                                          [this](unsigned which) { workers_[which]->nudge(); });
  return std::make_unique<service>(io_, next_service_++, random_seed(), next_listener_, workers_, changed_,
                                   std::move(followed));
}

service* farm::find(std::string_view name) {
  const auto hit = services_.find(std::string(name));
  return hit == services_.end() ? nullptr : hit->second.get();
}

service* farm::by_number(std::uint32_t number) {
  for (auto& [name, s] : services_) {
    if (s->current().service == number) return s.get();
  }
  return nullptr;
}

void farm::take_reports() {
  told_ = false;
  for (auto& report : reports_.drain()) {
    std::visit([this](const auto& what) { take(what); }, report);
  }
}

void farm::take(const server_failed& what) {
  service* s = by_number(what.service);
  if (s == nullptr) return;
  s->connect_failed(what.server);
  if (what.blacklisted) changed_();
  const server* which = s->current().find(what.server);
  if (which != nullptr) which->reach(what.port).trouble = what.why;
  if (const auto say = server_log_.failed(what, s->wanted().name, which, monotonic_now())) log::warn("{}", *say);
}

void farm::take(const server_returned& what) {
  service* s = by_number(what.service);
  const server* which = s == nullptr ? nullptr : s->current().find(what.server);
  if (which == nullptr) return;
  changed_();
  if (const auto say = server_log_.returned(what, s->wanted().name, *which, monotonic_now())) log::info("{}", *say);
}

void farm::take(const accept_trouble& what) {
  if (const auto say = accept_log_.say("accept=backing_off why=\"" + what.why + '"', monotonic_now())) {
    log::warn("{}", *say);
  }
}

void farm::take(const log_lines& what) {
  if (current_.log) access_.write(what.text);
}

void farm::step() {
  bool more = false;
  for (auto& [name, s] : services_) more |= s->step();
  if (more) stepping_.set(monotonic_now() + std::chrono::milliseconds(1));
}

void farm::connections(const connection_query& which, std::function<void(std::vector<connection_row>)> done) {
  struct gathering {
    std::vector<connection_row> rows;
    std::size_t missing;
    std::function<void(std::vector<connection_row>)> done;
  };
  auto all = std::make_shared<gathering>(gathering{{}, workers_.size(), std::move(done)});
  const auto add = [all, most = which.most](const std::vector<connection_row>& rows) {
    all->rows.insert(all->rows.end(), rows.begin(), rows.end());
    if (--all->missing > 0) return;
    all->done(merged(std::move(all->rows), most));
  };
  for (auto& w : workers_) {
    const bool posted = w->post(list_connections{
        [this, add](std::vector<connection_row> rows) { run_soon(io_, [add, rows = std::move(rows)] { add(rows); }); },
        which});
    if (!posted) run_soon(io_, [add] { add({}); });
  }
}

bool farm::beat_on(int agent) {
  for (auto& w : workers_) {
    const int copy = fcntl(agent, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return false;
    w->tell(attach_agent{copy});
  }
  return true;
}

bool farm::all_went_round() {
  std::vector<std::uint64_t> now;
  for (const auto& w : workers_) now.push_back(w->live().beats.load(std::memory_order_relaxed));
  beats_.resize(now.size());
  if (!std::equal(now.begin(), now.end(), beats_.begin(), std::greater())) return false;
  beats_ = std::move(now);
  return true;
}

std::uint64_t farm::lost_access_lines() const {
  std::uint64_t sum = access_.lost();
  for (const auto& w : workers_) sum += w->live().lost_log_lines.load(std::memory_order_relaxed);
  return sum;
}

void farm::stop_accepting() {
  for (auto& [name, s] : services_) s->close_listeners();
  changed_();
}

std::uint32_t farm::listener_count() const {
  std::size_t sum = 0;
  for (const auto& [name, s] : services_) sum += s->listening().size();
  return static_cast<std::uint32_t>(sum);
}

std::uint32_t farm::connection_count() const {
  std::uint32_t sum = 0;
  for (const auto& w : workers_) sum += w->live().connections.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace holdfast
