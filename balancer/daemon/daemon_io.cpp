#include "balancer/daemon/daemon_io.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "balancer/cluster/cluster_io.h"
#include "balancer/daemon/balancer_commands_io.h"
#include "balancer/daemon/control_place.h"
#include "balancer/farm/orders.h"
#include "balancer/names/service_port_io.h"
#include "balancer/show/status_page.h"
#include "base/clock_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/process_io.h"
#include "cli/check/warnings.h"
#include "cli/configuration/config.h"
#include "cli/configuration/files_io.h"
#include "cli/language/words.h"
#include "cli/reply/cluster_view.h"

namespace holdfast {

namespace {

// While an agent of ours holds addresses, clients still come to us: it gives them up first, if it does that soon.
constexpr duration hand_over_most = 200ms;
constexpr duration last_words = 30s;         // after the drain: tables are written
constexpr duration rehearsal_patience = 5s;  // for names
constexpr duration jail_patience = 30s;      // for names: from a jail there is no asking
constexpr std::string_view reserved_words = "a change of all nodes is under way: try again in a moment";

file_reader reader_for(const daemon_options& options) {
  if (!lacks_its_file(options)) return read_whole_file;
  return [own = options.config_file](const std::string& path) {
    return path == own ? result<std::string, std::string>(boost::system::in_place_value, "") : read_whole_file(path);
  };
}

}  // namespace

bool lacks_its_file(const daemon_options& options) {
  const std::string& file = options.config_file;
  return options.pen && !file.empty() && access(file.c_str(), F_OK) != 0 && errno == ENOENT;
}

result<settings, std::string> read_config(const daemon_options& options, const std::optional<std::string>& text) {
  return config_of(options, reader_for(options), text);
}

findings rehearse(const settings& wanted) {
  loop io;
  farm tried(io, 0, [] {});
  tried.await_names(wanted, rehearsal_patience);
  findings found = tried.rehearse(wanted);
  if (const auto control = control_place(wanted, resolver(tried.names(), service_port)); !control) {
    found.push_back({severity::refuses, "control", control.error()});
  }
  std::set<std::string> unknown = names_in(wanted);
  std::erase_if(unknown, [&](const std::string& name) { return !tried.names().addresses(name).empty(); });
  for (finding& f : warnings_of_names(wanted, unknown)) found.push_back(std::move(f));
  return found;
}

daemon::daemon(boost::asio::io_context& io, daemon_options options, const settings& first, notifier manager)
    : io_(io),
      options_(std::move(options)),
      started_(monotonic_now()),
      agents_(
          io, [this] { return condition_now(); }, [this](int socket) { return farm_.beat_on(socket); },
          [this] { return look_of(pools(), monotonic_now()); }),
      farm_(
          io, workers_of(first, std::thread::hardware_concurrency()), [this] { servers_changed(); },
          [this] { wake_ups_.ring(); }, options_.state_dir),
      control_(io, answering()),
      pen_control_(io, answering()),
      signals_(io, {SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}, [this](int number) { on_signal(number); }),
      draining_(io, [this] { (this->*then_)(); }),
      looking_(io, [this] { look_after_sockets(); }),
      manager_(
          io, std::move(manager),
          {.status = [this] { return summary(pools(), farm_.connection_count(), monotonic_now(), facts().sync_off); },
           .alive = [this] { return farm_.all_went_round(); }}) {
  if (!options_.jail.empty()) farm_.await_names(first, jail_patience);
  if (const auto done = change(first, occasion::start); !done) throw std::runtime_error(done.error());
  options_.base.to_disable.clear();
  if (options_.state_dir.empty()) {
    log::debug("clients=not_kept why=\"neither --state-dir nor STATE_DIRECTORY names a directory\"");
  }
  join_others();
  listen_for_operators();
  listen_for_agents();
  give_up_rights();
  say_warnings();
  look_after_sockets();
  log::info("state=started version={} pid={} workers={} services={}", HOLDFAST_VERSION, getpid(),
            farm_.workers().size(), first.services.size());
}

daemon::~daemon() {
  agents_.stop();
  cluster_.reset();
}

// Before the agents hear of us: who has yet to catch up with the others is not to be preferred to them.
void daemon::join_others() {
  cluster_ = std::make_unique<cluster>(
      io_, options_.node, wake_ups_,
      cluster::means{.servers = farm_,
                     .facts = [this] { return facts(); },
                     .change = [this](const settings& wanted) { return change(wanted); },
                     .carry_out =
                         [this](const std::string& line, control_server::respond_type respond) {
                           carry_out(*this, {.may_write = true, .uid = geteuid(), .json = true}, line,
                                     std::move(respond));
                         },
                     .changed = [this] { agents_.changed(); },
                     .config_file = options_.config_file,
                     .read = [this](const std::string& text) -> result<settings, std::string> {
                       auto said = read_config(options_, text);
                       if (!said) return said;
                       return with_orders(*said, file_, farm_.current());
                     },
                     .replaced =
                         [this] {
                           if (const auto said = read_config(options_)) file_was_read(*said);
                         }});
  file_was_read(farm_.current());
  cluster_->renew();
  agents_.when_roles_change([this] { cluster_->tell_status(); });
}

void daemon::servers_changed() {
  agents_.changed();
  if (cluster_) cluster_->tell_servers();
}

control_server::handler_type daemon::answering() {
  return [this](const caller& who, std::string_view line, control_server::respond_type respond) {
    carry_out(*this, who, line, std::move(respond));
  };
}

void daemon::give_up_rights() {
  confine(options_.user, options_.jail);
  if (const auto open = farm_.open_log(); !open) throw std::runtime_error(open.error());
}

condition daemon::condition_now() const {
  condition now = condition_of(pools(), monotonic_now());
  now.workers = static_cast<std::uint16_t>(farm_.worker_count());
  now.listeners = farm_.listener_count();
  now.stopping = stop_at_.has_value();
  now.in_sync = !cluster_ || cluster_->is_equal();
  return now;
}

// The control port comes last: it is the one thing that is prepared and committed in one step.
result<void, std::string> daemon::change(settings wanted, occasion why) {
  if (stop_at_) return std::string("the balancer is stopping: nothing is changed any more");
  if (cluster_ && cluster_->is_reserved()) return std::string(reserved_words);
  const auto to_disable = std::exchange(wanted.to_disable, {});
  auto done = farm_.change(wanted, why, [&]() -> result<void, std::string> {
    const auto control = control_place(wanted, resolver(farm_.names(), service_port));
    if (!control) return control.error();
    return listen_for_control(*control);
  });
  if (!done) return done;
  for (const disabled_server& a : to_disable) {
    if (service* of = farm_.find(a.service)) of->disable_for(a.server, a.time);
  }
  if (cluster_) cluster_->renew();
  return done;
}

void daemon::say_warnings() const {
  for (const finding& f : warnings(farm_.current())) log::warn("settings=doubtful why=\"{}\"", f.why);
}

result<void, std::string> daemon::reload() {
  manager_.reloading();
  look_after_sockets();
  auto done = read_again();
  manager_.ready();
  return done;
}

result<void, std::string> daemon::read_again() {
  if (lacks_its_file(options_)) log::warn("config={} missing", options_.config_file);
  const auto said = config_again(options_, file_, farm_.current(), reader_for(options_));
  result<void, std::string> done;
  if (said) {
    done = change(said->wanted, occasion::reload);
  } else {
    done = said.error();
  }
  if (!done) {
    std::istringstream each(done.error());
    for (std::string why; std::getline(each, why);) log::error("reload=refused why=\"{}\"", why);
    return done;
  }
  file_was_read(said->file);
  say_warnings();
  log::info("reload=done services={} orders_kept={}", said->file.services.size(), orders().size());
  return done;
}

result<void, std::string> daemon::undo() { return change(file_, occasion::reload); }

std::vector<std::string> daemon::orders() const { return ordered_servers(file_, farm_.current()); }

void daemon::file_was_read(const settings& loaded) {
  file_ = loaded;
  file_.to_disable.clear();
  if (!options_.config_file.empty()) cluster_->file_says(lines_for_nodes(options_, loaded, read_whole_file));
}

// In Pen's words where Pen would understand them, so that there is a way back.
std::string daemon::written(const std::string& file) const {
  const settings& now = farm_.current();
  if (!is_pens(now)) return write_config(now);
  pen_start how = options_.started;
  how.control = control_text();
  how.file = file;
  return write_pen_config(now, options_.base, how, local_time_text());
}

result<std::string, std::string> daemon::write(const std::string& file) {
  const std::string& to = file.empty() ? options_.config_file : file;
  if (to.empty()) return failure{"expected a file name, for no configuration file was loaded"};
  if (cluster_->is_reserved()) return failure{std::string(reserved_words)};
  if (const auto done = save_config(to, written(to)); !done) return failure{done.error()};
  if (to == options_.config_file) file_ = farm_.current();
  return {boost::system::in_place_value, to};
}

void daemon::on_signal(int number) {
  switch (number) {
    case SIGHUP: return hang_up();
    case SIGUSR1: return write_statistics();
    case SIGUSR2: std::abort();  // as in Pen: leave a core
    default: interrupted_ = number == SIGINT; return stop();
  }
}

// The outcome is in the log. Whoever has renamed the access log gets a new one, though the configuration be wrong.
// Without a file nothing is read, and what has been said stays.
void daemon::hang_up() {
  const bool done =
      options_.config_file.empty() ? change(farm_.current(), occasion::reload).has_value() : reload().has_value();
  if (done) return;
  if (const auto again = farm_.open_log(); !again) log::error("access_log=failed why=\"{}\"", again.error());
}

void daemon::stop() {
  if (stop_at_) {  // asked twice: no more patience
    hand_over_until_ = monotonic_now();
    stop_at_ = hand_over_until_;
    return;
  }
  stop_at_ = monotonic_now() + options_.drain;
  log::info("state=stopping connections={} drain_s={}", farm_.connection_count(),
            std::chrono::duration_cast<std::chrono::seconds>(options_.drain).count());
  manager_.stopping(options_.drain + hand_over_most + last_words);
  hand_over_until_ = monotonic_now() + hand_over_most;
  agents_.tell();
  hand_over();
}

void daemon::hand_over() {
  if (agents_.holds_addresses() && monotonic_now() < hand_over_until_) return in_a_moment(1ms, &daemon::hand_over);
  farm_.stop_accepting();
  wait_until_drained();
}

void daemon::wait_until_drained() {
  if (farm_.connection_count() == 0 || monotonic_now() >= *stop_at_) {
    log::info("state=stopped connections_cut={}", farm_.connection_count());
    control_.stop();
    pen_control_.stop();
    stop_running(io_);
    return;
  }
  in_a_moment(20ms, &daemon::wait_until_drained);
}

void daemon::in_a_moment(duration wait, void (daemon::*what)()) {
  then_ = what;
  draining_.set(monotonic_now() + wait);
}

void daemon::make_page(const std::string& service, std::function<void(std::string)> done) {
  farm_.connections({.most = connections_on_page}, [this, service, done = std::move(done)](const auto& rows) {
    auto shown = pools();
    std::erase_if(shown, [&](const pool* p) { return !service.empty() && p->policy.name != service; });
    done(status_page(shown, rows, facts(), monotonic_now(), steady_ms()));
  });
}

void daemon::write_statistics() {
  if (const std::string& file = farm_.current().web_stats; !file.empty()) {
    return make_page({}, [file](const std::string& page) {
      const auto done = replace_file(file, page);
      if (!done) log::error("web_stats=failed why=\"{}\"", done.error());
    });
  }
  std::istringstream lines(servers_answer(pools(), monotonic_now()).pen);
  for (std::string line; std::getline(lines, line);) log::info("statistics=\"{}\"", line);
}

std::string daemon::control_text() const {
  const auto& tcp = farm_.current().control_tcp;
  if (tcp) return host_word::print(*tcp);
  return options_.control_path.empty() ? options_.socket : options_.control_path;
}

std::vector<const pool*> daemon::pools() const {
  std::vector<const pool*> out;
  for (const auto& [name, s] : farm_.services()) out.push_back(&s->current());
  return out;
}

process_facts daemon::facts() const {
  return {.pid = getpid(),
          .time = local_time_text(),
          .uptime = monotonic_now() - started_,
          .node = options_.node,
          .workers = farm_.worker_count(),
          .lost_log_lines = program_log::lost(),
          .lost_access_lines = farm_.lost_access_lines(),
          .sync_off = cluster_ ? cluster_->trouble() : "",
          .vrrp = agents_.roles()};
}

}  // namespace holdfast
