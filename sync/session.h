// One other node on the sync channel: when to call it, and what is said over the connection. What it must be told of
// our tables is the sender's, what it tells us of its own the receiver's. Knows no socket and no table: a driver
// carries entries between the two when told to.
//
//   us -> peer   hello, our services, a first ping; `resume` for each service that both have; then for each of ours
//   that
//                the peer has resumed what the sender says
//   peer -> us   the same
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/machine.h"
#include "base/tls/stream_end.h"
#include "sync/message.h"
#include "sync/offset.h"
#include "sync/receiver.h"
#include "sync/sender.h"

namespace holdfast {

struct session_limits {
  duration ping = std::chrono::milliseconds(500);
  duration silence = std::chrono::seconds(3);            // no message for so long: lost
  duration hello = std::chrono::seconds(1);              // from an answered call to its hello
  duration retry_least = std::chrono::milliseconds(50);  // between calls; doubles up to
  duration retry_most = std::chrono::seconds(1);         // this, less up to half of it by chance
  duration other_calls = std::chrono::seconds(2);        // so long the node with the greater name waits to be called
  duration digest = std::chrono::seconds(10);
  duration apart = std::chrono::seconds(10);  // of two wall clocks: too much
  duration lag = std::chrono::seconds(1);     // a node that has heard nothing for so long is not in sync
};

// News of a node, for its driver. Numbers of services are ours.
struct session_connected {
  std::string software;
  bool afresh = false;  // it has started anew since we last heard of it
  std::uint8_t minor = 0;
};
struct session_lost {
  std::string why;
  bool farewell = false;
};
struct session_failed {  // a connection didn't come about; said again only when the reason changes
  std::string why;
};
struct session_in_sync {  // we know all that it knows, or not any more
  bool is = false;
  std::string why;  // not; "" = it is
};
struct session_clocks {  // the nodes' wall clocks are apart, or not any more
  bool apart = false;
  std::int64_t ahead_us = 0;  // theirs of ours
};
struct session_heard {  // a status, a server's state, a secret, an order, an answer
  sync_message what;
};
using session_news = std::variant<session_connected, session_lost, session_failed, session_in_sync, sender::confirmed,
                                  receiver::repairs, session_clocks, session_heard>;

class session {
 public:
  struct opened {};  // our call was answered by somebody with the key
  struct called {  // it called us, with the right key and no objection(), and this is the connection now; a former one
                   // and a call of ours are closed
    sync_hello hello;
  };
  struct received {
    sync_message what;
    std::uint64_t wall_us = 0;  // our wall clock then: microseconds since 1970
  };
  struct misheard {
    sync_refusal why;
  };
  struct ended {  // the connection now in use, or the call; not after hang_up
    stream_end why;
  };
  struct services {  // of ours, all that there are now; those beyond max_sync_services are not told. A number names one
                     // table for ever: whatever begins empty has a new one
    std::vector<sync_service> all;
  };
  struct say {  // a status, a server's state, a secret, an order, an answer: if connected
    sync_message what;
  };
  struct leave {};  // we go; nothing more happens
  using event =
      std::variant<opened, called, received, misheard, ended, services, say, leave, wake, sender::news, sender::check,
                   sender::drained, sender::sent, sender::digested, receiver::merged, receiver::compared>;

  struct dial {};
  struct hang_up {};  // what was said before is sent first
  struct send {
    sync_message what;
  };
  struct tell {
    session_news what;
  };
  using effect = std::variant<dial, hang_up, send, tell, sender::introduce, sender::seek, sender::start_snapshot,
                              sender::start_repair, sender::send_entries, sender::send_digest, receiver::merge,
                              receiver::compare, receiver::learn>;
  // At most one for each service (when a connection begins, or services change: two), and eight. Most have few
  // services, so no room for all is kept in every list.
  using effects = std::vector<effect>;

  // own: what we say of ourselves. name: the other's, not ours. The node whose name is smaller calls first. seed:
  // random.
  session(sync_hello own, std::string name, const session_limits& limits, std::uint64_t seed, instant now);

  // Asked before `called` is fed: why this call is not welcome, "" = it is. Of two calls at once that of the smaller
  // name wins; a node that has started afresh always wins over what we take for a connection with it.
  std::string objection(const sync_hello& hello) const;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  bool connected() const { return state_ == state::connected; }
  bool in_sync() const { return in_sync_; }  // we know all that it knows
  // It knows all of ours that was, and merges the news: confirmation can be waited for.
  bool follows(sync_number service) const { return sender_.follows(service); }

  // For display.
  struct service_view {  // what both have, and what one of us has
    std::string name;
    bool ours = false;
    bool theirs = false;
    bool equal = false;  // by the last digest
    bool fits = true;    // ... each has room for all that the other holds
    std::uint32_t capacity = 0, peer_capacity = 0;
    std::optional<instant> compared;
    std::uint32_t peer_size = 0;  // by the last digest
    std::uint64_t differed = 0;   // buckets that had to be repaired, so far
    stamp acknowledged = 0;       // of our news
    bool snapshot_ended = false;  // of theirs
  };
  std::vector<service_view> view() const;
  const std::string& name() const { return name_; }
  const std::string& software() const { return software_; }  // of the last connection, "" = never connected
  const std::string& trouble() const { return trouble_; }    // why there is no connection, "" = nothing known
  std::string doubt(instant now) const;                      // why it is not in sync, "" = it is
  std::uint64_t skipped() const;                             // messages about nothing that we know
  std::optional<instant> since() const { return since_; }    // connected since
  std::optional<instant> heard() const { return heard_; }    // the last message
  std::optional<duration> round_trip() const { return offset_.round_trip(); }  // of the last ping answered
  std::optional<std::int64_t> offset_us() const { return offset_.us(); }       // their wall clock less ours

 private:
  enum class state : std::uint8_t { waiting, calling, greeting, connected, over };

  void take(const opened&, instant now, effects& out);
  void take(const called& e, instant now, effects& out);
  void take(const received& e, instant now, effects& out);
  void take(const misheard& e, instant now, effects& out);
  void take(const ended& e, instant now, effects& out);
  void take(const say& e, instant now, effects& out);
  void take(const leave&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
  void greet(const sync_message& what, instant now, effects& out);
  void connect(const sync_hello& hello, instant now, effects& out);
  void ping(instant now, effects& out);
  void give_up(std::string why, instant now, effects& out);
  void lose(std::string why, bool farewell, instant now, effects& out);
  void break_off(std::string why, instant now, effects& out);
  void retry(instant now);
  void forget_connection(instant now, effects& out);
  bool calls_first() const { return own_.node < name_; }
  void move_to(state next) { state_ = next; }
  void review(instant now, effects& out);

  void take(const services& e, instant now, effects& out);
  template <class Fact>
  void take(const Fact& e, instant now, effects& out);  // the sender's and the receiver's
  void hear(const sync_hello& what, instant now, effects& out);
  void hear(const sync_ping& what, instant now, effects& out);
  void hear(const sync_pong& what, instant now, effects& out);
  void hear(const sync_digest& what, instant now, effects& out);
  void hear(const sync_farewell& what, instant now, effects& out);
  void hear(const sync_unknown& what, instant now, effects& out);
  template <class Message>
  void hear(const Message& what, instant now, effects& out);  // likewise, and what is for the driver
  void tell_sender(const sender::event& e, instant now, effects& out);
  void tell_receiver(const receiver::event& e, instant now, effects& out);
  template <class Order>
  void pass_on(Order& o, instant now, effects& out);

  sync_hello own_;
  std::string name_;
  session_limits limits_;
  std::uint64_t random_;
  state state_ = state::waiting;
  std::optional<instant> due_;  // call, hello or ping
  duration pause_;              // before the next call
  instant awake_{};             // our own loop stood still until then: what it didn't hear is no silence
  std::optional<instant> since_;
  std::optional<instant> heard_;
  std::uint64_t wall_us_ = 0;      // when the message now heard came
  std::uint64_t incarnation_ = 0;  // of the last connection
  bool met_ = false;               // there was one
  bool in_sync_ = false;
  std::uint64_t skipped_ = 0;
  sender sender_;
  receiver receiver_;
  clock_offset offset_;
  bool apart_ = false;
  std::string software_;
  std::string trouble_;
};

static_assert(machine<session>);

}  // namespace holdfast
