// What the balancers of a cluster say to each other on the sync channel (docs/sync-protocol.md): values, and their
// bytes in one frame each. Knows no connection.
//
// Numbers (of services, of servers) are the sender's own; their names are said before they are used. Entries travel
// packed (sync/packed.h): a message of entries holds their bytes as they are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/one_of.h"
#include "base/result.h"
#include "base/tls/secret.h"
#include "base/vocabulary.h"
#include "sync/digest.h"
#include "sync/entry.h"

namespace holdfast {

// Nodes whose major numbers differ don't talk. A higher minor number adds messages, and fields at the end of messages.
inline constexpr std::uint8_t sync_major = 1;
inline constexpr std::uint8_t sync_minor = 2;

inline constexpr std::size_t sync_frame_limit = 64 << 10;  // bytes
inline constexpr std::size_t max_sync_packed = 63 << 10;   // bytes of the entries in one message
inline constexpr std::size_t max_sync_text = 48 << 10;     // bytes of a command or an answer
inline constexpr std::size_t max_sync_secret = 256;        // bytes
inline constexpr std::size_t max_sync_software = 64;       // bytes
inline constexpr std::size_t max_sync_name = 255;          // bytes of a service's name or a server's identity
inline constexpr std::size_t max_sync_services = 256;      // that one node may tell of
inline constexpr std::size_t max_sync_servers = 16 << 10;  // of all services together, over one connection
inline constexpr std::size_t max_sync_groups = 64;

// The first word of both ends.
struct sync_hello {
  std::string node;               // its name
  std::string software;           // its version, for display: printable ASCII, at most 64 bytes
  std::uint64_t incarnation = 0;  // random; another one = it has started afresh and knows nothing of before
  std::uint8_t major = sync_major;
  std::uint8_t minor = sync_minor;
  bool operator==(const sync_hello&) const = default;
};

// A service has this number, and a table with room for so many; 0: it is gone. A number names one table for ever. All
// are told before the first ping, and each change.
struct sync_service {
  sync_number service = 0;
  std::uint32_t capacity = 0;
  std::string name;
  bool operator==(const sync_service&) const = default;
};
struct sync_server {  // a server of it has this number, and this identity
  sync_number service = 0;
  sync_number server = 0;
  std::string identity;
  bool operator==(const sync_server&) const = default;
};

// "Of your service I know all that you have said up to this stamp": 0 = nothing, say all. Said by its name for each
// table of a service that both have, and again when there is room for more; the names of its servers and entries flow
// from then on.
struct sync_resume {
  std::string service;
  stamp upto = 0;
  bool operator==(const sync_resume&) const = default;
};

enum class entry_kind : std::uint8_t {
  news,      // what the sender's own clients did, the oldest first
  snapshot,  // all that it knows, the newest first
  repair,    // what is in the buckets asked for, in any order
};
struct sync_entries {
  sync_number service = 0;
  entry_kind kind = entry_kind::news;
  stamp upto = 0;     // news: whoever has merged this knows all of the sender's own up to here. Others: 0
  bool last = false;  // snapshot, repair: there is no more
  std::vector<std::uint8_t> packed;
  bool operator==(const sync_entries&) const = default;
};
// "I have merged your news up to here."
struct sync_ack {
  sync_number service = 0;  // the number of whoever is told
  stamp upto = 0;
  bool operator==(const sync_ack&) const = default;
};

// The sender's table at the moment when it had said everything: whoever has merged what came before can compare.
struct sync_digest {
  sync_number service = 0;
  std::uint32_t size = 0;
  std::vector<std::uint64_t> sums = std::vector<std::uint64_t>(digest_buckets);  // always so many
  std::vector<clock_mark> clock = {};                                            // of the table; none: version 1.0
  bool operator==(const sync_digest&) const = default;
};
struct sync_want {          // what is in these buckets, please: 1 to digest_buckets numbers, ascending
  sync_number service = 0;  // the number of whoever is told
  std::vector<std::uint16_t> buckets;
  bool operator==(const sync_want&) const = default;
};

struct sync_ping {
  std::uint64_t sent = 0;  // a number of the sender's own, repeated in the pong
  bool operator==(const sync_ping&) const = default;
};
struct sync_pong {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;  // wall time, microseconds since 1970
  bool operator==(const sync_pong&) const = default;
};

// What a node knows of itself; it takes the place of the status before.
struct sync_group {
  std::string name;
  role is = role::initialize;
  std::uint8_t priority = 0;  // as its configuration says, 0 = not known
  bool operator==(const sync_group&) const = default;
};
struct sync_status {
  std::uint64_t uptime = 0;  // seconds
  std::uint32_t connections = 0;
  std::uint32_t servers = 0;
  std::uint32_t servers_alive = 0;
  std::uint8_t in_sync = 0;  // does it know all that we know, as far as it can tell?
  std::uint64_t config = 0;  // hash of the lines of its configuration
  std::vector<sync_group> groups;
  bool operator==(const sync_status&) const = default;
};

// What an operator or the checks think of a server: of whoever is active.
inline constexpr std::uint32_t weight_unsaid = 0xffffffff;

struct sync_server_state {
  std::string service;
  std::string identity;
  std::uint32_t weight = weight_unsaid;
  bool drain = false;
  bool up = true;           // as the checks of the sender see it
  std::uint32_t aside = 0;  // ms for which the operator has set it aside yet
  stamp said = 0;           // when the operator last said something of it; the later wins
  bool operator==(const sync_server_state&) const = default;
};

// Secrets that both nodes must have (TLS ticket keys, the TCP Fast Open key). Never on disk; whoever holds it wipes it.
struct sync_secret {
  std::string name;    // "tls-ticket", "tcp-fastopen"
  stamp made = 0;      // the later wins
  secret_bytes bytes;  // at most max_sync_secret
  bool operator==(const sync_secret&) const = default;
};

// A command for the other node, and its answer. say: do it; prepare: promise that you would; commit: do what you have
// promised; forget: take it back; keep: for good. Between nodes of version 1.2 and later; before, 1.1 had no `keep`,
// promised nothing and took nothing back.
enum class order_phase : std::uint8_t { say, prepare, commit, forget, keep };
inline constexpr std::uint8_t minor_that_keeps = 2;
inline constexpr std::string_view whole_file = "load\n";
struct sync_order {
  std::uint64_t id = 0;
  order_phase phase = order_phase::say;
  std::string text;  // say, prepare: a command line, or whole_file and a configuration file. Else empty
  bool operator==(const sync_order&) const = default;
};
struct sync_answer {
  std::uint64_t id = 0;
  bool accepted = false;
  std::string text;  // a reply, as the control socket gives it; or why not
  bool operator==(const sync_answer&) const = default;
};

struct sync_farewell {  // "I leave in order"
  bool operator==(const sync_farewell&) const = default;
};

// A message of a later minor version: to be skipped.
struct sync_unknown {
  std::uint8_t type = 0;
  bool operator==(const sync_unknown&) const = default;
};

struct sync_messages {
  using type = std::variant<sync_hello, sync_service, sync_server, sync_resume, sync_entries, sync_ack, sync_digest,
                            sync_want, sync_ping, sync_pong, sync_status, sync_server_state, sync_secret, sync_order,
                            sync_answer, sync_farewell, sync_unknown>;
};
extern template struct one_of<sync_messages>;
using sync_message = one_of<sync_messages>;

enum class sync_refusal : std::uint8_t {
  cut_short,
  too_many,
  bad_name,
  bad_software,
  bad_role,
  bad_kind,
  bad_bucket,
  bad_time,
  too_long,
};
const char* describe(sync_refusal why);

// The payload of one frame. What can't be said (a bad name, a text too long) is our bug and aborts. Of a sync_secret it
// holds the only copy made: wipe() it once it is sent.
std::vector<std::uint8_t> encode(const sync_message& what);

// Bytes after what we know of a message are skipped; never more memory than the frame has bytes, and a little. A secret
// is copied once, into its `bytes`; the frame is still there.
result<sync_message, sync_refusal> decode_sync(std::span<const std::uint8_t> frame);

}  // namespace holdfast
