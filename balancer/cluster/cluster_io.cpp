#include "balancer/cluster/cluster_io.h"

#include <boost/asio/post.hpp>
#include <openssl/rand.h>

#include <algorithm>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/tls/cluster_key_io.h"
#include "base/tls/tls_session_io.h"
#include "cli/configuration/config.h"
#include "cli/configuration/meeting.h"
#include "cli/reply/cluster_view.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

constexpr duration status_interval = 1s;
constexpr duration retry_least = 250ms;  // before the channel is tried again; doubles up to
constexpr duration retry_most = 5s;
constexpr duration flush_patience = 5s;
constexpr duration secret_life = 12h;
constexpr std::pair<const char*, std::size_t> secrets[] = {{"tls-ticket", 80}, {"tcp-fastopen", 16}};

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

std::set<std::string> names_of(const std::vector<channel_node>& nodes) {
  std::set<std::string> names;
  for (const channel_node& n : nodes) names.insert(n.name);
  return names;
}

}  // namespace

cluster::cluster(asio::io_context& io, std::string node, bell& knocks, means with)
    : io_(io),
      node_(std::move(node)),
      knocks_(knocks),
      with_(std::move(with)),
      telling_(io, [this] { tell_status(); }),
      agreeing_(io, [this] { agree(wake{}); }),
      retrying_(io, [this] { retry(); }) {
  tell_status();
}

cluster::~cluster() = default;

void cluster::renew() {
  pause_ = retry_least;
  if (!agreement_.is_reserved()) renew_channel();  // else afterwards
  serve();
}

// Its address may come later than we do, its port be free, its key be readable.
void cluster::retry() {
  pause_ = std::min(2 * pause_, retry_most);
  renew_channel();
  serve();
  if (channel_) with_.changed();
}

void cluster::serve() {
  if (!channel_) return;
  std::vector<shared_service> all;
  for (const auto& [name, s] : with_.servers.services()) all.push_back(s->shared());
  channel_->serve(std::move(all));
  channel_->confirm(with_.servers.current().sync_confirm);
  tell_servers();
}

// It goes on as it is unless something about it is another: connections between nodes outlive a reload. A key that
// can't be read is no other one.
void cluster::renew_channel() {
  const settings& now = with_.servers.current();
  retrying_.set(std::nullopt);
  const meeting places = meeting_of(now, node_, 0);
  const std::string former = std::exchange(trouble_, "");
  channel_settings wanted{.name = node_, .listen = places.listen, .others = {}};
  for (const auto& [name, where] : places.others) wanted.others.push_back({name, where});
  const bool any = now.sync && !now.cluster_key.empty() && !places.others.empty();
  result<cluster_keys, std::string> keys = failure{""};
  if (any) keys = load_cluster_keys(now.cluster_key, now.next_cluster_key);
  const std::string former_doubt = std::exchange(key_doubt_, keys ? "" : keys.error());
  if (any && channel_ && wanted == settings_ && (!keys || ids_of(*keys) == keys_)) {
    if (key_doubt_ != former_doubt && !keys) log::error("sync=keeps_its_key why=\"{}\"", key_doubt_);
    return;
  }
  channel_.reset();
  alive_there_.clear();
  connections_.clear();
  agreement_ = agreement(names_of(wanted.others));
  in_sync_ = !any;
  if (!any) return;
  trouble_ = places.trouble;
  if (!trouble_.empty()) return say_trouble(former);
  if (!keys) trouble_ = keys.error();
  try {
    if (keys) {
      keys_ = ids_of(*keys);
      channel_ = std::make_unique<sync_channel>(
          wanted, std::move(*keys), knocks_,
          channel_callbacks{
              .in_sync_changed =
                  [this](bool is) {
                    asio::post(io_, [this, is] {
                      in_sync_ = is;
                      with_.changed();
                      tell_status();
                    });
                  },
              .met =
                  [this](const std::string& who, std::uint64_t connection, const session_connected& how) {
                    asio::post(io_, [this, who, connection, how] { met(who, connection, how); });
                  },
              .heard = [this](const std::string& who,
                              const sync_message& what) { asio::post(io_, [this, who, what] { heard(who, what); }); },
              .lost = [this](const std::string& who) { asio::post(io_, [this, who] { lost(who); }); }});
      settings_ = wanted;
    }
  } catch (const std::exception& e) {
    trouble_ = e.what();
  }
  if (!channel_) retrying_.set(monotonic_now() + pause_);
  say_trouble(former);
}

void cluster::say_trouble(const std::string& former) const {
  if (!trouble_.empty() && trouble_ != former) log::error("sync=off why=\"{}\"", trouble_);
}

config_lines cluster::lines() const { return lines_of(write_config(with_.servers.current())); }

bool cluster::is_active() const {
  const auto roles = with_.facts().vrrp;
  return roles && std::any_of(roles->begin(), roles->end(), [](const role_change& r) { return r.is == role::active; });
}

sync_status cluster::status() const {
  const process_facts facts = with_.facts();
  sync_status now{.uptime = static_cast<std::uint64_t>(seconds(facts.uptime)),
                  .connections = with_.servers.connection_count(),
                  .in_sync = static_cast<std::uint8_t>(in_sync_ ? 1 : 0),
                  .config = hash_of(lines()),
                  .groups = {}};
  for (const auto& [name, s] : with_.servers.services()) {
    const pool* one = &s->current();
    now.servers += condition_of(pool_list(&one, 1), monotonic_now()).servers;
  }
  now.servers_alive = alive_here();
  for (const role_change& r : facts.vrrp.value_or(std::vector<role_change>())) {
    const auto group = with_.servers.current().vrrp.find(r.group);
    const std::uint8_t priority = group == with_.servers.current().vrrp.end() ? 0 : group->second.priority;
    if (now.groups.size() < max_sync_groups) now.groups.push_back({r.group, r.is, priority});
  }
  return now;
}

void cluster::tell_status() {
  telling_.set(monotonic_now() + status_interval);
  if (!channel_) return;
  channel_->say(status());
  keep_secrets();
}

// Whoever is active makes them, so that there is one who does; the others take what they hear.
void cluster::keep_secrets() {
  if (!is_active()) return;
  const unix_ms now = steady_ms();
  for (const auto& [name, size] : secrets) {
    const auto known = secrets_.find(name);
    if (known != secrets_.end() && since(clock_.when(known->second.made), now) < secret_life) continue;
    sync_secret made{.name = name, .made = clock_.tick(now), .bytes = secret_bytes(size)};
    if (RAND_bytes(made.bytes.data(), static_cast<int>(size)) != 1) return;
    channel_->say(made);
    secrets_[name] = std::move(made);
  }
}

void cluster::tell_servers() {
  if (!channel_) return;
  channel_->say(status());
  if (agreement_.is_reserved()) return;  // what operators say of servers then may not stay
  const instant now = monotonic_now();
  for (const auto& [name, s] : with_.servers.services()) {
    for (const server& one : s->current().servers) {
      const auto aside = std::max<std::int64_t>(one.live->set_aside_until.load() - now.time_since_epoch().count(), 0);
      const sync_server_state is{
          .service = name,
          .identity = one.identity,
          .weight = one.weight.value_or(weight_unsaid),
          .drain = one.drain,
          .up = one.live->up.load() && !one.is_blacklisted(now),
          .aside = static_cast<std::uint32_t>(std::min<std::int64_t>(aside / 1'000'000, UINT32_MAX)),
          .said = 0};
      if (const auto news = states_.look(is, steady_ms())) channel_->say(*news);
    }
  }
}

void cluster::heard(const std::string& node, const sync_message& what) {
  if (const auto* state = std::get_if<sync_server_state>(&what)) return take(*state);
  if (const auto* secret = std::get_if<sync_secret>(&what)) return take(*secret);
  if (const auto* order = std::get_if<sync_order>(&what)) return ordered(node, *order);
  if (const auto* answer = std::get_if<sync_answer>(&what)) return agree(agreement::answered{node, *answer});
  if (const auto* status = std::get_if<sync_status>(&what)) {
    alive_there_[node] = status->servers_alive;
    with_.changed();
  }
}

bool cluster::is_equal() const {
  const std::uint32_t here = alive_here();
  return in_sync_ && std::all_of(alive_there_.begin(), alive_there_.end(),
                                 [here](const auto& there) { return there.second <= here; });
}

std::uint32_t cluster::alive_here() const {
  std::uint32_t sum = 0;
  for (const auto& [name, s] : with_.servers.services()) {
    const pool* one = &s->current();
    sum += condition_of(pool_list(&one, 1), monotonic_now()).servers_alive;
  }
  return sum;
}

// What an operator has said of a server later than we know counts here, too. Whether it is up we see ourselves, unless
// nobody here looks: then a blacklisting is shared.
void cluster::take(const sync_server_state& told) {
  if (agreement_.is_reserved()) {
    if (postponed_.size() < max_sync_servers) postponed_[told.service + ' ' + told.identity] = told;
    return;
  }
  service* s = with_.servers.find(told.service);
  if (s == nullptr) return;
  const pool& now = s->current();
  const auto which = std::find_if(now.servers.begin(), now.servers.end(),
                                  [&](const server& one) { return one.identity == told.identity; });
  if (which == now.servers.end()) return;
  if (!told.up && s->wanted().check.how == check_kind::none && now.policy.blacklist > duration::zero()) {
    const auto until = (monotonic_now() + now.policy.blacklist).time_since_epoch().count();
    which->each_reach([&](reach_live& r) { r.blacklisted_until = until; });
  }
  const auto counts = states_.take(told, which->live->up, steady_ms());
  if (!counts) return;
  if (channel_) channel_->say(*counts);  // to those who connect later
  const std::string name = which->name;
  if ((told.aside > 0) != which->live->is_set_aside(monotonic_now())) {
    s->set_aside(name, std::chrono::milliseconds(told.aside));
  }
  const auto weight = told.weight == weight_unsaid ? std::nullopt : std::optional(told.weight);
  if (which->weight == weight && which->drain == told.drain) return;
  settings wanted = with_.servers.current();
  auto& all = wanted.services.at(told.service).servers;
  const auto said = std::find_if(all.begin(), all.end(), [&](const server_settings& one) { return one.name == name; });
  if (said == all.end()) return;
  said->weight = weight;
  said->drain = told.drain;
  log::info("service={} server={} weight={} drain={} why=\"said on another node\"", told.service, name,
            weight ? std::to_string(*weight) : "-", told.drain);
  if (const auto done = with_.change(wanted); !done) log::warn("server={} unchanged why=\"{}\"", name, done.error());
}

void cluster::take(const sync_secret& told) {
  auto& known = secrets_[told.name];
  if (clock_.see(told.made, steady_ms()) && told.made > known.made) known = told;
  while (secrets_.size() > std::size(secrets) + 8) secrets_.erase(std::prev(secrets_.end()));  // of a talkative peer
}

void cluster::answer(const say::cluster_request& asked, control_server::respond_type respond) {
  if (!channel_) {
    return respond(
        refused(trouble_.empty() ? std::string(no_cluster_words) : std::string(no_cluster_words) + ": " + trouble_));
  }
  std::visit([&](const auto& one) { perform(one, std::move(respond)); }, asked);
}

void cluster::perform(const say::cluster&, control_server::respond_type respond) {
  channel_->look([this, respond = std::move(respond)](const channel_view& seen) {
    asio::post(io_, [this, respond, seen] {
      const auto view = std::make_shared<cluster_view>(view_of(seen));
      const config_lines ours = lines();
      std::map<std::string, config_lines> expected;
      bool same = true;
      for (const channel_view::node& n : seen.nodes) {
        const auto& should = expected[n.name] = expected_of(n.name, ours, node_, file_);
        same = same && (!n.status || n.status->config == hash_of(should));
      }
      if (same || !channel_) return respond(cluster_answer(*view));
      const auto compare = [this, view, respond, expected](const auto& answers) {
        asio::post(io_, [this, view, respond, expected, answers] {
          view->differences = differences_of(node_, expected, answers);
          respond(cluster_answer(*view));
        });
      };
      channel_->order({.phase = order_phase::say, .text = "show config"}, compare);
    });
  });
}

cluster_view cluster::view_of(const channel_view& seen) const {
  const process_facts facts = with_.facts();
  const sync_status now = status();
  const config_lines ours = lines();
  cluster_view out;
  out.nodes.push_back({.name = node_,
                       .here = true,
                       .in_sync = in_sync_,
                       .state = std::string(in_sync_ ? in_sync_words : "not in sync with the others"),
                       .software = HOLDFAST_VERSION,
                       .uptime = seconds(facts.uptime),
                       .servers_alive = now.servers_alive,
                       .servers = now.servers,
                       .connections = now.connections});
  add_roles(out, node_, now);
  for (const auto& n : seen.nodes) {
    cluster_node& there = out.nodes.emplace_back(node_of(n, monotonic_now()));
    const std::string lacks = lacks_of(n, expected_of(n.name, ours, node_, file_));
    if (there.in_sync && !lacks.empty()) {
      there.in_sync = false;
      there.state = lacks;
    }
    if (n.status) add_roles(out, n.name, *n.status);
    for (const auto& s : n.services) {
      const service* of = with_.servers.find(s.seen.name);
      const auto shared = of == nullptr ? nullptr : of->current().followed;
      out.services.push_back(service_of(n, s, shared ? &shared->counters() : nullptr, monotonic_now()));
    }
  }
  return out;
}

void cluster::perform(const say::check_cluster&, const control_server::respond_type& respond) {
  channel_->check();
  respond({});
}

void cluster::perform(const say::flush_cluster&, control_server::respond_type respond) {
  flush(monotonic_now() + flush_patience, std::move(respond));
}

void cluster::flush(instant until, control_server::respond_type respond) {
  if (!channel_) return respond(refused(std::string(no_cluster_words)));
  channel_->look([this, until, respond = std::move(respond)](const channel_view& seen) {
    std::uint64_t waiting = 0;
    bool anybody = false;
    for (const auto& n : seen.nodes) {
      anybody |= n.connected;
      for (const auto& s : n.services) waiting += n.connected ? s.waiting : 0;
    }
    asio::post(io_, [this, until, respond, waiting, anybody] {
      if (!anybody) return respond(refused(std::string(no_cluster_words)));
      if (waiting == 0) return respond({});
      if (monotonic_now() >= until) return respond(refused(std::to_string(waiting) + " news wait yet"));
      auto pause = std::make_shared<asio::steady_timer>(io_, 1ms);
      pause->async_wait([this, until, respond, pause](boost::system::error_code) { flush(until, respond); });
    });
  });
}

}  // namespace holdfast
