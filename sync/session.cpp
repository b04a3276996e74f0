#include "sync/session.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/random.h"

namespace holdfast {

session::session(sync_hello own, std::string name, const session_limits& limits, std::uint64_t seed, instant now)
    : own_(std::move(own)), name_(std::move(name)), limits_(limits), random_(seed), pause_(limits.retry_least) {
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
  if (connected()) go_on(now, out);
  review(now, out);
  return out;
}

std::optional<instant> session::deadline() const {
  if (!connected()) return due_;
  instant first = std::min(*due_, std::max(*heard_, awake_) + limits_.silence);
  if (in_sync_) first = std::min(first, *heard_ + limits_.lag);
  for (const auto& [number, o] : ours_) {
    if (o.followed) first = std::min(first, o.digest_at);
  }
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

void session::take(const leave&, instant, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(send{sync_farewell{}}); [[fallthrough]];
    case state::calling:
    case state::greeting: out.push_back(hang_up{}); [[fallthrough]];
    case state::waiting:
    case state::over: break;
  }
  due_.reset();
  forget_connection();
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
      for (auto& [number, o] : ours_) {
        if (now < o.digest_at) continue;
        o.digest = true;
        o.digest_at = now + limits_.digest;
      }
      return;
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
  if (afresh) theirs_.clear();
  met_ = true;
  incarnation_ = hello.incarnation;
  software_ = hello.software;
  trouble_.clear();
  pause_ = limits_.retry_least;
  since_ = heard_ = now;
  move_to(state::connected);
  out.push_back(tell{session_connected{hello.software, afresh, hello.minor}});
  for (const auto& [number, o] : ours_) out.push_back(send{o.is});
  ping(now, out);  // that was all
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
  forget_connection();
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

void session::forget_connection() {
  since_.reset();
  offset_ = {};
  introduced_ = false;
  lane_ = lane::free;
  news_in_a_row_ = 0;
  names_heard_ = 0;
  for (auto& [number, o] : ours_) o = {.is = o.is, .said = o.said};
  for (auto& [number, t] : theirs_) {
    t.told = t.wanting = false;
    t.digest = verdict::none;
  }
}

void session::review(instant now, effects& out) {
  std::string why = doubt(now);
  if (in_sync_ == why.empty()) return;
  in_sync_ = why.empty();
  out.push_back(tell{session_in_sync{in_sync_, std::move(why)}});
}

}  // namespace holdfast
