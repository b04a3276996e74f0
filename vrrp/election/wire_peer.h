// What we think of one other node's agent: when to call it, when to ping it, and what the end of a connection says
// about it. Dead is a strong word here, since a standby takes over on it: it needs an end without a word, of a
// connection that was alive a moment before, seen by a loop that ran on time. Everything else is merely lost. Knows no
// socket.
#pragma once

#include <string>
#include <variant>

#include "base/machine.h"
#include "base/tls/stream_end.h"
#include "vrrp/message/wire_message.h"

namespace holdfast {

struct wire_limits {
  duration silence = std::chrono::seconds(2);  // no byte for so long: lost. Half of it raises doubt, see the top
  duration ping = std::chrono::milliseconds(500);
  duration connect = std::chrono::seconds(1);
  duration hello = std::chrono::seconds(1);              // from an answered call to its hello
  duration retry_least = std::chrono::milliseconds(50);  // between calls; doubles up to
  duration retry_most = std::chrono::seconds(1);         // this, less up to half of it by chance
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
  struct called {    // it called us, with the right key, and this is the connection now; a former one is closed
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

  struct dial {};
  struct hang_up {};  // what was said before is sent first
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

  bool calls() const { return own_.node < name_; }
  bool connected() const { return state_ == state::connected; }

  // For display.
  const std::string& name() const { return name_; }
  const std::string& software() const { return software_; }           // of the last connection, "" = never connected
  const std::string& trouble() const { return trouble_; }             // why there is no connection, "" = nothing known
  std::optional<instant> since() const { return since_; }             // connected since
  std::optional<instant> heard() const { return heard_; }             // the last message
  std::optional<duration> round_trip() const { return round_trip_; }  // of the last ping answered on this connection

 private:
  enum class state : std::uint8_t { waiting, calling, greeting, connected, over };

  void take(const opened&, instant now, effects& out);
  void take(const called& e, instant now, effects& out);
  void take(const received& e, instant now, effects& out);
  void take(const misheard& e, instant now, effects& out);
  void take(const ended& e, instant now, effects& out);
  void take(const reported& e, instant now, effects& out);
  void take(const doubted&, instant now, effects& out);
  void take(const leave&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void ping(instant now, effects& out);
  void greet(const wire_message& what, instant now, effects& out);
  void converse(const wire_message& what, instant now, effects& out);
  void connect(const wire_hello& hello, instant now, effects& out);
  void give_up(std::string why, instant now, effects& out);
  void lose(std::string why, instant now, effects& out);
  void retry(instant now);
  bool is_dead(stream_end why, instant now) const;
  void move_to(state next);

  wire_hello own_;
  std::string name_;
  wire_limits limits_;
  std::uint64_t random_;
  state state_ = state::waiting;
  std::optional<instant> due_;  // call, hello or ping
  duration pause_;              // before the next call
  instant doubt_until_{};       // our own loop stood still: what ended meanwhile may have given us up
  std::uint64_t number_ = 0;    // of our newest report
  std::optional<instant> since_;
  std::optional<instant> heard_;
  std::optional<duration> round_trip_;
  std::string software_;
  std::string trouble_;
};

static_assert(machine<wire_peer>);

}  // namespace holdfast
