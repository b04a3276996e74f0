#include "sync/session.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <type_traits>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

template <class T, class... All>
constexpr bool is_among(const std::variant<All...>*) {
  return (std::is_same_v<T, All> || ...);
}
template <class T, class Variant>
inline constexpr bool is_one_of = is_among<T>(static_cast<const Variant*>(nullptr));

link_hello in_short(const sync_hello& what) {
  return {what.node, what.software, what.major, what.minor, what.incarnation};
}

}  // namespace

session::session(sync_hello own, std::string name, const session_limits& limits, std::uint64_t seed, instant now)
    : own_(std::move(own)),
      limits_(limits),
      link_(in_short(own_), std::move(name), "the sync channel", limits.link, seed, now),
      sender_(limits.digest),
      receiver_(limits.digest) {
  ensure(limits_.link.ping < limits_.lag && limits_.lag < limits_.link.silence);
}

std::string session::objection(const sync_hello& hello) const { return link_.objection(in_short(hello)); }

session::effects session::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  review(now, out);
  return out;
}

std::optional<instant> session::deadline() const {
  auto first = link_.deadline();
  if (!connected()) return first;
  if (in_sync_) first = std::min(*first, *heard() + limits_.lag);
  if (const auto digest = sender_.deadline()) first = std::min(*first, *digest);
  return first;
}

void session::take(const opened&, instant now, effects& out) { tell_link(peer_link::opened{}, now, out); }

void session::take(const called& e, instant now, effects& out) {
  tell_link(peer_link::called{in_short(e.hello)}, now, out);
}

void session::take(const received& e, instant now, effects& out) {
  const bool greeted = connected();
  const auto* hello = std::get_if<sync_hello>(&e.what);
  tell_link(peer_link::received{hello == nullptr ? std::nullopt : std::optional(in_short(*hello))}, now, out);
  if (!greeted) return;
  wall_us_ = e.wall_us;
  std::visit([&](const auto& what) { hear(what, now, out); }, e.what);
}

void session::take(const misheard& e, instant now, effects& out) {
  tell_link(peer_link::broken{describe(e.why)}, now, out);
}

void session::take(const ended& e, instant now, effects& out) {
  tell_link(peer_link::ended{describe(e.why)}, now, out);
}

void session::take(const say& e, instant, effects& out) {
  if (connected()) out.push_back(send{e.what});
}

void session::take(const leave&, instant now, effects& out) {
  tell_link(peer_link::leave{}, now, out);
  forget_connection(now, out);
}

void session::take(const wake&, instant now, effects& out) {
  tell_link(wake{}, now, out);
  if (connected()) tell_sender(wake{}, now, out);
}

void session::tell_link(const peer_link::event& e, instant now, effects& out) {
  for (const auto& order : link_.on(e, now)) {
    std::visit([&](const auto& o) { pass_on(o, now, out); }, order);
  }
}

void session::pass_on(const peer_link::greet&, instant, effects& out) { out.push_back(send{own_}); }
void session::pass_on(const peer_link::ping&, instant now, effects& out) {
  out.push_back(send{sync_ping{offset_.ping(now)}});
}
void session::pass_on(const peer_link::part&, instant, effects& out) { out.push_back(send{sync_farewell{}}); }

void session::pass_on(const peer_link::connected& o, instant now, effects& out) {
  out.push_back(tell{session_connected{o.hello.software, o.afresh, o.hello.minor}});
  tell_receiver(receiver::connected{o.afresh}, now, out);
  tell_sender(sender::connected{}, now, out);  // which tells our services
}

void session::pass_on(const peer_link::lost& o, instant now, effects& out) {
  out.push_back(tell{session_lost{o.why, o.how == peer_link::loss::left}});
  forget_connection(now, out);
}

void session::pass_on(const peer_link::failed& o, instant, effects& out) { out.push_back(tell{session_failed{o.why}}); }

void session::forget_connection(instant now, effects& out) {
  offset_ = {};
  tell_sender(sender::disconnected{}, now, out);
  tell_receiver(receiver::disconnected{}, now, out);
}

void session::take(const services& e, instant now, effects& out) {
  std::vector<sync_service> all = e.all;
  if (all.size() > max_sync_services) all.resize(max_sync_services);
  tell_sender(sender::services{all}, now, out);
  tell_receiver(receiver::services{std::move(all)}, now, out);
}

template <class Fact>
void session::take(const Fact& e, instant now, effects& out) {
  if constexpr (is_one_of<Fact, sender::event>) {
    tell_sender(e, now, out);
  } else {
    tell_receiver(e, now, out);
  }
}

void session::tell_sender(const sender::event& e, instant now, effects& out) {
  for (auto& order : sender_.on(e, now)) {
    std::visit([&](auto& o) { pass_on(o, now, out); }, order);
  }
}

void session::tell_receiver(const receiver::event& e, instant now, effects& out) {
  for (auto& order : receiver_.on(e, now)) {
    std::visit([&](auto& o) { pass_on(o, now, out); }, order);
  }
  if (auto learning = receiver_.learning(); learning != sender_.learning()) {
    tell_sender(sender::learns{std::move(learning)}, now, out);
  }
}

template <class Order>
void session::pass_on(Order& o, instant now, effects& out) {
  if constexpr (std::is_same_v<Order, sender::break_off> || std::is_same_v<Order, receiver::break_off>) {
    tell_link(peer_link::broken{std::move(o.why)}, now, out);
  } else if constexpr (is_one_of<Order, session_news>) {
    out.push_back(tell{std::move(o)});
  } else if constexpr (is_one_of<Order, sync_message>) {
    out.push_back(send{std::move(o)});
  } else {
    out.push_back(std::move(o));
  }
}

template <class Message>
void session::hear(const Message& what, instant now, effects& out) {
  if constexpr (is_one_of<Message, sender::event>) {
    tell_sender(what, now, out);
  } else if constexpr (is_one_of<Message, receiver::event>) {
    tell_receiver(what, now, out);
  } else {
    out.push_back(tell{session_heard{what}});
  }
}

void session::hear(const sync_hello&, instant, effects&) { ++skipped_; }    // it has said that
void session::hear(const sync_unknown&, instant, effects&) { ++skipped_; }  // of a later version

void session::hear(const sync_ping& what, instant now, effects& out) {
  out.push_back(send{sync_pong{what.sent, wall_us_}});
  tell_receiver(receiver::introduced{}, now, out);  // before its first ping it tells all its services
}

void session::hear(const sync_pong& what, instant now, effects& out) {
  offset_.pong(what.sent, what.answered, wall_us_, now);
  const std::int64_t ahead_us = offset_.us().value_or(0);
  const bool apart = std::chrono::microseconds(std::abs(ahead_us)) >= limits_.apart;
  if (std::exchange(apart_, apart) != apart) out.push_back(tell{session_clocks{apart, ahead_us}});
}

void session::hear(const sync_digest& what, instant now, effects& out) {
  const auto ours = receiver_.our_number(what.service);
  receiver::shown shown{.what = what};
  if (ours) shown = {what, sender_.acknowledged(*ours), sender_.is_quiet(*ours)};
  tell_receiver(shown, now, out);
  if (ours) tell_sender(sender::shown{*ours}, now, out);
}

void session::hear(const sync_farewell&, instant now, effects& out) {
  tell_link(peer_link::farewell{"it left"}, now, out);
}

void session::review(instant now, effects& out) {
  std::string why = doubt(now);
  if (in_sync_ == why.empty()) return;
  in_sync_ = why.empty();
  out.push_back(tell{session_in_sync{in_sync_, std::move(why)}});
}

std::string session::doubt(instant now) const {
  if (!connected()) return trouble().empty() ? "not connected" : "not connected: " + trouble();
  if (now - *heard() >= limits_.lag) return "nothing was heard for a while";
  return receiver_.doubt();
}

std::uint64_t session::skipped() const { return skipped_ + sender_.skipped() + receiver_.skipped(); }

std::vector<session::service_view> session::view() const {
  std::map<std::string, service_view> all;
  for (const sender::view& o : sender_.views()) {
    service_view& v = all[o.name];
    v.ours = true;
    v.capacity = o.capacity;
    v.acknowledged = o.acknowledged;
  }
  for (const receiver::view& t : receiver_.views()) {
    service_view& v = all[t.name];
    v.theirs = true;
    v.equal = t.equal;
    v.fits = t.fits;
    v.peer_capacity = t.capacity;
    v.compared = t.compared;
    v.peer_size = t.size;
    v.differed = t.differed;
    v.snapshot_ended = t.snapshot_ended;
  }
  std::vector<service_view> out;
  for (auto& [name, v] : all) {
    v.name = name;
    out.push_back(std::move(v));
  }
  return out;
}

}  // namespace holdfast
