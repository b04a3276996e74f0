// The connection with one other node, whatever is said over it: when to call, how to greet, when to ping, and what it
// means when the connection ends. Knows no socket and no message: whoever has a protocol tells it in short what came,
// and says what it orders.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/machine.h"

namespace holdfast {

struct link_limits {
  duration ping = std::chrono::milliseconds(500);
  duration silence = {};                                 // no message for so long: lost; 0: the stream sees to that
  duration hello = std::chrono::seconds(1);              // from an answered call to its hello
  duration retry_least = std::chrono::milliseconds(50);  // between calls; doubles up to
  duration retry_most = std::chrono::seconds(1);         // this, less up to half of it by chance
  // So long the node with the greater name waits to be called before it calls itself; none: it never calls.
  std::optional<duration> other_calls = {};
};

// What a node says of itself first.
struct link_hello {
  std::string node;  // its name
  std::string software;
  std::uint8_t major = 0;  // nodes whose major numbers differ don't talk
  std::uint8_t minor = 0;
  std::uint64_t incarnation = 0;  // another one: it has started anew. 0: its protocol doesn't say
};

class peer_link {
 public:
  struct opened {};  // our call was answered by somebody with the key
  struct called {  // it called us, with the right key and no objection(), and this is the connection now; a former one
                   // and a call of ours are closed
    link_hello hello;
  };
  struct received {                        // a message
    std::optional<link_hello> hello = {};  // none: another one
  };
  struct broken {  // what came is no message, or can't be meant
    std::string why;
  };
  struct farewell {  // it said that it leaves
    std::string why;
  };
  enum class loss : std::uint8_t { lost, left, died };
  struct ended {  // the connection now in use, or the call; not after hang_up
    std::string why;
    loss how = loss::lost;  // if it was connected
  };
  struct doubted {};  // somebody must know now whether it lives: ping
  struct leave {};    // we go; nothing more happens
  using event = std::variant<opened, called, received, broken, farewell, ended, doubted, leave, wake>;

  struct dial {};
  struct hang_up {};  // what was said before is sent first
  struct greet {};    // say our hello
  struct ping {};     // say a ping
  struct part {};     // say farewell
  struct connected {
    link_hello hello;
    bool afresh = false;  // it has started anew since the connection before
  };
  struct lost {  // a connection
    std::string why;
    loss how = loss::lost;
  };
  struct failed {  // a connection didn't come about; said again only when the reason changes
    std::string why;
  };
  using effect = std::variant<dial, hang_up, greet, ping, part, connected, lost, failed>;
  using effects = effect_list<effect, 4>;

  // own: what we say of ourselves. name: the other's, not ours. protocol: in words, "the wire". The node whose name is
  // smaller calls first. seed: random.
  peer_link(link_hello own, std::string name, std::string protocol, const link_limits& limits, std::uint64_t seed,
            instant now);

  // Asked before `called` is fed: why this call is not welcome, "" = it is. Of two calls at once that of the smaller
  // name wins; a node that has started afresh always wins over what we take for a connection with it.
  std::string objection(const link_hello& hello) const;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  bool is_connected() const { return state_ == state::connected; }
  bool calls_first() const { return own_.node < name_; }
  const std::string& name() const { return name_; }
  const std::string& software() const { return software_; }  // of the last connection, "" = never connected
  const std::string& trouble() const { return trouble_; }    // why there is no connection, "" = nothing known
  std::optional<instant> since() const { return since_; }    // connected since
  std::optional<instant> heard() const { return heard_; }    // the last message

 private:
  enum class state : std::uint8_t { waiting, calling, greeting, connected, over };

  void take(const opened&, instant now, effects& out);
  void take(const called& e, instant now, effects& out);
  void take(const received& e, instant now, effects& out);
  void take(const broken& e, instant now, effects& out);
  void take(const farewell& e, instant now, effects& out);
  void take(const ended& e, instant now, effects& out);
  void take(const doubted&, instant now, effects& out);
  void take(const leave&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void hear_hello(const std::optional<link_hello>& hello, instant now, effects& out);
  void connect(const link_hello& hello, instant now, effects& out);
  void say_ping(instant now, effects& out);
  void give_up(std::string why, instant now, effects& out);
  void lose(std::string why, loss how, instant now, effects& out);
  void retry(instant now);
  bool is_silent(instant now) const;
  std::string version_of(const link_hello& hello) const;
  void move_to(state next) { state_ = next; }

  link_hello own_;
  std::string name_;
  std::string protocol_;
  link_limits limits_;
  std::uint64_t random_;
  state state_ = state::waiting;
  std::optional<instant> due_;  // call, hello or ping
  duration pause_;              // before the next call
  instant awake_{};             // our own loop stood still until then: what it didn't hear is no silence
  std::optional<instant> since_;
  std::optional<instant> heard_;
  std::optional<std::uint64_t> incarnation_;  // of the last connection
  std::string software_;
  std::string trouble_;
};

static_assert(machine<peer_link>);

}  // namespace holdfast
