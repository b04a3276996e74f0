#include "vrrp/election/wire_peer.h"

#include "base/ensure.h"

namespace holdfast {

namespace {

link_hello in_short(const wire_hello& what) { return {what.node, what.software, what.major, what.minor}; }

}  // namespace

wire_peer::wire_peer(wire_hello own, std::string name, const wire_limits& limits, std::uint64_t seed, instant now)
    : own_(std::move(own)),
      silence_(limits.silence),
      link_(in_short(own_), std::move(name), "the wire", limits.link, seed, now) {
  ensure(limits.link.ping * 4 <= silence_);  // two pings may go astray before anybody doubts
}

std::string wire_peer::objection(const wire_hello& hello) const { return link_.objection(in_short(hello)); }

wire_peer::effects wire_peer::on(const event& e, instant now) {
  if (const auto due = deadline(); due && now - *due > silence_ / 2) doubt_until_ = now + silence_ / 2;
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> wire_peer::deadline() const { return link_.deadline(); }

void wire_peer::take(const opened&, instant now, effects& out) { tell_link(peer_link::opened{}, now, out); }

void wire_peer::take(const called& e, instant now, effects& out) {
  tell_link(peer_link::called{in_short(e.hello)}, now, out);
}

void wire_peer::take(const received& e, instant now, effects& out) {
  const bool greeted = connected();
  const auto* hello = std::get_if<wire_hello>(&e.what);
  tell_link(peer_link::received{hello == nullptr ? std::nullopt : std::optional(in_short(*hello))}, now, out);
  if (greeted) converse(e.what, now, out);
}

void wire_peer::take(const misheard& e, instant now, effects& out) {
  tell_link(peer_link::broken{describe(e.why)}, now, out);
}

void wire_peer::take(const ended& e, instant now, effects& out) {
  const bool died = connected() && is_dead(e.why, now);
  tell_link(died ? peer_link::ended{"its agent died", peer_link::loss::died} : peer_link::ended{describe(e.why)}, now,
            out);
}

void wire_peer::take(const reported& e, instant, effects&) { number_ = e.number; }
void wire_peer::take(const doubted&, instant now, effects& out) { tell_link(peer_link::doubted{}, now, out); }
void wire_peer::take(const leave&, instant now, effects& out) { tell_link(peer_link::leave{}, now, out); }
void wire_peer::take(const wake&, instant now, effects& out) { tell_link(wake{}, now, out); }

void wire_peer::tell_link(const peer_link::event& e, instant now, effects& out) {
  for (const auto& order : link_.on(e, now)) {
    std::visit([&](const auto& o) { pass_on(o, now, out); }, order);
  }
}

void wire_peer::pass_on(const peer_link::dial& o, instant, effects& out) { out.push_back(o); }
void wire_peer::pass_on(const peer_link::hang_up& o, instant, effects& out) { out.push_back(o); }
void wire_peer::pass_on(const peer_link::greet&, instant, effects& out) { out.push_back(say{own_}); }
void wire_peer::pass_on(const peer_link::part&, instant, effects& out) { out.push_back(say{wire_farewell{}}); }

void wire_peer::pass_on(const peer_link::ping&, instant now, effects& out) {
  out.push_back(say{wire_ping{static_cast<std::uint64_t>(now.time_since_epoch().count())}});
}

void wire_peer::pass_on(const peer_link::connected& o, instant, effects& out) {
  out.push_back(tell{wire_connected{{o.hello.node, o.hello.software, o.hello.major, o.hello.minor}}});
}

void wire_peer::pass_on(const peer_link::lost& o, instant, effects& out) {
  round_trip_.reset();
  switch (o.how) {
    case peer_link::loss::lost: out.push_back(tell{wire_lost{o.why}}); return;
    case peer_link::loss::left: out.push_back(tell{wire_left{}}); return;
    case peer_link::loss::died: out.push_back(tell{wire_died{}}); return;
  }
}

void wire_peer::pass_on(const peer_link::failed& o, instant, effects& out) { out.push_back(tell{wire_failed{o.why}}); }

void wire_peer::converse(const wire_message& what, instant now, effects& out) {
  if (const auto* report = std::get_if<wire_report>(&what)) {
    out.push_back(tell{wire_heard{*report}});
  } else if (const auto* ping = std::get_if<wire_ping>(&what)) {
    out.push_back(say{wire_pong{ping->what, number_}});
  } else if (const auto* pong = std::get_if<wire_pong>(&what)) {
    const instant asked(duration(static_cast<duration::rep>(pong->what)));
    if (asked < *since() || asked > now) return;  // nothing that we asked
    round_trip_ = now - asked;
    out.push_back(tell{wire_answered{asked, pong->number}});
  } else if (std::holds_alternative<wire_farewell>(what)) {
    tell_link(peer_link::farewell{"its agent left"}, now, out);
  }
}

// A peer that heard nothing of us for the time of silence closes, too; but then at least one of us was silent or stood
// still for most of that time.
bool wire_peer::is_dead(stream_end why, instant now) const {
  return why == stream_end::closed && now >= doubt_until_ && now - *heard() <= silence_ / 2;
}

}  // namespace holdfast
