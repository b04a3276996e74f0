// One other node on the sync channel, and what is said over the connection with it. When to call it is the link's, what
// it must be told of our tables is the sender's, what it tells us of its own the receiver's. Knows no socket and no
// table: a driver carries entries between the two when told to.
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
#include "peers/link.h"
#include "sync/message.h"
#include "sync/offset.h"
#include "sync/receiver.h"
#include "sync/sender.h"

namespace holdfast {

struct session_limits {
  link_limits link{.silence = std::chrono::seconds(3), .other_calls = std::chrono::seconds(2)};
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

  using dial = peer_link::dial;
  using hang_up = peer_link::hang_up;
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

  // own: what we say of ourselves. name: the other's, not ours. seed: random.
  session(sync_hello own, std::string name, const session_limits& limits, std::uint64_t seed, instant now);

  // Asked before `called` is fed: why this call is not welcome, "" = it is.
  std::string objection(const sync_hello& hello) const;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  bool connected() const { return link_.is_connected(); }
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
  const std::string& name() const { return link_.name(); }
  const std::string& software() const { return link_.software(); }  // of the last connection, "" = never connected
  const std::string& trouble() const { return link_.trouble(); }    // why there is no connection, "" = nothing known
  std::string doubt(instant now) const;                             // why it is not in sync, "" = it is
  std::uint64_t skipped() const;                                    // messages about nothing that we know
  std::optional<instant> since() const { return link_.since(); }    // connected since
  std::optional<instant> heard() const { return link_.heard(); }    // the last message
  std::optional<duration> round_trip() const { return offset_.round_trip(); }  // of the last ping answered
  std::optional<std::int64_t> offset_us() const { return offset_.us(); }       // their wall clock less ours

 private:
  void take(const opened&, instant now, effects& out);
  void take(const called& e, instant now, effects& out);
  void take(const received& e, instant now, effects& out);
  void take(const misheard& e, instant now, effects& out);
  void take(const ended& e, instant now, effects& out);
  void take(const say& e, instant now, effects& out);
  void take(const leave&, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
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
  void tell_link(const peer_link::event& e, instant now, effects& out);
  void tell_sender(const sender::event& e, instant now, effects& out);
  void tell_receiver(const receiver::event& e, instant now, effects& out);
  void pass_on(const peer_link::greet&, instant now, effects& out);
  void pass_on(const peer_link::ping&, instant now, effects& out);
  void pass_on(const peer_link::part&, instant now, effects& out);
  void pass_on(const peer_link::connected& o, instant now, effects& out);
  void pass_on(const peer_link::lost& o, instant now, effects& out);
  void pass_on(const peer_link::failed& o, instant now, effects& out);
  template <class Order>
  void pass_on(Order& o, instant now, effects& out);
  void forget_connection(instant now, effects& out);
  void review(instant now, effects& out);

  sync_hello own_;
  session_limits limits_;
  peer_link link_;
  sender sender_;
  receiver receiver_;
  clock_offset offset_;
  std::uint64_t wall_us_ = 0;  // when the message now heard came
  std::uint64_t skipped_ = 0;
  bool in_sync_ = false;
  bool apart_ = false;
};

static_assert(machine<session>);

}  // namespace holdfast
