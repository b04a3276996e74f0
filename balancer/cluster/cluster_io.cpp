#include "balancer/cluster/cluster_io.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/tls/cluster_key_io.h"
#include "base/tls/tls_session_io.h"
#include "cli/configuration/cluster_endpoints.h"
#include "cli/reply/cluster_view.h"

namespace holdfast {

namespace {

constexpr duration status_interval = 1s;
constexpr duration retry_least = 250ms;  // before the channel is tried again; doubles up to
constexpr duration retry_most = 5s;
constexpr duration flush_patience = 5s;

std::set<std::string> names_of(const std::vector<channel_node>& nodes) {
  std::set<std::string> names;
  for (const channel_node& n : nodes) names.insert(n.name);
  return names;
}

}  // namespace

cluster::cluster(boost::asio::io_context& io, std::string node, bell& wake_ups, means with)
    : io_(io),
      node_(std::move(node)),
      wake_ups_(wake_ups),
      with_(std::move(with)),
      telling_(io, [this] { tell_status(); }),
      agreeing_(io, [this] { agree(wake{}); }),
      retrying_(io, [this] { retry(); }) {
  tell_status();
}

cluster::~cluster() = default;

void cluster::renew() {
  pause_ = retry_least;
  if (!agreement_.state().is_reserved()) renew_channel();  // else afterwards
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
  const cluster_endpoints places = endpoints_of(now, node_, 0);
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
  agreement_ = runner(agreement(names_of(wanted.others)));
  in_sync_ = !any;
  if (!any) return;
  trouble_ = places.trouble;
  if (!trouble_.empty()) return say_trouble(former);
  if (!keys) trouble_ = keys.error();
  try {
    if (keys) {
      keys_ = ids_of(*keys);
      channel_ = std::make_unique<sync_channel>(
          wanted, std::move(*keys), wake_ups_,
          channel_callbacks{
              .in_sync_changed =
                  [this](bool is) {
                    run_soon(io_, [this, is] {
                      in_sync_ = is;
                      with_.changed();
                      tell_status();
                    });
                  },
              .met =
                  [this](const std::string& who, std::uint64_t connection, const session_connected& how) {
                    run_soon(io_, [this, who, connection, how] { met(who, connection, how); });
                  },
              .heard = [this](const std::string& who,
                              const sync_message& what) { run_soon(io_, [this, who, what] { heard(who, what); }); },
              .lost = [this](const std::string& who) { run_soon(io_, [this, who] { lost(who); }); }});
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

std::vector<const pool*> cluster::pools() const {
  std::vector<const pool*> all;
  for (const auto& [name, s] : with_.servers.services()) all.push_back(&s->current());
  return all;
}

template <class F>
auto cluster::with_facts(F f) const {
  const process_facts process = with_.facts();
  const auto all = pools();
  return f(own_facts{.node = node_,
                     .process = process,
                     .pools = all,
                     .connections = with_.servers.connection_count(),
                     .in_sync = in_sync_,
                     .now = with_.servers.current(),
                     .file = file_,
                     .when = monotonic_now()});
}

sync_status cluster::status() const {
  return with_facts([](const own_facts& here) { return status_of(here); });
}

void cluster::tell_status() {
  telling_.set(monotonic_now() + status_interval);
  if (!channel_) return;
  channel_->say(status());
  keep_secrets();
}

void cluster::keep_secrets() {
  if (!is_active(with_.facts())) return;
  for (const auto& [name, size] : secrets_.due(steady_ms())) {
    secret_bytes bytes(size);
    if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) return;
    channel_->say(secrets_.made(name, std::move(bytes), steady_ms()));
  }
}

void cluster::tell_servers() {
  if (!channel_) return;
  channel_->say(status());
  if (agreement_.state().is_reserved()) return;  // what operators say of servers then may not stay
  for (const sync_server_state& news : servers_.news(pools(), monotonic_now(), steady_ms())) channel_->say(news);
}

void cluster::heard(const std::string& node, const sync_message& what) {
  if (const auto* state = std::get_if<sync_server_state>(&what)) return take(*state);
  if (const auto* secret = std::get_if<sync_secret>(&what)) return secrets_.take(*secret, steady_ms());
  if (const auto* order = std::get_if<sync_order>(&what)) return ordered(node, *order);
  if (const auto* answer = std::get_if<sync_answer>(&what)) return agree(agreement::answered{node, *answer});
  if (const auto* status = std::get_if<sync_status>(&what)) {
    alive_there_[node] = status->servers_alive;
    with_.changed();
  }
}

bool cluster::is_equal() const {
  const std::uint32_t here = condition_of(pools(), monotonic_now()).servers_alive;
  return in_sync_ && std::all_of(alive_there_.begin(), alive_there_.end(),
                                 [here](const auto& there) { return there.second <= here; });
}

void cluster::take(const sync_server_state& told) {
  if (agreement_.state().is_reserved()) return servers_.postpone(told);
  service* s = with_.servers.find(told.service);
  const pool* of = s == nullptr ? nullptr : &s->current();
  const auto all = servers_.hear(told, of, with_.servers.current(), monotonic_now(), steady_ms());
  if (all.blacklisted_until) {
    const auto until = all.blacklisted_until->time_since_epoch().count();
    all.about->each_reach([&](reach_live& r) { r.blacklisted_until = until; });
  }
  if (all.counts && channel_) channel_->say(*all.counts);
  if (all.aside) s->disable_for(all.about->name, *all.aside);
  if (!all.wanted) return;
  const std::string name = all.about->name, weight = told.weight == weight_unsaid ? "-" : std::to_string(told.weight);
  log::info("service={} server={} weight={} drain={} why=\"said on another node\"", told.service, name, weight,
            told.drain);
  if (const auto done = with_.change(*all.wanted); !done)
    log::warn("server={} unchanged why=\"{}\"", name, done.error());
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
    run_soon(io_, [this, respond, seen] {
      const auto view = std::make_shared<cluster_view>();
      expectation expected;
      with_facts([&](const own_facts& here) {
        *view = view_of(seen, here);
        expected = expected_of(seen, here);
      });
      if (expected.met || !channel_) return respond(cluster_answer(*view));
      const auto compare = [this, view, respond, should = expected.of](const auto& answers) {
        run_soon(io_, [this, view, respond, should, answers] {
          view->differences = differences_of(node_, should, answers);
          respond(cluster_answer(*view));
        });
      };
      channel_->order({.phase = order_phase::say, .text = "show config"}, compare);
    });
  });
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
    run_soon(io_, [this, until, respond, left = backlog_of(seen)] {
      if (!left.anybody) return respond(refused(std::string(no_cluster_words)));
      if (left.waiting == 0) return respond({});
      if (monotonic_now() >= until) return respond(refused(std::to_string(left.waiting) + " news wait yet"));
      run_after(io_, 1ms, [this, until, respond] { flush(until, respond); });
    });
  });
}

}  // namespace holdfast
