// What one other node is told of our client tables, and what it knows of them: for each service that it has resumed the
// names of its servers, news at once, between them a snapshot if it knows nothing, what it wants repaired, and at times
// our digest, when all that is said. Knows no connection and no table: who drives it carries out its orders.
//
// News come before a snapshot, a snapshot before repairs, but each gets a turn, and so does each service; one batch at
// a time, the next when the kernel has taken the one before (`drained`): the peer's slowness costs us no memory.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/machine.h"
#include "sync/message.h"

namespace holdfast {

class sender {
 public:
  struct connected {};
  struct disconnected {};  // what the peer has resumed is void
  struct services {        // of ours, all that there are now: at most max_sync_services
    std::vector<sync_service> all;
  };
  struct news {  // clients of this service have done something
    sync_number service = 0;
  };
  struct shown {  // the peer has shown its digest of this service of ours
    sync_number service = 0;
  };
  struct learns {  // of these the peer has not told all that it knows: our digest could but differ
    std::vector<sync_number> services;
  };
  struct check {};    // exchange digests now
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
  using event = std::variant<connected, disconnected, services, news, shown, learns, check, drained, sent, digested,
                             sync_resume, sync_ack, sync_want, wake>;

  struct introduce {  // send the names of all servers of this service; of those that come later, before they are used
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
  struct confirmed {  // the peer has merged all of this service that our clients did up to here
    sync_number service = 0;
    stamp upto = 0;
  };
  struct break_off {  // what it says can't be; as if `disconnected` were told
    std::string why;
  };
  using effect = std::variant<sync_service, introduce, seek, start_snapshot, start_repair, send_entries, send_digest,
                              confirmed, break_off>;  // a message is to be said
  // At most one for each service (of changed services: two), and three.
  using effects = std::vector<effect>;

  // interval: between digests.
  explicit sender(duration interval) : interval_(interval) {}

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  // It knows all of ours that was, and merges the news: confirmation can be waited for.
  bool follows(sync_number service) const;
  stamp acknowledged(sync_number service) const;      // it knows the news up to here
  bool is_quiet(sync_number service) const;           // it knows all that was said
  std::uint64_t skipped() const { return skipped_; }  // messages about nothing that we know
  const std::vector<sync_number>& learning() const { return learning_; }

  struct view {
    std::string name;
    std::uint32_t capacity = 0;
    stamp acknowledged = 0;
  };
  std::vector<view> views() const;

 private:
  enum class lane : std::uint8_t { free, asked, draining };  // of entries and digests

  struct table {  // one of ours, and what this peer knows of it
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

  void take(const connected&, instant now, effects& out);
  void take(const disconnected&, instant now, effects& out);
  void take(const services& e, instant now, effects& out);
  void take(const news& e, instant now, effects& out);
  void take(const shown& e, instant now, effects& out);
  void take(const learns& e, instant now, effects& out);
  void take(const check&, instant now, effects& out);
  void take(const drained&, instant now, effects& out);
  void take(const sent& e, instant now, effects& out);
  void take(const digested& e, instant now, effects& out);
  void take(const sync_resume& what, instant now, effects& out);
  void take(const sync_ack& what, instant now, effects& out);
  void take(const sync_want& what, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void forget();
  void refuse(std::string why, effects& out);
  void go_on(effects& out);
  void ask(sync_number service, entry_kind kind, effects& out);
  void ask_digest(effects& out);
  std::optional<sync_number> next_with(bool table::* what) const;
  table* followed(sync_number service);
  const table* find(sync_number service) const;

  duration interval_;
  bool connected_ = false;
  lane lane_ = lane::free;
  sync_number turn_ = 0;  // the service that spoke last
  unsigned news_in_a_row_ = 0;
  std::uint64_t skipped_ = 0;
  std::map<sync_number, table> tables_;
  std::vector<sync_number> learning_;
};

static_assert(machine<sender>);

}  // namespace holdfast
