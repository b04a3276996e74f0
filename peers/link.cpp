#include "peers/link.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"
#include "base/tls/stream_end.h"

namespace holdfast {

peer_link::peer_link(link_hello own, std::string name, std::string protocol, const link_limits& limits,
                     std::uint64_t seed, instant now)
    : own_(std::move(own)),
      name_(std::move(name)),
      protocol_(std::move(protocol)),
      limits_(limits),
      random_(seed),
      pause_(limits.retry_least) {
  ensure(own_.node != name_);
  ensure(limits_.silence == duration{} || limits_.ping < limits_.silence);
  if (calls_first()) {
    due_ = now;
  } else if (limits_.other_calls) {
    due_ = now + *limits_.other_calls;
  }
}

std::string peer_link::version_of(const link_hello& hello) const {
  return "it speaks version " + std::to_string(hello.major) + " of " + protocol_;
}

std::string peer_link::objection(const link_hello& hello) const {
  if (state_ == state::over) return "we leave";
  if (hello.node != name_) return "it says that its name is " + hello.node;
  if (hello.major != own_.major) return version_of(hello);
  if (!calls_first()) return "";  // it does, and it has no other connection, or it wouldn't call
  if (!limits_.other_calls) return "it says that its name is " + name_ + ", whom we call";
  // It may have taken our call already if it has our hello. Not so if its program has died since.
  if (state_ == state::greeting) return "we have called it";
  if (is_connected() && hello.incarnation == incarnation_) return "we are connected";
  return "";
}

peer_link::effects peer_link::on(const event& e, instant now) {
  if (const auto due = deadline(); due && now - *due > limits_.ping) awake_ = now;
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> peer_link::deadline() const {
  if (!is_connected() || limits_.silence == duration{}) return due_;
  return std::min(*due_, std::max(*heard_, awake_) + limits_.silence);
}

bool peer_link::is_silent(instant now) const {
  return limits_.silence != duration{} && now - std::max(*heard_, awake_) >= limits_.silence;
}

void peer_link::take(const opened&, instant now, effects& out) {
  switch (state_) {
    case state::calling:
      move_to(state::greeting);
      due_ = now + limits_.hello;
      out.push_back(greet{});
      return;
    case state::waiting:
    case state::greeting:
    case state::connected:
    case state::over: return;  // nobody was called
  }
}

void peer_link::take(const called& e, instant now, effects& out) {
  ensure(objection(e.hello).empty());
  if (is_connected()) lose("a new connection took its place", loss::lost, now, out);
  out.push_back(greet{});
  connect(e.hello, now, out);
}

void peer_link::take(const received& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: return hear_hello(e.hello, now, out);
    case state::connected: heard_ = now; return;
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void peer_link::take(const broken& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: out.push_back(hang_up{}); return give_up(e.why, now, out);
    case state::connected: out.push_back(hang_up{}); return lose(e.why, loss::lost, now, out);
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void peer_link::take(const farewell& e, instant now, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(hang_up{}); return lose(e.why, loss::left, now, out);
    case state::greeting:  // it said something else before its hello
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void peer_link::take(const ended& e, instant now, effects& out) {
  switch (state_) {
    case state::calling:
    case state::greeting: return give_up(e.why, now, out);
    case state::connected: return lose(e.why, e.how, now, out);
    case state::waiting:
    case state::over: return;  // there is no connection
  }
}

void peer_link::take(const doubted&, instant now, effects& out) {
  if (is_connected()) say_ping(now, out);
}

void peer_link::take(const leave&, instant, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(part{}); [[fallthrough]];
    case state::calling:
    case state::greeting: out.push_back(hang_up{}); [[fallthrough]];
    case state::waiting:
    case state::over: break;
  }
  due_.reset();
  since_.reset();
  trouble_ = "we left";
  move_to(state::over);
}

void peer_link::take(const wake&, instant now, effects& out) {
  switch (state_) {
    case state::waiting:
      if (!due_ || now < *due_) return;
      due_.reset();  // the call has limits of its own
      move_to(state::calling);
      out.push_back(dial{});
      return;
    case state::greeting:
      if (now < *due_) return;
      out.push_back(hang_up{});
      return give_up("it says no hello", now, out);
    case state::connected:
      if (is_silent(now)) {
        out.push_back(hang_up{});
        return lose(describe(stream_end::lost), loss::lost, now, out);
      }
      if (now >= *due_) say_ping(now, out);
      return;
    case state::calling:
    case state::over: return;  // nothing is due
  }
}

void peer_link::hear_hello(const std::optional<link_hello>& hello, instant now, effects& out) {
  if (hello && hello->node == name_ && hello->major == own_.major) return connect(*hello, now, out);
  out.push_back(hang_up{});
  if (!hello) return give_up("it says something else before its hello", now, out);
  if (hello->node != name_) return give_up("it says that its name is " + hello->node, now, out);
  give_up(version_of(*hello), now, out);
}

void peer_link::connect(const link_hello& hello, instant now, effects& out) {
  const bool afresh = incarnation_ && hello.incarnation != *incarnation_;
  incarnation_ = hello.incarnation;
  software_ = hello.software;
  trouble_.clear();
  pause_ = limits_.retry_least;
  since_ = heard_ = now;
  move_to(state::connected);
  out.push_back(connected{hello, afresh});
  say_ping(now, out);
}

void peer_link::say_ping(instant now, effects& out) {
  due_ = now + limits_.ping;
  out.push_back(ping{});
}

// Of a call that led to nothing.
void peer_link::give_up(std::string why, instant now, effects& out) {
  if (why != trouble_) out.push_back(failed{why});
  trouble_ = std::move(why);
  retry(now);
}

// Of a connection.
void peer_link::lose(std::string why, loss how, instant now, effects& out) {
  out.push_back(lost{why, how});
  trouble_ = std::move(why);
  since_.reset();
  retry(now);
}

void peer_link::retry(instant now) {
  move_to(state::waiting);
  due_.reset();
  if (!calls_first() && !limits_.other_calls) return;
  due_ = now + jittered(pause_, random_) + (calls_first() ? duration{} : *limits_.other_calls);
  pause_ = std::min(pause_ * 2, limits_.retry_most);
}

}  // namespace holdfast
