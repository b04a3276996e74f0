// Which server each client visited last: a fixed array of slots, an open-addressing index of slot numbers, and a list
// in strict order of last use, which is also the log of replication: a peer's cursor stands on the list, and what is
// newer than it is what the peer must be told. Every operation of a connection is O(1). Knows neither servers (only
// their ids) nor sockets.
#pragma once

#include <array>
#include <bitset>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "balancer/table/table_order.h"
#include "balancer/table/visitors.h"
#include "base/address.h"
#include "base/machine.h"
#include "sync/digest.h"
#include "sync/entry.h"

namespace holdfast {

// Depends on the text alone; equal on every node and in every version (it decides who goes where).
std::uint64_t identity_hash(std::string_view identity);

struct client_record {
  address client;
  server_id server = nobody;
  std::uint32_t connects = 0;  // here, not at the peers; stays at max_connects
  std::uint64_t sent = 0;      // bytes towards the client; stays at max_counted
  std::uint64_t received = 0;  // bytes from the client; likewise
  stamp assigned = 0, used = 0;
  unix_ms when = 0;  // it was used, by our own time
};

inline constexpr unsigned max_peers = 7;
inline constexpr unsigned table_file_cursor = max_peers;  // for start_snapshot() and snapshot() alone: the file on disk
inline constexpr unsigned compare_cursor = max_peers + 1;  // for seek() and news(): what a peer may not know yet
inline constexpr unsigned max_cursors = max_peers + 2;

// What one connection has to do with the table. Kept with the connection, given to every call for it, from find() to
// leave(); only the table writes it.
struct client_visit {
  stamp seen = 0;           // since when its client has had the server that the connection knows of; 0 = none
  bool connecting = false;  // it is one of those that look for a server
  bool running = false;     // it is one of those that have reached one, and for which the client is kept
  bool reached = false;     // it has reached one: its end is a use
};

// Thread-safe: one lock, held for one operation and never across I/O; what takes longer gives it back between pieces.
// At most 64 bytes a client all in (slot + index), 11 KB a table, and up to 130 bytes for each client that is connected
// now. `now` is our own time, steady_ms(): setting the wall clock changes nothing here. Of two calls that come with the
// same, or with an earlier one, the later is the later all the same.
//
// A client that opens several connections at once is to meet one server. So whoever looks for a server reserves it:
// find() and reserve() send those that come meanwhile to the same one. When it can't be had, the reservation passes to
// the next that somebody tries, and the others follow when it fails them, too. A reservation ends with the connects;
// neither peers nor the disk hear of it, and it takes no client's place.
//
// A client that is connected is in use: one that would be forgotten for a newcomer counts as used now instead, and the
// next is looked at, 64 of them at most. Whoever is connected is known whatever `tracking` says.
//
// A client forgotten by order stays as a tombstone (an assignment to nobody), for the peers must learn of it, and goes
// as others go, when it is the least recently used. It is told to peers and part of the digest, but find(), look(),
// recent() and size() don't know it.
class client_table {
 public:
  // capacity: 1 .. 16 million. seed: random, from outside, so that nobody can aim at one bucket. advise: for all its
  // memory; a big table in small pages costs a connection more in page walks than in anything else.
  client_table(std::uint32_t capacity, std::uint64_t seed, memory_advice advise = nullptr);

  // The identity_hash() of a server, for the digest and for equal stamps. Before its id (1 .. max_server_id) is used
  // here in any way; always the same one. Two ids of one identity are the same server.
  void know(server_id id, std::uint64_t identity);

  // find() will be asked for this client in a moment: of a big table, the memory is far away.
  void expect(const address& client) const;

  // The server that is reserved for this client, else the one that it visited last. None if unknown, or not used for
  // longer than `tracking` (it stays as it is: the peers' tables wouldn't forget it, either); tracking 0 = never too
  // long. visit: of the connection that asks.
  std::optional<server_id> find(const address& client, unix_ms now, duration tracking,
                                client_visit* visit = nullptr) const;

  // The connection is about to be made to `wanted`, not because find() had said so. `failed`: where it has just failed,
  // or nobody. Returns where it should go: to `wanted`, which others follow from now on; or to where others of its
  // client go or have gone meanwhile. If the caller can't go there it may go to `wanted` all the same. With 64 Ki
  // clients that look for a server it is `wanted`, and nobody follows.
  server_id reserve(const address& client, server_id wanted, client_visit& visit, server_id failed = nobody);

  struct settled {
    stamp when = 0;         // of this use; 0 = nothing happened
    bool fresh = false;     // an assignment that no peer knows yet
    stamp assigned = 0;     // since when the client has had its server
    server_id at = nobody;  // the server to which the client belongs now
  };

  // The client has reached this server: remember it, most recently used, one more connect. Full: the least recently
  // used client is forgotten. If the client has got another server since this connection asked, over another connection
  // or another node, it belongs there: that is a use, and no more. visit: none = a connection that is over at once.
  settled settle(const address& client, server_id server, unix_ms now, client_visit* visit = nullptr);

  // The client has ended its side of the connection: it is not kept because of this one any more. leave() comes yet.
  void let_go(const address& client, client_visit& visit);

  // The connection is over, or will be made no more: whatever it has done. Adds to the client's byte counts if it ran,
  // and was then a use of the client until now; what is returned has a time only if that was more than a second after
  // the last one.
  settled leave(const address& client, client_visit& visit, unix_ms now, std::uint64_t sent, std::uint64_t received);

  // An order: from now on the client belongs to this server, or to nobody. Known or not; not a connect.
  settled assign(const address& client, server_id server, unix_ms now);

  // Assigns it to nobody, with all counts lost. False if it is unknown.
  bool forget(const address& client, unix_ms now);

  // Adds to the client's byte counts, if it is still known. Does not count as use.
  void account(const address& client, std::uint64_t sent, std::uint64_t received);

  // What is known of a client; does not count as use.
  std::optional<client_record> look(const address& client) const;

  // Clients used at or after `since`, by our own time, most recent first, at most `limit`. Copies under the lock in
  // bounded pieces.
  std::vector<client_record> recent(unix_ms since, std::size_t limit) const;

  // Changes the capacity; entries move over in pieces of migrate(), most recent first; what does not fit is forgotten,
  // oldest first. The `capacity` most recent clients are known all the while; an older one may be until the end. A
  // resize during a resize begins when that one has ended.
  void resize(std::uint32_t capacity);
  // True while there is more to move. former: gets the array that is empty at last, for it takes the system a while to
  // take a large one back; null = that happens here.
  bool migrate(std::size_t at_most, std::unique_ptr<table_slots>* former = nullptr);

  std::size_t size() const;        // without tombstones; never above capacity(), even while there are more to forget
  std::uint32_t capacity() const;  // the one last asked for
  std::uint64_t evictions() const;
  // Of these, clients that had been used within the hour before.
  std::uint64_t recent_evictions() const;
  // How many clients the table should have room for, so that nobody is forgotten within an hour: its capacity, and
  // those that were forgotten so in this or in the last hour, whichever were more. Too high where the same ones are
  // forgotten again and again.
  std::uint64_t would_hold(unix_ms now) const;
  std::uint64_t unreserved() const;  // connections that reserve() had to leave alone
  std::size_t visiting() const;      // clients that are connected, or about to be
  // All memory of a table of that capacity; a resize needs both, the former and the new one's.
  static std::size_t bytes_for(std::uint32_t capacity);

  // --- replication. What has to do with one peer (0 .. max_peers - 1, or one of the cursors above) is for
  // one thread at a time.

  struct merge_report {
    std::uint64_t taken = 0;    // entries that told us something
    std::uint64_t known = 0;    // all of it was known
    std::uint64_t dropped = 0;  // older than all of a full table, or without a stamp that could be one
    std::uint64_t ahead = 0;    // recall(), besides: assigned at a time that we have not reached
  };

  // Entries of a peer with our own ids of servers. Sorted by `used` either way they cost O(1) each; others are sorted
  // first, and a batch then costs one walk along the list at most.
  merge_report merge(std::span<const sync_entry> batch, unix_ms now);

  // Entries of a file. What it says of a time that we have not reached counts as long ago, recalled(), until the client
  // is here: who lives knows better.
  merge_report recall(std::span<const sync_entry> batch, unix_ms now);

  // News: entries with something that we were the first to know (through settle, assign), the oldest first.
  void seek(unsigned peer, stamp upto);  // the next news are those after upto
  void unfollow(unsigned peer);          // has no news any more, and costs nothing
  // At most out.size(), returns how many. upto: whoever has these and those before has all of ours up to there (also
  // when 0 are returned); it never runs backwards. An entry may be told twice.
  std::size_t news(unsigned peer, std::span<sync_entry> out, stamp& upto);
  bool has_news(unsigned peer) const;  // may say yes when news() then finds that they have gone, but only once

  // All entries, newest first, each at most once. One that moves meanwhile may be left out: it is in the news, ours or
  // those of whoever moved it.
  void start_snapshot(unsigned peer);
  std::size_t snapshot(unsigned peer, std::span<sync_entry> out);  // fills out as far as it can; 0 = the end

  // All entries in these buckets, at most out.size() a call, returns how many; it looks at some thousand slots a call,
  // so that 0 is not the end. `at`: where it stands; 0 = begin, and 0 again at the end. What moves during a resize may
  // be left out.
  std::size_t bucket_entries(const std::bitset<digest_buckets>& which, std::size_t& at, std::span<sync_entry> out);

  table_digest digest(std::uint32_t& size) const;  // size: of all in it, with tombstones
  stamp latest() const;                            // no stamp here is later

  // How old stamps are, for the peers and from them: with every digest.
  unix_ms when(stamp s) const;  // by our own time
  std::vector<clock_mark> clock_marks(unix_ms now) const;
  void meet(std::span<const clock_mark> theirs, unix_ms now);

 private:
  struct follower {
    explicit follower(table_order& of) : said(of), to_show(of) {}
    table_order::cursor said;     // what is newer has yet to be told
    table_order::cursor to_show;  // the snapshot's next
    stamp upto = 0;               // all our own up to here has been told
    bool follows = false;
  };

  // All of these want the lock held.
  table_order::spot use(table_order::spot known, std::uint64_t hash, unix_ms now);
  bool make_room(stamp newcomer, unix_ms now);
  void count_recent(unix_ms now);
  bool runs(const address& client, std::uint64_t hash) const;
  void redirect(const address& client, std::uint64_t hash, server_id server);
  bool has_moved(table_order::spot known, const client_visit& visit) const;
  settled give(table_order::spot known, const address& client, server_id server, unix_ms now, std::uint64_t hash);
  bool merge_one(const sync_entry& told, unix_ms now, unsigned& steps, merge_report& report);
  bool seek_on(follower& f, stamp upto);
  void use_connected();  // wants it not held

  mutable std::mutex lock_;
  server_identities identities_;
  mutable table_order order_;  // a reader's cursor leaves its mark
  mutable visitors visitors_;
  hybrid_clock clock_;
  stamp newest_own_ = 0;  // no own entry is newer
  std::vector<std::unique_ptr<follower>> replication_watermark_;
  std::uint64_t unreserved_ = 0, recent_evictions_ = 0;
  std::uint64_t hour_ = 0;                             // since 1970, in which the first of these were counted
  std::array<std::uint64_t, 2> evicted_in_hour_ = {};  // this one, the one before
};

}  // namespace holdfast
