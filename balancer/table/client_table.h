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
#include <vector>

#include "balancer/table/table_order.h"
#include "base/address.h"
#include "base/machine.h"
#include "sync/digest.h"
#include "sync/entry.h"

namespace holdfast {

struct client_record {
  address client;
  server_id server = nobody;
  std::uint32_t connects = 0;  // here, not at the peers; stays at max_connects
  std::uint64_t sent = 0;      // bytes towards the client; stays at max_counted
  std::uint64_t received = 0;  // bytes from the client; likewise
  stamp assigned = 0, used = 0;
};

inline constexpr unsigned max_peers = 7;
inline constexpr unsigned table_file_cursor = max_peers;  // for start_snapshot() and snapshot() alone: the file on disk
inline constexpr unsigned compare_cursor = max_peers + 1;  // for seek() and news(): what a peer may not know yet
inline constexpr unsigned max_cursors = max_peers + 2;

// Thread-safe: one lock, held for one operation and never across I/O; what takes longer gives it back between pieces.
// At most 64 bytes a client all in (slot + index), and 9 KB a table. `now` is wall time: of two calls that come with
// the same, or with an earlier one, the later is the later all the same.
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

  // The server this client visited last; settle() is expected to follow. None if unknown, or not used for longer than
  // `tracking` (it stays as it is: the peers' tables wouldn't forget it, either); tracking 0 = never too long. used: if
  // given, becomes its last use, whatever is returned; 0 = unknown.
  std::optional<server_id> find(const address& client, unix_ms now, duration tracking, stamp* used = nullptr) const;

  struct settled {
    stamp when = 0;      // of this use; 0 = nothing happened
    bool fresh = false;  // an assignment that no peer knows yet
    stamp assigned = 0;  // since when the client has had this server
  };

  // The client has reached this server: remember it, most recently used, one more connect. Full: the least recently
  // used client is forgotten. seen: what find() gave as `used` when this connection came. If the client has reached
  // another server since, over another connection or another node, it belongs there: nothing happens.
  settled settle(const address& client, server_id server, unix_ms now, std::optional<stamp> seen = std::nullopt);

  // An order: from now on the client belongs to this server, or to nobody. Known or not; not a connect.
  settled assign(const address& client, server_id server, unix_ms now);

  // Assigns it to nobody, with all counts lost. False if it is unknown.
  bool forget(const address& client, unix_ms now);

  // Adds to the client's byte counts, if it is still known. Does not count as use.
  void account(const address& client, std::uint64_t sent, std::uint64_t received);

  // What is known of a client; does not count as use.
  std::optional<client_record> look(const address& client) const;

  // Clients used at or after `since`, most recent first, at most `limit`. Copies under the lock in bounded pieces.
  std::vector<client_record> recent(unix_ms since, std::size_t limit) const;

  // Changes the capacity; entries move over in pieces of migrate(), most recent first; what does not fit is forgotten,
  // oldest first. The `capacity` most recent clients are known all the while; an older one may be until the end. A
  // resize during a resize begins when that one has ended.
  void resize(std::uint32_t capacity);
  bool migrate(std::size_t at_most);  // true while there is more to move

  std::size_t size() const;        // without tombstones; never above capacity(), even while there are more to forget
  std::uint32_t capacity() const;  // the one last asked for
  std::uint64_t evictions() const;
  // All memory of a table of that capacity; a resize needs both, the former and the new one's.
  static std::size_t bytes_for(std::uint32_t capacity);

  // --- replication. What has to do with one peer (0 .. max_peers - 1, or one of the cursors above) is for
  // one thread at a time.

  struct merge_report {
    std::uint64_t taken = 0;    // entries that told us something
    std::uint64_t known = 0;    // all of it was known
    std::uint64_t dropped = 0;  // older than all of a full table, or without a stamp
    std::uint64_t clamped = 0;  // besides: stamps too far ahead of `now`, see hybrid_clock::see
  };

  // Entries of a peer with our own ids of servers. Sorted by `used` either way they cost O(1) each; others are sorted
  // first, and a batch then costs one walk along the list at most.
  merge_report merge(std::span<const sync_entry> batch, unix_ms now);

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
  settled give(table_order::spot known, const address& client, server_id server, unix_ms now, std::uint64_t hash);
  bool merge_one(const sync_entry& told, unix_ms now, unsigned& steps, merge_report& report);
  bool seek_on(follower& f, stamp upto);

  mutable std::mutex lock_;
  server_identities identities_;
  mutable table_order order_;  // a reader's cursor leaves its mark
  hybrid_clock clock_;
  stamp newest_own_ = 0;  // no own entry is newer
  std::vector<std::unique_ptr<follower>> followers_;
};

}  // namespace holdfast
