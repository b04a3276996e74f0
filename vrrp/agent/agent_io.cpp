#include "vrrp/agent/agent_io.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <stdexcept>

#include "base/clock_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/paths.h"
#include "base/tls/cluster_key_io.h"
#include "base/tls/tls_session_io.h"
#include "cli/configuration/cluster_endpoints.h"
#include "cli/configuration/config.h"
#include "cli/configuration/files_io.h"
#include "cli/language/words.h"
#include "vrrp/agent/agent_commands_io.h"
#include "vrrp/agent/keys_io.h"
#include "vrrp/agent/leftovers_io.h"

namespace holdfast {

namespace {

constexpr duration least_renewal{std::chrono::milliseconds(250)};
constexpr duration time_to_stop{std::chrono::seconds(5)};
constexpr std::uint16_t above_the_balancer = 1;  // our port on the wire

}  // namespace

struct agent::prepared {
  std::vector<std::pair<group_plan, hmac_policy>> groups;
  std::optional<result<cluster_keys, std::string>> keys;  // none: none are wanted
};

result<settings, std::string> read_config(const agent_options& options) {
  auto loaded = load_config(options.config_file, options.node, read_whole_file);
  if (!loaded) return loaded.error().text();
  return std::move(*loaded);
}

agent::agent(boost::asio::io_context& io, agent_options options, const settings& first, event_file& events,
             notifier manager)
    : io_(io),
      options_(std::move(options)),
      event_file_(events),
      started_(monotonic_now()),
      link_watch_(io, listening()),
      renewing_(io, [this] { renew_leases(); }),
      control_(io, [this](const caller& who, std::string_view line,
                          control_server::respond_type respond) { carry_out(*this, who, line, std::move(respond)); }),
      signals_(io, {SIGHUP, SIGTERM, SIGINT}, [this](int number) { on_signal(number); }),
      manager_(io, std::move(manager), {.status = [this] { return summary(facts()); }, .alive = [] { return true; }}) {
  // Two agents on one node are one too many: whoever has the socket keeps its addresses.
  if (const auto open = control_.listen_unix(control_path()); !open) throw std::runtime_error(open.error());
  history_.load(event_file_.found());
  const auto left = release_all(kernel_, first, false);
  if (!left) throw std::runtime_error(left.error());
  const std::string count = std::to_string(*left);
  if (*left > 0) noted("", {count + " addresses of an earlier life were taken away", "leftovers=" + count});
  auto ready = prepare(first);
  if (!ready) throw std::runtime_error(ready.error());
  commit(std::move(*ready), first);
  file_ = first;
  if (const auto watching = link_watch_.start(); !watching) throw std::runtime_error(watching.error());
  renew_leases();
  log::info("state=started version={} pid={} node={} groups={}", HOLDFAST_VERSION, getpid(), options_.node,
            groups_.size());
}

agent::~agent() = default;

std::string agent::control_path() const { return options_.run_dir + '/' + std::string(agent_socket_name); }

agent_facts agent::facts() const {
  agent_facts out{.groups = {}, .peers = peers(), .wire_trouble = wire_trouble_, .lost_log_lines = program_log::lost()};
  for (const auto& [name, g] : groups_) out.groups.push_back(g->facts());
  return out;
}

std::vector<wire_status> agent::peers() const { return wire_ ? wire_->status() : std::vector<wire_status>(); }

result<agent::prepared, std::string> agent::prepare(const settings& wanted) const {
  prepared made;
  for (group_plan& plan : plan_of(wanted)) {
    auto hmac = hmac_of(plan.said);
    if (!hmac) return "group " + plan.said.name + ": " + hmac.error();
    made.groups.emplace_back(std::move(plan), std::move(*hmac));
  }
  if (!wanted.cluster_key.empty()) made.keys = load_cluster_keys(wanted.cluster_key, wanted.next_cluster_key);
  return made;
}

void agent::commit(prepared what, const settings& wanted) {
  const bool wire_stays = wire_ != nullptr && wanted.nodes == current_.nodes && what.keys &&
                          (!*what.keys || ids_of(**what.keys) == wire_keys_);
  if (wire_stays && !*what.keys) log::error("wire=keeps_its_key why=\"{}\"", what.keys->error());
  current_ = wanted;
  if (!wire_stays) renew_wire(wanted, std::move(what.keys));
  renew_groups(std::move(what.groups));
  introduce_nodes();
  renew_watch();
  report();
}

std::unique_ptr<group_driver> agent::make_group(group_plan plan, hmac_policy hmac) {
  const std::string name = plan.said.name;
  group_driver::hooks hooks{.report = [this] { report(); },
                            .ask_peer =
                                [this](const std::string& node) {
                                  if (wire_) wire_->ask(node);
                                },
                            .peers_are_ours = [this] { return !peers_seen_.empty(); },
                            .moved = [this, name](const group::moved& what) { moved(name, what); },
                            .noted = [this, name](const group::noted& what) { noted(name, what); },
                            .drain_balancer =
                                [this] {
                                  if (watch_) watch_->drain();
                                }};
  const auto before = history_.activations(name, monotonic_now().time_since_epoch());
  return std::make_unique<group_driver>(io_, kernel_, options_.node, std::move(plan), std::move(hmac), before,
                                        std::move(hooks));
}

// An unchanged group notices nothing; one with the same routers goes on with other numbers; another is another.
void agent::renew_groups(std::vector<std::pair<group_plan, hmac_policy>> wanted) {
  const auto is_wanted = [&](const std::string& name) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const auto& w) { return w.first.said.name == name; });
  };
  for (auto& [name, g] : groups_) {
    if (is_wanted(name)) continue;
    g->stop();
    if (watch_) watch_->say({name, role::gone});
  }
  std::erase_if(groups_, [&](const auto& one) { return !is_wanted(one.first); });
  bool fresh = false;
  for (auto& [plan, hmac] : wanted) {
    auto& running = groups_[plan.said.name];
    if (running && same_routers(running->plan(), plan)) {
      running->change(std::move(plan), std::move(hmac));
      continue;
    }
    if (running) running->stop();
    running = make_group(std::move(plan), std::move(hmac));
    fresh = true;
  }
  if (fresh && !front_.links().empty()) look();
}

void agent::introduce_nodes() {
  std::vector<std::string> names;
  for (const wire_status& peer : peers()) names.push_back(peer.name);
  for (auto& [name, g] : groups_) g->expect(g->plan().said.wire ? names : std::vector<std::string>());
}

// Without it, elections are by adverts alone.
void agent::renew_wire(const settings& wanted, std::optional<result<cluster_keys, std::string>> keys) {
  wire_.reset();
  for (const auto& [node, software] : std::exchange(peers_seen_, {})) {
    for (auto& [name, g] : groups_) g->peer_gone(node, group::ending::lost);
  }
  const std::string former_trouble = std::exchange(wire_trouble_, "");
  const cluster_endpoints plan = endpoints_of(wanted, options_.node, above_the_balancer);
  wire_trouble_ = plan.trouble;
  if (keys && !*keys && wire_trouble_.empty()) wire_trouble_ = keys->error();
  if (keys && wire_trouble_.empty() && !plan.others.empty()) {
    wire_keys_ = ids_of(**keys);
    wire_settings ours{.name = options_.node, .listen = plan.listen, .software = HOLDFAST_VERSION};
    for (const auto& [name, where] : plan.others) ours.others.push_back({name, where});
    auto made = std::make_unique<wire>(io_, std::move(ours), std::move(**keys), wire_hooks());
    const auto listening = made->start();
    if (!listening) wire_trouble_ = listening.error();
    if (listening) wire_ = std::move(made);
  }
  if (!wire_trouble_.empty() && wire_trouble_ != former_trouble) {
    noted("", {"no wire to the other agents, elections are by adverts alone: " + wire_trouble_,
               fmt::format("wire=off why=\"{}\"", wire_trouble_)});
  }
}

wire_callbacks agent::wire_hooks() {
  const auto gone = [this](const std::string& node, group::ending how, const std::string& why) {
    peers_seen_.erase(node);
    for (auto& [name, g] : groups_) {
      if (g->plan().said.wire) g->peer_gone(node, how);
    }
    noted("", gone_note(node, how, why));
  };
  return {.connected =
              [this](const std::string& node, const wire_hello& hello) {
                peers_seen_[node] = hello.software;
                noted("", connected_note(node, hello.software));
              },
          .heard =
              [this](const std::string& node, const wire_report& report) {
                for (auto& [name, g] : groups_) {
                  if (g->plan().said.wire) g->peer_said(node, report);
                }
              },
          .answered =
              [this](const std::string& node, instant asked, std::uint64_t number) {
                for (auto& [name, g] : groups_) {
                  if (g->plan().said.wire) g->peer_answered(node, asked, number);
                }
              },
          .died = [gone](const std::string& node) { gone(node, group::ending::died, ""); },
          .left = [gone](const std::string& node) { gone(node, group::ending::left, ""); },
          .lost = [gone](const std::string& node, const std::string& why) { gone(node, group::ending::lost, why); },
          .failed = [](const std::string& who,
                       const std::string& why) { log::debug("wire=failed peer={} why=\"{}\"", who, why); },
          .doubled =
              [this](const std::string& node, const std::string& why) {
                noted("", {why, fmt::format("wire=refused node={} why=\"{}\"", node, why)});
              },
          .look_at_clock =
              [this] {
                for (auto& [name, g] : groups_) g->look_at_clock();
              }};
}

void agent::renew_watch() {
  const bool wanted =
      std::any_of(groups_.begin(), groups_.end(), [](const auto& g) { return g.second->plan().watches_balancer; });
  if (!wanted) return watch_.reset();
  if (watch_) return;
  watch_ = std::make_unique<watch>(io_, options_.run_dir + '/' + link_socket_name, [this](const track::event& what) {
    for (auto& [name, g] : groups_) g->balancer_said(what);
  });
}

link_watch::listener agent::listening() {
  return {.link_changed = [this](const link_state& l) { front_.link_changed(l); },
          .link_gone = [this](int index) { front_.link_gone(index); },
          .address_added = [this](const address_state& a) { front_.address_added(a); },
          .address_removed = [this](const address_state& a) { front_.address_removed(a); },
          .resync =
              [this](std::span<const link_state> links, std::span<const address_state> addresses) {
                front_.resync(links, addresses);
                look();
              },
          .settled = [this] { settle(); }};
}

// A group that has lost its place looks first: what else went with it is no loss of its own then.
void agent::settle() {
  if (front_.take_changed()) look();
  const auto gone = front_.take_removed();
  if (gone.empty()) return;
  for (auto& [name, g] : groups_) g->addresses_removed(gone);
}

void agent::look() {
  for (auto& [name, g] : groups_) g->look(front_.links(), front_.addresses());
}

void agent::report() {
  const instant now = monotonic_now();
  if (wire_) {
    wire_report all;
    for (const auto& [name, g] : groups_) {
      if (g && g->plan().said.wire) all.groups.push_back(g->view(now));
    }
    wire_->say(all);
  }
}

// Its address may come later than we do, its port be free, its key be readable.
void agent::retry_wire() {
  if (wire_ || wire_trouble_.empty() || !endpoints_of(current_, options_.node, above_the_balancer).trouble.empty())
    return;
  auto keys = load_cluster_keys(current_.cluster_key, current_.next_cluster_key);
  if (!keys) return;
  renew_wire(current_, std::move(keys));
  introduce_nodes();
  report();
}

// Often enough that one late renewal loses no address.
void agent::renew_leases() {
  duration next = std::chrono::seconds(1);
  for (auto& [name, g] : groups_) {
    const duration lease = g->lease();
    if (lease == duration::zero()) continue;
    g->renew();
    next = std::min(next, std::max(lease / 4, least_renewal));
  }
  retry_wire();
  renewing_.set(monotonic_now() + next);
}

void agent::moved(const std::string& group, const group::moved& what) {
  const std::string line = log_line(group, what);
  what.alarms ? log::warn("{}", line) : log::info("{}", line);
  if (watch_) watch_->say({group, what.to});
  remember(record_of(group, what, wall_now(), monotonic_now()));
}

void agent::noted(const std::string& group, const group::noted& what) {
  const std::string line = log_line(group, what);
  what.alarms ? log::warn("{}", line) : log::info("{}", line);
  remember(record_of(group, what, wall_now(), monotonic_now()));
}

void agent::remember(event_record e) {
  event_file_.append(print_event(e));
  history_.add(std::move(e));
  if (event_file_.full()) event_file_.replace(history_.text());
}

result<void, std::string> agent::change(const settings& wanted) {
  auto ready = prepare(wanted);
  if (!ready) return ready.error();
  commit(std::move(*ready), wanted);
  return {};
}

result<void, std::string> agent::reload() {
  manager_.reloading();
  const auto wanted = read_config(options_);
  const auto done = wanted ? change(*wanted) : result<void, std::string>(wanted.error());
  if (done) {
    file_ = *wanted;
    log::info("reload=done groups={}", groups_.size());
  } else {
    std::istringstream each(done.error());
    for (std::string why; std::getline(each, why);) log::error("reload=refused why=\"{}\"", why);
  }
  manager_.ready();
  return done;
}

result<std::string, std::string> agent::write(const std::string& file) {
  const std::string& to = file.empty() ? options_.config_file : file;
  if (const auto done = save_config(to, write_config(current_)); !done) return failure{done.error()};
  if (to == options_.config_file) file_ = current_;
  return {boost::system::in_place_value, to};
}

void agent::on_signal(int number) {
  if (number != SIGHUP) return stop();
  static_cast<void>(reload());  // the outcome is in the log
}

// First the addresses go and priority 0 is sent, then the peers' agents hear it.
void agent::stop() {
  manager_.stopping(time_to_stop);
  for (auto& [name, g] : groups_) g->stop();
  if (wire_) wire_->farewell();
  log::info("state=stopped");
  control_.stop();
  stop_running(io_);
}

}  // namespace holdfast
