#include "balancer/cluster/sync_channel_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <csignal>
#include <list>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include "balancer/agreement/agreement.h"
#include "balancer/agreement/open_orders.h"
#include "balancer/cluster/news_pace.h"
#include "balancer/cluster/sync_peer_io.h"
#include "balancer/logs/access_log_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/loop/drive_io.h"
#include "base/loop/readable_io.h"
#include "cli/reply/cluster_view.h"
#include "peers/link_listener_io.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

constexpr const char* label = "holdfast sync 1";
constexpr duration touch_interval = 50ms;  // so long a client's further visits may wait to be told

std::uint64_t random_number() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

struct sync_channel::impl {
  impl(channel_settings s, cluster_keys keys, bell& k, channel_callbacks c)
      : settings(std::move(s)),
        wake_ups(k),
        tell(std::move(c)),
        tls(std::move(keys), label),
        own{.node = settings.name, .software = HOLDFAST_VERSION, .incarnation = random_number()},
        door(io, tls, sync_stream_options(),
             {.called = [this](secure_stream stream, const endpoint& from,
                               std::span<const std::uint8_t> first) { introduce(std::move(stream), from, first); },
              .turned_away = [this](const endpoint& from, const std::string& why) { turn_away(from, why); }}),
        touches(io, [this] { look_for_touches(); }),
        resting(io, [this] { await_wake_ups(); }),
        patience(io, [this] {
          orders.expire(monotonic_now());
          patience.set(orders.due());
        }) {}

  asio::io_context io;
  channel_settings settings;
  bell& wake_ups;
  channel_callbacks tell;
  tls_context tls;
  sync_hello own;
  std::vector<shared_service> services;
  std::map<std::string, sync_message> said;  // the newest of each kind, for whoever connects later
  std::list<sync_peer> peers;
  open_orders orders;
  bool confirms = true;
  bool in_sync = false;
  link_listener door;
  alarm touches;
  alarm resting;
  alarm patience;                 // for answers
  std::optional<readable> woken;  // none while we rest
  once_a_minute refused;
  std::map<std::string, std::string> complained;  // why there is no connection with a node, as last said
  std::thread thread;

  void run();
  void leave();
  void introduce(secure_stream stream, const endpoint& from, std::span<const std::uint8_t> first);
  void complain(const std::string& node, const std::string& why);
  void turn_away(const endpoint& from, const std::string& why);
  void serve(std::vector<shared_service> all);
  void await_wake_ups();
  std::uint64_t told_news() const;
  void look_for_news();
  void look_for_touches();
  void hear(sync_peer& from, const session_news& news);
  void settle();
  void say(const sync_message& what);
  void say_to(const std::string& node, std::uint64_t connection, const sync_message& what);
  void order(sync_order what, open_orders::listener done);
  channel_view look() const;

  void take(sync_peer& from, const session_connected& news);
  void take(sync_peer& from, const session_lost& news);
  void take(sync_peer& from, const session_failed& news);
  void take(sync_peer& from, const session_in_sync& news);
  void take(sync_peer& from, const sender::confirmed& news);
  void take(sync_peer& from, const receiver::repairs& news);
  void take(sync_peer& from, const session_clocks& news);
  void take(sync_peer& from, const session_heard& news);
};

void sync_channel::impl::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const auto work = asio::make_work_guard(io);
  unsigned number = 0;
  for (const channel_node& node : settings.others) {
    peers.emplace_back(io, tls, own, settings.listen, node, number++, random_number(), services,
                       [this](sync_peer& from, const session_news& news) { hear(from, news); });
  }
  look_for_touches();
  await_wake_ups();
  io.run();
}

void sync_channel::impl::leave() {
  door.stop();
  for (sync_peer& p : peers) p.feed(session::leave{});
  for (const shared_service& s : services) s.shared->follow(following::off);
  io.stop();
}

// The first word of somebody with the key must be a hello.
void sync_channel::impl::introduce(secure_stream stream, const endpoint& from, std::span<const std::uint8_t> first) {
  const auto what = decode_sync(first);
  const auto* hello = what ? std::get_if<sync_hello>(&*what) : nullptr;
  if (hello == nullptr) return turn_away(from, "it says something else before its hello");
  if (hello->major != sync_major) {
    return turn_away(from, "it speaks version " + std::to_string(hello->major) + " of the sync channel");
  }
  for (sync_peer& p : peers) {
    if (p.name() == hello->node) return p.called(std::move(stream), *hello, from);
  }
  turn_away(from, "it says that its name is " + hello->node + ", and we know no such node");
}

// Said once, whoever of the two calls.
void sync_channel::impl::complain(const std::string& node, const std::string& why) {
  if (std::exchange(complained[node], why) != why) log::warn("sync=failed node={} why=\"{}\"", node, why);
}

void sync_channel::impl::turn_away(const endpoint& from, const std::string& why) {
  for (const channel_node& known : settings.others) {
    if (known.where.host == from.host) return complain(known.name, why);
  }
  const auto line = refused.say("sync=refused from=" + from.text() + " why=\"" + why + '"', monotonic_now());
  if (line) log::warn("{}", *line);
}

void sync_channel::impl::serve(std::vector<shared_service> all) {
  services = std::move(all);
  std::vector<sync_service> told;
  told.reserve(services.size());
  for (const shared_service& s : services) told.push_back({s.number, s.clients->capacity(), s.name});
  for (sync_peer& p : peers) p.feed(session::services{told});
  settle();
}

void sync_channel::impl::await_wake_ups() {
  woken.emplace(io, wake_ups.fd(), [this] {
    const std::uint64_t before = told_news();
    wake_ups.hear();
    look_for_news();
    const duration rest = rest_after(told_news() - before);
    if (rest == duration::zero()) return;
    resting.set(monotonic_now() + rest);
    woken.reset();
  });
}

std::uint64_t sync_channel::impl::told_news() const {
  std::uint64_t most = 0;
  for (const sync_peer& p : peers) most = std::max(most, p.told_news());
  return most;
}

// A client's first visit wakes us; what happens besides is looked for.
void sync_channel::impl::look_for_news() {
  for (const shared_service& s : services) {
    if (!s.shared->take_news()) continue;
    for (sync_peer& p : peers) p.feed(sender::news{s.number});
  }
}

// What happens besides: further visits of clients, and orders.
void sync_channel::impl::look_for_touches() {
  for (const shared_service& s : services) {
    s.shared->take_news();
    for (sync_peer& p : peers) {
      if (s.clients->has_news(p.number())) p.feed(sender::news{s.number});
    }
  }
  touches.set(monotonic_now() + touch_interval);
}

void sync_channel::impl::hear(sync_peer& from, const session_news& news) {
  std::visit([&](const auto& n) { take(from, n); }, news);
}

void sync_channel::impl::take(sync_peer& from, const session_connected& news) {
  log::info("sync=connected node={} version={}{}", from.name(), news.software,
            news.afresh ? " why=\"it has started anew\"" : "");
  complained.erase(from.name());
  for (const auto& [kind, what] : said) from.feed(session::say{what});
  tell.met(from.name(), from.connection(), news);
  settle();
}

void sync_channel::impl::take(sync_peer& from, const session_lost& news) {
  if (news.farewell) {
    log::info("sync=left node={}", from.name());
  } else {
    log::warn("sync=lost node={} why=\"{}\"", from.name(), news.why);
  }
  tell.lost(from.name());
  orders.lost(from.name());
  settle();
}

void sync_channel::impl::take(sync_peer& from, const session_failed& news) { complain(from.name(), news.why); }

void sync_channel::impl::take(sync_peer& from, const session_in_sync& news) {
  if (news.is) {
    log::info("sync=in_sync node={}", from.name());
  } else {
    log::warn("sync=behind node={} why=\"{}\"", from.name(), news.why);
  }
  settle();
}

void sync_channel::impl::take(sync_peer&, const sender::confirmed& news) {
  for (const shared_service& s : services) {
    if (s.number == news.service) s.shared->confirm(news.upto);
  }
}

void sync_channel::impl::take(sync_peer& from, const receiver::repairs& news) {
  log::warn("sync=repairing node={} buckets={}", from.name(), news.buckets);
}

void sync_channel::impl::take(sync_peer& from, const session_clocks& news) {
  if (news.apart) {
    const double ahead_ms = static_cast<double>(news.ahead_us) / 1000;
    log::warn("sync=clocks node={} why=\"{}\"", from.name(), clocks_differ_words(from.name(), ahead_ms));
  } else {
    log::info("sync=clocks node={} why=\"they agree\"", from.name());
  }
}

void sync_channel::impl::take(sync_peer& from, const session_heard& news) {
  const auto* answer = std::get_if<sync_answer>(&news.what);
  if (answer != nullptr && answer->id < agreement_ids) return orders.answered(from.name(), *answer);
  if (const auto* status = std::get_if<sync_status>(&news.what)) from.status = *status;
  tell.heard(from.name(), news.what);
}

// What follows from all peers together.
void sync_channel::impl::settle() {
  for (const shared_service& s : services) {
    const bool followed =
        std::any_of(peers.begin(), peers.end(), [&](const sync_peer& p) { return p.state().follows(s.number); });
    const following how = confirms ? following::closely : following::loosely;
    s.shared->follow(followed ? how : following::alone);
  }
  const bool anybody = std::any_of(peers.begin(), peers.end(), [](const auto& p) { return p.state().connected(); });
  const bool now = anybody && std::all_of(peers.begin(), peers.end(), [](const sync_peer& p) {
                     return !p.state().connected() || p.state().in_sync();
                   });
  if (std::exchange(in_sync, now) != now) tell.in_sync_changed(now);
}

std::string kind_of(const sync_message& what) {
  if (const auto* s = std::get_if<sync_server_state>(&what)) return "server " + s->service + ' ' + s->identity;
  if (const auto* s = std::get_if<sync_secret>(&what)) return "secret " + s->name;
  return "status";
}

void sync_channel::impl::say(const sync_message& what) {
  said[kind_of(what)] = what;
  for (sync_peer& p : peers) p.feed(session::say{what});
}

void sync_channel::impl::say_to(const std::string& node, std::uint64_t connection, const sync_message& what) {
  for (sync_peer& p : peers) {
    if (p.name() == node && p.connection() == connection) p.feed(session::say{what});
  }
}

void sync_channel::impl::order(sync_order what, open_orders::listener done) {
  std::set<std::string> connected, absent;
  for (const sync_peer& p : peers) (p.state().connected() ? connected : absent).insert(p.name());
  what.id = orders.add(connected, absent, std::move(done), monotonic_now());
  for (sync_peer& p : peers) {
    if (connected.contains(p.name())) p.feed(session::say{what});
  }
  patience.set(orders.due());
}

channel_view sync_channel::impl::look() const {
  channel_view out;
  for (const sync_peer& p : peers) out.nodes.push_back(p.view());
  return out;
}

sync_channel::sync_channel(channel_settings settings, cluster_keys keys, bell& wake_ups, channel_callbacks callbacks)
    : impl_(std::make_unique<impl>(std::move(settings), std::move(keys), wake_ups, std::move(callbacks))) {
  const auto bound = impl_->door.listen(impl_->settings.listen);
  if (!bound) throw std::runtime_error("sync: " + bound.error());
  log::info("sync=listening at={}", bound->text());
  impl_->thread = std::thread([this] { impl_->run(); });
}

sync_channel::~sync_channel() {
  asio::post(impl_->io, [this] { impl_->leave(); });
  impl_->thread.join();
}

void sync_channel::serve(std::vector<shared_service> all) {
  asio::post(impl_->io, [this, all = std::move(all)]() mutable { impl_->serve(std::move(all)); });
}

void sync_channel::confirm(bool wanted) {
  asio::post(impl_->io, [this, wanted] {
    impl_->confirms = wanted;
    impl_->settle();
  });
}

void sync_channel::say(const sync_message& what) {
  asio::post(impl_->io, [this, what] { impl_->say(what); });
}

void sync_channel::say_to(const std::string& node, std::uint64_t connection, const sync_message& what) {
  asio::post(impl_->io, [this, node, connection, what] { impl_->say_to(node, connection, what); });
}

void sync_channel::order(sync_order what, std::function<void(std::map<std::string, sync_answer>)> done) {
  asio::post(impl_->io, [this, what = std::move(what), done = std::move(done)]() mutable {
    impl_->order(std::move(what), std::move(done));
  });
}

void sync_channel::check() {
  asio::post(impl_->io, [this] {
    for (sync_peer& p : impl_->peers) p.feed(sender::check{});
  });
}

void sync_channel::look(std::function<void(channel_view)> done) {
  asio::post(impl_->io, [this, done = std::move(done)] { done(impl_->look()); });
}

}  // namespace holdfast
