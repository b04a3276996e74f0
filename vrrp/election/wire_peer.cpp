#include "vrrp/election/wire_peer.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/random.h"

namespace holdfast {

wire_peer::wire_peer(wire_hello own, std::string name, const wire_limits& limits, std::uint64_t seed, instant now)
    : own_(std::move(own)), name_(std::move(name)), limits_(limits), random_(seed), pause_(limits.retry_least) {
  ensure(own_.node != name_);
  ensure(limits_.ping * 4 <= limits_.silence);  // two pings may go astray before anybody doubts
  if (calls()) due_ = now;
}

wire_peer::effects wire_peer::on(const event& e, instant now) {
  if (due_ && now - *due_ > limits_.silence / 2) doubt_until_ = now + limits_.silence / 2;
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> wire_peer::deadline() const { return due_; }

void wire_peer::take(const opened&, instant now, effects& out) {
  switch (state_) {
    case state::calling:
      move_to(state::greeting);
      due_ = now + limits_.hello;
      out.push_back(say{own_});
      return;
    case state::waiting:
    case state::greeting:
    case state::connected:
    case state::over: return;  // nobody was called
  }
}

void wire_peer::take(const called& e, instant now, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(tell{wire_lost{"a new connection took its place"}}); [[fallthrough]];
    case state::waiting:
      out.push_back(say{own_});
      connect(e.hello, now, out);
      return;
    case state::calling:
    case state::greeting:
    case state::over: out.push_back(hang_up{}); return;  // we call, or nobody does any more
  }
}

void wire_peer::take(const received& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: return greet(e.what, now, out);
    case state::connected: return converse(e.what, now, out);
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void wire_peer::take(const misheard& e, instant now, effects& out) {
  switch (state_) {
    case state::greeting: out.push_back(hang_up{}); return give_up(describe(e.why), now, out);
    case state::connected: out.push_back(hang_up{}); return lose(describe(e.why), now, out);
    case state::waiting:
    case state::calling:
    case state::over: return;  // there is no connection
  }
}

void wire_peer::take(const ended& e, instant now, effects& out) {
  switch (state_) {
    case state::calling:
    case state::greeting: return give_up(describe(e.why), now, out);
    case state::connected:
      if (!is_dead(e.why, now)) return lose(describe(e.why), now, out);
      trouble_ = "its agent died";
      out.push_back(tell{wire_died{}});
      return retry(now);
    case state::waiting:
    case state::over: return;  // there is no connection
  }
}

void wire_peer::take(const reported& e, instant, effects&) { number_ = e.number; }

void wire_peer::take(const doubted&, instant now, effects& out) {
  if (state_ == state::connected) ping(now, out);
}

void wire_peer::take(const leave&, instant, effects& out) {
  switch (state_) {
    case state::connected: out.push_back(say{wire_farewell{}}); [[fallthrough]];
    case state::calling:
    case state::greeting: out.push_back(hang_up{}); [[fallthrough]];
    case state::waiting:
    case state::over: break;
  }
  due_.reset();
  move_to(state::over);
}

void wire_peer::take(const wake&, instant now, effects& out) {
  if (!due_ || now < *due_) return;
  switch (state_) {
    case state::waiting:
      due_.reset();  // the call has limits of its own
      move_to(state::calling);
      out.push_back(dial{});
      return;
    case state::greeting: out.push_back(hang_up{}); return give_up("it says no hello", now, out);
    case state::connected: return ping(now, out);
    case state::calling:
    case state::over: return;  // nothing is due
  }
}

void wire_peer::ping(instant now, effects& out) {
  due_ = now + limits_.ping;
  out.push_back(say{wire_ping{static_cast<std::uint64_t>(now.time_since_epoch().count())}});
}

void wire_peer::greet(const wire_message& what, instant now, effects& out) {
  const auto* hello = std::get_if<wire_hello>(&what);
  if (hello != nullptr && hello->node == name_ && hello->major == own_.major) return connect(*hello, now, out);
  out.push_back(hang_up{});
  if (hello == nullptr) return give_up("it says something else before its hello", now, out);
  if (hello->node != name_) return give_up("it says that its name is " + hello->node, now, out);
  give_up("it speaks version " + std::to_string(hello->major) + " of the wire", now, out);
}

void wire_peer::converse(const wire_message& what, instant now, effects& out) {
  heard_ = now;
  if (const auto* report = std::get_if<wire_report>(&what)) {
    out.push_back(tell{wire_heard{*report}});
  } else if (const auto* ping = std::get_if<wire_ping>(&what)) {
    out.push_back(say{wire_pong{ping->what, number_}});
  } else if (const auto* pong = std::get_if<wire_pong>(&what)) {
    const instant asked(duration(static_cast<duration::rep>(pong->what)));
    if (asked < *since_ || asked > now) return;  // nothing that we asked
    round_trip_ = now - asked;
    out.push_back(tell{wire_answered{asked, pong->number}});
  } else if (std::holds_alternative<wire_farewell>(what)) {
    trouble_ = "its agent left";
    out.push_back(hang_up{});
    out.push_back(tell{wire_left{}});
    retry(now);
  }
}

void wire_peer::connect(const wire_hello& hello, instant now, effects& out) {
  move_to(state::connected);
  due_ = now;  // the first ping
  pause_ = limits_.retry_least;
  since_ = heard_ = now;
  software_ = hello.software;
  trouble_.clear();
  out.push_back(tell{wire_connected{hello}});
}

// Of a call that led to nothing.
void wire_peer::give_up(std::string why, instant now, effects& out) {
  if (why != trouble_) out.push_back(tell{wire_failed{why}});
  trouble_ = std::move(why);
  retry(now);
}

// Of a connection.
void wire_peer::lose(std::string why, instant now, effects& out) {
  out.push_back(tell{wire_lost{why}});
  trouble_ = std::move(why);
  retry(now);
}

void wire_peer::retry(instant now) {
  move_to(state::waiting);
  due_.reset();
  since_.reset();
  round_trip_.reset();
  if (!calls()) return;
  due_ = now + jittered(pause_, random_);
  pause_ = std::min(pause_ * 2, limits_.retry_most);
}

// A peer that heard nothing of us for the time of silence closes, too; but then at least one of us was silent or stood
// still for most of that time.
bool wire_peer::is_dead(stream_end why, instant now) const {
  return why == stream_end::closed && now >= doubt_until_ && now - *heard_ <= limits_.silence / 2;
}

void wire_peer::move_to(state next) { state_ = next; }

}  // namespace holdfast
