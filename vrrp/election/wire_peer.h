// One other node's agent, and what is said over the connection with it (when to call is the link's). Above all what the
// end of a connection says about the agent: dead is a strong word here, since a standby takes over on it. It needs an
// end without a word, of a connection that was alive a moment before, seen by a loop that ran on time. Everything else
// is merely lost. Knows no socket.
#pragma once

#include <string>
#include <variant>

#include "base/machine.h"
#include "base/tls/stream_end.h"
#include "peers/link.h"
#include "vrrp/message/wire_message.h"

namespace holdfast {

struct wire_limits {
  duration silence = std::chrono::seconds(2);  // no byte for so long: lost. Half of it raises doubt, see the top
  duration connect = std::chrono::seconds(1);
  link_limits link = {};
};

// News of a node, for the agent.
struct wire_connected {
  wire_hello hello;
};
struct wire_heard {
  wire_report report;
};
struct wire_answered {  // a ping: it lives
  instant asked{};
  std::uint64_t number = 0;  // of its newest report, as of its answer
};
struct wire_died {};  // its kernel ended the connection: its agent is gone, at once and without a farewell
struct wire_left {};  // it said farewell
struct wire_lost {    // no proof of death
  std::string why;
};
struct wire_failed {  // a connection didn't come about; said again only when the reason changes
  std::string why;
};
using wire_news = std::variant<wire_connected, wire_heard, wire_answered, wire_died, wire_left, wire_lost, wire_failed>;

class wire_peer {
 public:
  struct opened {};  // our call was answered by somebody with the key
  struct called {    // it called us, with the right key and no objection(), and this is the connection now
    wire_hello hello;
  };
  struct received {
    wire_message what;
  };
  struct misheard {  // what came is no message
    wire_refusal why;
  };
  struct ended {  // the connection now in use, or the call; not after hang_up
    stream_end why;
  };
  struct reported {  // we have a newer report of ourselves; what was said before is out of date
    std::uint64_t number = 0;
  };
  struct doubted {};  // somebody must know now whether it lives: ping
  struct leave {};    // we go; nothing more happens
  using event = std::variant<opened, called, received, misheard, ended, reported, doubted, leave, wake>;

  using dial = peer_link::dial;
  using hang_up = peer_link::hang_up;
  struct say {
    wire_message what;
  };
  struct tell {
    wire_news what;
  };
  using effect = std::variant<dial, hang_up, say, tell>;
  using effects = effect_list<effect, 4>;

  // own: what we say of ourselves. name: the other's, not ours. The node whose name is smaller calls. seed: random.
  wire_peer(wire_hello own, std::string name, const wire_limits& limits, std::uint64_t seed, instant now);

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  // Asked before `called` is fed: why this call is not welcome, "" = it is.
  std::string objection(const wire_hello& hello) const;
  bool connected() const { return link_.is_connected(); }

  // For display.
  const std::string& name() const { return link_.name(); }
  const std::string& software() const { return link_.software(); }    // of the last connection, "" = never connected
  const std::string& trouble() const { return link_.trouble(); }      // why there is no connection, "" = nothing known
  std::optional<instant> since() const { return link_.since(); }      // connected since
  std::optional<instant> heard() const { return link_.heard(); }      // the last message
  std::optional<duration> round_trip() const { return round_trip_; }  // of the last ping answered on this connection

 private:
  void take(const opened&, instant now, effects& out);
  void take(const called& e, instant now, effects& out);
  void take(const received& e, instant now, effects& out);
  void take(const misheard& e, instant now, effects& out);
  void take(const ended& e, instant now, effects& out);
  void take(const reported& e, instant now, effects& out);
  void take(const doubted&, instant now, effects& out);
  void take(const leave&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void converse(const wire_message& what, instant now, effects& out);
  void tell_link(const peer_link::event& e, instant now, effects& out);
  void pass_on(const peer_link::dial& o, instant now, effects& out);
  void pass_on(const peer_link::hang_up& o, instant now, effects& out);
  void pass_on(const peer_link::greet&, instant now, effects& out);
  void pass_on(const peer_link::ping&, instant now, effects& out);
  void pass_on(const peer_link::part&, instant now, effects& out);
  void pass_on(const peer_link::connected& o, instant now, effects& out);
  void pass_on(const peer_link::lost& o, instant now, effects& out);
  void pass_on(const peer_link::failed& o, instant now, effects& out);
  bool is_dead(stream_end why, instant now) const;

  wire_hello own_;
  duration silence_;
  peer_link link_;
  instant doubt_until_{};     // our own loop stood still: what ended meanwhile may have given us up
  std::uint64_t number_ = 0;  // of our newest report
  std::optional<duration> round_trip_;
};

static_assert(machine<wire_peer>);

}  // namespace holdfast
