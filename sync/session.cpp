#include "sync/session.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <type_traits>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"

namespace holdfast {

namespace {

template <class T, class... All>
constexpr bool is_among(const std::variant<All...>*) {
  return (std::is_same_v<T, All> || ...);
}
template <class T, class Variant>
inline constexpr bool is_one_of = is_among<T>(static_cast<const Variant*>(nullptr));

}  // namespace

session::session(sync_hello own, std::string name, const session_limits& limits, std::uint64_t seed, instant now)
    : own_(std::move(own)),
      name_(std::move(name)),
      limits_(limits),
      random_(seed),
      pause_(limits.retry_least),
      sender_(limits.digest),
      receiver_(limits.digest) {
  ensure(own_.node != name_);
  ensure(limits_.ping < limits_.lag && limits_.lag < limits_.silence);
  due_ = calls_first() ? now : now + limits_.other_calls;
}

std::string session::objection(const sync_hello& hello) const {
  if (state_ == state::over) return "we leave";
  if (hello.node != name_) return "it says that its name is " + hello.node;
  if (hello.major != own_.major) return "it speaks version " + std::to_string(hello.major) + " of the sync channel";
  if (!calls_first()) return "";  // it does, and it has no other connection, or it wouldn't call
  // It may have taken our call already if it has our hello. Not so if its agent has died since.
  if (state_ == state::greeting) return "we have called it";
  if (state_ == state::connected && hello.incarnation == incarnation_) return "we are connected";
  return "";
}

session::effects session::on(const event& e, instant now) {
  if (const auto due = deadline(); due && now - *due > limits_.ping) awake_ = now;
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  review(now, out);
  return out;
}

std::optional<instant> session::deadline() const {
  if (!connected()) return due_;
  instant first = std::min(*due_, std::max(*heard_, awake_) + limits_.silence);
  if (in_sync_) first = std::min(first, *heard_ + limits_.lag);
  if (const auto digest = sender_.deadline()) first = std::min(first, *digest);
  return first;
}

void session::take(const opened&, instant now, effects& out) {
  switch (state_) {
    case state::calling:
      move_to(state::greeting);
      due_ = now + limits_.hello;
      out.push_back(send{own_});
      return;
    case state::waiting:
    case state::greeting:
    case state::connected:
    case state::over: return;  // nobody was called
  }
}

void session::take(const called& e, instant now, effects& out) {
  ensure(objection(e.hello).empty());
  if (connected()) lose("a new connection took its place", false, now, out);
  out.push_back(send{own_});
  connect(e.hello, now, out);
}

void session::take(const received& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: return greet(e.what, now, out);
    case state::connected:
      heard_ = now;
      wall_us_ = e.wall_us;
      return std::visit([&](const auto& what) { hear(what, now, out); }, e.what);
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void session::take(const misheard& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: out.push_back(hang_up{}); return give_up(describe(e.why), now, out);
    case state::connected: return break_off(describe(e.why), now, out);
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void session::take(const ended& e, instant now, effects& out) {
  switch (state_) {
    case state::calling:
    case state::greeting: return give_up(describe(e.why), now, out);
    case state::connected: return lose(describe(e.why), false, now, out);
    case state::waiting:
    case state::over: return;  // there is no connection
  }
}

void session::take(const say& e, instant, effects& out) {
  if (connected()) out.push_back(send{e.what});
}

void session::take(const leave&, instant now, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(send{sync_farewell{}}); [[fallthrough]];
    case state::calling:
    case state::greeting: out.push_back(hang_up{}); [[fallthrough]];
    case state::waiting:
    case state::over: break;
  }
  due_.reset();
  forget_connection(now, out);
  trouble_ = "we left";
  move_to(state::over);
}

void session::take(const wake&, instant now, effects& out) {
  switch (state_) {
    case state::waiting:
      if (now < *due_) return;
      due_.reset();  // the call has limits of its own
      move_to(state::calling);
      out.push_back(dial{});
      return;
    case state::greeting:
      if (now < *due_) return;
      out.push_back(hang_up{});
      return give_up("it says no hello", now, out);
    case state::connected:
      if (now - std::max(*heard_, awake_) >= limits_.silence) {
        return break_off(describe(stream_end::lost), now, out);
      }
      if (now >= *due_) ping(now, out);
      return tell_sender(wake{}, now, out);
    case state::calling:
    case state::over: return;  // nothing is due
  }
}

void session::greet(const sync_message& what, instant now, effects& out) {
  const auto* hello = std::get_if<sync_hello>(&what);
  if (hello != nullptr && hello->node == name_ && hello->major == own_.major) return connect(*hello, now, out);
  out.push_back(hang_up{});
  if (hello == nullptr) return give_up("it says something else before its hello", now, out);
  if (hello->node != name_) return give_up("it says that its name is " + hello->node, now, out);
  give_up("it speaks version " + std::to_string(hello->major) + " of the sync channel", now, out);
}

void session::connect(const sync_hello& hello, instant now, effects& out) {
  const bool afresh = met_ && hello.incarnation != incarnation_;
  met_ = true;
  incarnation_ = hello.incarnation;
  software_ = hello.software;
  trouble_.clear();
  pause_ = limits_.retry_least;
  since_ = heard_ = now;
  move_to(state::connected);
  out.push_back(tell{session_connected{hello.software, afresh, hello.minor}});
  tell_receiver(receiver::connected{afresh}, now, out);
  tell_sender(sender::connected{}, now, out);  // which tells our services
  ping(now, out);                              // that was all
}

void session::ping(instant now, effects& out) {
  due_ = now + limits_.ping;
  out.push_back(send{sync_ping{offset_.ping(now)}});
}

// Of a call that led to nothing.
void session::give_up(std::string why, instant now, effects& out) {
  if (why != trouble_) out.push_back(tell{session_failed{why}});
  trouble_ = std::move(why);
  retry(now);
}

// Of a connection.
void session::lose(std::string why, bool farewell, instant now, effects& out) {
  out.push_back(tell{session_lost{why, farewell}});
  trouble_ = std::move(why);
  forget_connection(now, out);
  retry(now);
}

void session::break_off(std::string why, instant now, effects& out) {
  out.push_back(hang_up{});
  lose(std::move(why), false, now, out);
}

void session::retry(instant now) {
  move_to(state::waiting);
  due_ = now + jittered(pause_, random_) + (calls_first() ? duration{} : limits_.other_calls);
  pause_ = std::min(pause_ * 2, limits_.retry_most);
}

void session::forget_connection(instant now, effects& out) {
  since_.reset();
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
    break_off(std::move(o.why), now, out);
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
  out.push_back(hang_up{});
  lose("it left", true, now, out);
}

void session::review(instant now, effects& out) {
  std::string why = doubt(now);
  if (in_sync_ == why.empty()) return;
  in_sync_ = why.empty();
  out.push_back(tell{session_in_sync{in_sync_, std::move(why)}});
}

std::string session::doubt(instant now) const {
  if (!connected()) return trouble_.empty() ? "not connected" : "not connected: " + trouble_;
  if (now - *heard_ >= limits_.lag) return "nothing was heard for a while";
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
