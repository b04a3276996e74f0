// One other node on the sync channel: when to call it, what it must be told, what it has told us, and whether we know
// all that it knows. Knows no socket and no table: a driver carries entries between the two when told to.
//
//   us -> peer   hello, our services, a first ping; `resume` for each service that both have; then for each of ours
//   that
//                the peer has resumed: the names of its servers, news at once, between them a snapshot if it knows
//                nothing, what it wants repaired, and at times our digest, when all that is said
//   peer -> us   the same
//
// News come before a snapshot, a snapshot before repairs, but each gets a turn, and so does each service; one batch at
// a time, the next when the kernel has taken the one before (`drained`): the peer's slowness costs us no memory.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/machine.h"
#include "base/tls/stream_end.h"
#include "sync/message.h"
#include "sync/offset.h"

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
struct session_confirmed {  // it has merged all of this service that our clients did up to here
  sync_number service = 0;
  stamp upto = 0;
};
struct session_repaired {  // buckets differed; what the peer has there is on its way
  sync_number service = 0;
  std::size_t buckets = 0;
};
struct session_clocks {  // the nodes' wall clocks are apart, or not any more
  bool apart = false;
  std::int64_t ahead_us = 0;  // theirs of ours
};
struct session_heard {  // a status, a server's state, a secret, an order, an answer
  sync_message what;
};
using session_news = std::variant<session_connected, session_lost, session_failed, session_in_sync, session_confirmed,
                                  session_repaired, session_clocks, session_heard>;

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
  struct named {  // a server of ours has a number now that the peer may not know
    sync_server what;
  };
  struct news {  // clients of this service have done something
    sync_number service = 0;
  };
  struct drained {};  // the kernel has taken all that was said

  // What became of an effect; told before any other event.
  struct sent {  // send_entries: the packed bytes have been sent. News: none, if there are none. Others: even none as
                 // `last`
    sync_number service = 0;
    entry_kind kind = entry_kind::news;
    stamp upto = 0;     // news: as it was said
    bool more = false;  // there is more of that kind
    bool any = false;   // something was sent: `drained` will follow
  };
  struct digested {  // send_digest: it was sent, or not, for there are news that the peer doesn't know yet
    sync_number service = 0;
    bool any = false;  // something was sent: `drained` will follow
  };
  struct merged {             // merge
    sync_number service = 0;  // the peer's number
    entry_kind kind = entry_kind::news;
    stamp upto = 0;
    bool last = false;
  };
  struct compared {                        // compare
    sync_number service = 0;               // the peer's number
    std::vector<std::uint16_t> differing;  // buckets; none = equal
    bool comparable = true;                // false: one of the tables is too small for what the other holds
  };

  struct say {  // a status, a server's state, a secret, an order, an answer: if connected
    sync_message what;
  };
  struct check {};  // exchange digests now
  struct leave {};  // we go; nothing more happens
  using event = std::variant<opened, called, received, misheard, ended, services, named, news, drained, sent, digested,
                             merged, compared, say, check, leave, wake>;

  struct dial {};
  struct hang_up {};  // what was said before is sent first
  struct send {
    sync_message what;
  };
  struct introduce {  // send the names of all servers of this service that have a number; those after are `named`
    sync_number service = 0;
  };
  struct seek {  // the next news of this table for this peer are those after `upto`; 0: those from now on
    sync_number service = 0;
    stamp upto = 0;
  };
  struct start_snapshot {  // from the newest on
    sync_number service = 0;
  };
  struct start_repair {  // of these buckets; none is under way
    sync_number service = 0;
    std::vector<std::uint16_t> buckets;
  };
  struct send_entries {  // one frame's worth; then tell `sent`
    sync_number service = 0;
    entry_kind kind = entry_kind::news;
    bool anyhow = false;  // also if there are none: `upto` counts
  };
  struct send_digest {  // of this table, now, unless there are news for this peer after it was made; tell `digested`
    sync_number service = 0;
  };
  struct merge {  // into our table of that name; then tell `merged`
    std::string name;
    sync_entries what;
  };
  // With our table of that name; then tell `compared`. A bucket does not count as differing if a client of ours did
  // something there later than `acknowledged`: the peer may not know it yet.
  struct compare {
    std::string name;
    std::uint32_t capacity = 0;  // of the peer's table
    stamp acknowledged = 0;
    bool quiet = false;  // there is nothing later, unless news are waiting to be said
    sync_digest what;
  };
  struct learn {  // the peer's number for a server
    std::string service;
    sync_server what;
  };
  struct tell {
    session_news what;
  };
  using effect = std::variant<dial, hang_up, send, introduce, seek, start_snapshot, start_repair, send_entries,
                              send_digest, merge, compare, learn, tell>;
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
  bool follows(sync_number service) const;

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
  std::uint64_t skipped() const { return skipped_; }         // messages about nothing that we know
  std::optional<instant> since() const { return since_; }    // connected since
  std::optional<instant> heard() const { return heard_; }    // the last message
  std::optional<duration> round_trip() const { return offset_.round_trip(); }  // of the last ping answered
  std::optional<std::int64_t> offset_us() const { return offset_.us(); }       // their wall clock less ours

 private:
  enum class state : std::uint8_t { waiting, calling, greeting, connected, over };
  enum class lane : std::uint8_t { free, asked, draining };  // of entries and digests

  struct of_ours {  // a service, and what this peer knows of it
    sync_service is;
    bool followed = false;
    bool unmarked = false;      // it hasn't heard yet from where on it knows our news
    bool news = false;          // there may be some to say
    bool snapshot = false;      // to go on with
    bool showing = false;       // its end is not said yet
    bool repair = false;        // to go on with
    bool digest = false;        // to say when nothing of the above is left
    instant digest_at{};        // the next is due
    instant digest_said{};      // the last
    stamp said = 0;             // on any connection
    stamp acknowledged = 0;     // on this one
    std::deque<stamp> whole{};  // said and not acknowledged yet: up to here really all was said, no client moved on
  };
  enum class verdict : std::uint8_t { none, equal, differs, repaired, incomparable };
  struct of_theirs {  // a service, and what we know of it; outlives a connection, but not the peer
    std::string name;
    std::uint32_t capacity = 0;
    bool told = false;  // on this connection
    std::optional<sync_number> ours{};
    stamp upto = 0;  // all of the peer's own news up to there are merged, if the snapshot ended. A word of the peer's,
                     // only ever given back to it
    bool snapshot_ended = false;
    verdict digest = verdict::none;
    bool wanting = false;  // a repair is under way
    instant wanted_at{};
    unsigned wants = 0;  // since it was last equal
    std::optional<instant> compared{};
    std::uint32_t size = 0;
    std::uint64_t differed = 0;
  };

  // session.cpp: the connection
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
  void forget_connection();
  bool calls_first() const { return own_.node < name_; }
  void move_to(state next) { state_ = next; }
  void review(instant now, effects& out);

  // session_tell.cpp: what the peer is told of our services
  void take(const services& e, instant now, effects& out);
  void take(const named& e, instant now, effects& out);
  void take(const news& e, instant now, effects& out);
  void take(const drained&, instant now, effects& out);
  void take(const sent& e, instant now, effects& out);
  void take(const digested& e, instant now, effects& out);
  void take(const check&, instant now, effects& out);
  void hear(const sync_resume& what, instant now, effects& out);
  void hear(const sync_ack& what, instant now, effects& out);
  void hear(const sync_want& what, instant now, effects& out);
  void add(const sync_service& what, effects& out);
  void drop(sync_number service, effects& out);
  void ask(sync_number service, entry_kind kind, effects& out);
  void ask_digest(effects& out);
  bool learns(sync_number service) const;  // the peer tells us all that it knows of it
  void go_on(instant now, effects& out);
  std::optional<sync_number> next_with(bool of_ours::* what) const;
  of_ours* followed(sync_number service);

  // session_hear.cpp: what it tells us of its own, and whether that is all
  void take(const merged& e, instant now, effects& out);
  void take(const compared& e, instant now, effects& out);
  void hear(const sync_hello& what, instant now, effects& out);
  void hear(const sync_service& what, instant now, effects& out);
  void hear(const sync_server& what, instant now, effects& out);
  void hear(const sync_entries& what, instant now, effects& out);
  void hear(const sync_digest& what, instant now, effects& out);
  void hear(const sync_ping& what, instant now, effects& out);
  void hear(const sync_pong& what, instant now, effects& out);
  void hear(const sync_farewell& what, instant now, effects& out);
  void hear(const sync_unknown& what, instant now, effects& out);
  template <class Other>
  void hear(const Other& what, instant now, effects& out);  // for the driver
  void meet(of_theirs& t, effects& out);
  of_theirs* spoken_of(sync_number service, instant now, effects& out);
  bool may_want(const of_theirs& t, instant now) const;
  std::optional<sync_number> our_number(const std::string& service) const;

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
  bool introduced_ = false;        // the peer has told all its services
  bool in_sync_ = false;
  lane lane_ = lane::free;
  sync_number turn_ = 0;  // the service that spoke last
  unsigned news_in_a_row_ = 0;
  std::size_t names_heard_ = 0;  // on this connection
  std::uint64_t skipped_ = 0;
  std::map<sync_number, of_ours> ours_;
  std::map<sync_number, of_theirs> theirs_;
  clock_offset offset_;
  bool apart_ = false;
  std::string software_;
  std::string trouble_;
};

static_assert(machine<session>);

}  // namespace holdfast
