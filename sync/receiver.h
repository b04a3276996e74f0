// What one other node tells us of its services, and whether we know all that it knows: what is merged into our tables,
// what is acknowledged, and what we want repaired. Knows no connection and no table: who drives it carries out its
// orders.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/machine.h"
#include "sync/message.h"

namespace holdfast {

class receiver {
 public:
  struct connected {
    bool afresh = false;  // the peer has started anew: what it said before is void
  };
  struct disconnected {};
  struct introduced {};  // the peer has told all its services
  struct services {      // of ours, all that there are now. A number names one table for ever
    std::vector<sync_service> all;
  };
  struct shown {  // its digest, and what it knows of our table then
    sync_digest what;
    stamp acknowledged = 0;
    bool quiet = false;  // all that was said to it
  };

  // What became of an effect; told before any other event.
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
  using event = std::variant<connected, disconnected, introduced, services, sync_service, sync_server, sync_entries,
                             shown, merged, compared>;

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
  struct repairs {            // buckets differed; what the peer has there is on its way
    sync_number service = 0;  // ours
    std::size_t buckets = 0;
  };
  struct break_off {  // what it says can't be; as if `disconnected` were told
    std::string why;
  };
  using effect = std::variant<sync_resume, sync_ack, sync_want, merge, compare, learn, repairs,
                              break_off>;  // a message is to be said
  using effects = std::vector<effect>;     // at most two, when our services change one for each

  // interval: between digests.
  explicit receiver(duration interval) : interval_(interval) {}

  effects on(const event& e, instant now);  // nothing is ever due

  std::string doubt() const;                  // why we may not know all, "" = we do
  std::vector<sync_number> learning() const;  // services of ours of which it hasn't told all that it knows
  std::optional<sync_number> our_number(sync_number service) const;  // of a service of its, if we have it, too
  std::uint64_t skipped() const { return skipped_; }                 // messages about nothing that we know

  struct view {
    std::string name;
    std::uint32_t capacity = 0;
    bool equal = false;  // by the last digest
    bool fits = true;    // ... each has room for all that the other holds
    std::optional<instant> compared{};
    std::uint32_t size = 0;      // by the last digest
    std::uint64_t differed = 0;  // buckets that had to be repaired, so far
    bool snapshot_ended = false;
  };
  std::vector<view> views() const;

 private:
  enum class verdict : std::uint8_t { none, equal, differs, repaired, incomparable };
  struct table {  // one of the peer's, and what we know of it; outlives a connection, but not the peer
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

  void take(const connected& e, instant now, effects& out);
  void take(const disconnected&, instant now, effects& out);
  void take(const introduced&, instant now, effects& out);
  void take(const services& e, instant now, effects& out);
  void take(const sync_service& what, instant now, effects& out);
  void take(const sync_server& what, instant now, effects& out);
  void take(const sync_entries& what, instant now, effects& out);
  void take(const shown& e, instant now, effects& out);
  void take(const merged& e, instant now, effects& out);
  void take(const compared& e, instant now, effects& out);

  void forget();
  void refuse(std::string why, effects& out);
  void meet(table& t, effects& out);
  table* spoken_of(sync_number service, effects& out);
  bool may_want(const table& t, instant now) const;

  duration interval_;
  bool introduced_ = false;
  std::size_t names_heard_ = 0;  // on this connection
  std::uint64_t skipped_ = 0;
  std::vector<sync_service> ours_;
  std::map<sync_number, table> theirs_;
};

}  // namespace holdfast
