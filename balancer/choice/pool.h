// One service as the workers see it: its servers, policy and limits. Immutable; a change makes a new pool. What moves
// (connections, health) is in relaxed atomics that successive pools share.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "balancer/choice/acl.h"
#include "balancer/table/client_table.h"
#include "balancer/table/replication_watermark.h"
#include "base/address.h"
#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Whether connects succeed there: of a server, or of one port of it. All relaxed but `trouble`, shared by all threads
// and by all pools that name the server. Times are an instant's count, 0 = none.
struct reach_live {
  std::atomic<std::int64_t> blacklisted_until{0};  // since a connect failed
  std::atomic<bool> up{true};                      // what the active check says
  std::atomic<std::int64_t> well_at{0};            // the last check that passed began then
  std::atomic<std::int64_t> ill_at{0};             // the last check that failed began then
  std::atomic<std::int64_t> returned_at{0};        // up again, enabled again, or taken back before its time
  std::atomic<std::uint32_t> pending{0};           // connects under way
  std::atomic<std::int64_t> asked_at{0};           // the first connect that has begun since one was answered last
  std::atomic<std::int64_t> answered_at{0};        // a connect succeeded
  std::string trouble;                             // what failed last, and where; for the control thread alone

  bool is_blacklisted(instant now) const;
  bool was_well_after(instant when) const;  // a check that began later has passed
  // Ends the blacklisting that ends at `until`; false if there is none, or another one by now.
  bool end_blacklisting(std::int64_t until, instant now);

  // A blacklisting has run out, and nobody knows yet whether the server is back: whoever comes first tries it alone, as
  // if it lasted for `patience` more.
  void try_alone(duration patience, instant now);

  void connect_begins(instant now);
  void connect_ends(bool answered);  // refused counts as an answer

  // Some connects have been waiting for a while, and none has been answered since: new clients had better not join
  // them.
  bool is_silent(instant now) const;
};

// One port of a server that has none of its own, in a service with several.
struct port_live : reach_live {
  explicit port_live(std::uint16_t number) : port(number) {}
  const std::uint16_t port;
};

// The moving part of a server, as reach_live is. With ports it is up while a check of one of them says so.
struct server_live : reach_live {
  std::atomic<std::uint32_t> connections{0};    // now, those still connecting included
  std::atomic<std::uint64_t> connects{0};       // successful, since start
  std::atomic<std::uint64_t> failures{0};       // connects refused or timed out
  std::atomic<std::uint64_t> sent{0};           // bytes to the server (Pen's sx)
  std::atomic<std::uint64_t> received{0};       // bytes from the server (Pen's rx)
  std::atomic<std::int64_t> disabled_until{0};  // the operator's blacklisting, which nothing but the operator lifts
  std::atomic<std::int64_t> turn{0};            // smooth weighted round robin: who is furthest ahead is next
  std::atomic<std::uint32_t> address{0};        // of address_at(), where a connect succeeded last; may be too high

  bool is_disabled_for_now(instant now) const;
  void disable_for(duration how_long, instant now);  // 0s: to be chosen again, whatever has failed

  // When it came back last: the start of slow start. None if it was never away.
  std::optional<instant> returned(instant now) const;
};

inline constexpr std::size_t max_server_addresses = 16;

struct server {
  std::string name;      // as the operator says it
  std::string host;      // as the operator has written it: an address or a name; "" = a UNIX socket
  std::string identity;  // stable; what the client table and the hash mean
  server_id id = 0;
  std::uint64_t identity_hash = 0;  // depends on identity alone
  std::uint64_t host_hash = 0;      // for rendezvous hashing: the same at every port, see host_hashes()
  bool usable = false;              // has an address
  endpoint where;                   // port 0: the listener's port
  std::vector<endpoint> others;     // further addresses of its name; all nodes have them in the same order
  std::uint32_t max = 0, hard = 0, prio = 0;
  std::optional<std::uint32_t> weight;  // none: 1, where others have one
  bool drain = false;
  std::shared_ptr<const acl> permits;             // never null
  std::shared_ptr<server_live> live;              // never null
  std::vector<std::shared_ptr<port_live>> ports;  // sorted; empty: it has a port of its own, or the service has but one

  // Its addresses, the first one first: 1 to max_server_addresses; i is below addresses().
  std::size_t addresses() const { return 1 + others.size(); }
  const endpoint& address_at(std::size_t i) const { return i == 0 ? where : others[i - 1]; }

  // Where a failed connect of a client at that port counts, and whether the next one is worth it.
  reach_live& reach(std::uint16_t port) const;

  // Of all its ports, or of the server as a whole where these are not told apart.
  template <class F>
  void each_reach(F f) const {
    if (ports.empty()) f(*live);
    for (const auto& one : ports) f(*one);
  }
  bool is_blacklisted(instant now) const;  // at every port
};

// Of servers, in their order: of the host (or path) as the operator wrote it, and of how many stand before it at the
// same one. So services and processes that have the same hosts agree on where a client belongs, whatever ports they
// use.
std::vector<std::uint64_t> host_hashes(const std::vector<server_settings>& servers);

// The moving part of a service.
struct service_live {
  std::atomic<std::uint32_t> connections{0};  // client connections now, all workers
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused_acl{0};
  std::atomic<std::uint64_t> no_server{0};    // closed because no server was left
  std::atomic<std::uint64_t> server_down{0};  // connections closed because their server was down and silent
  std::atomic<std::uint64_t> departed{0};     // ... because their address had left this machine
  std::atomic<std::uint64_t> to_emergency{0};
  std::atomic<std::uint64_t> to_abuse{0};
  std::atomic<std::uint64_t> full{0};           // times that a worker stopped accepting at conn_max
  std::atomic<std::uint64_t> pending_full{0};   // ... at pending_total
  std::atomic<std::uint64_t> no_files{0};       // ... for want of descriptors
  std::atomic<std::uint64_t> no_room{0};        // connects for which this machine had no port, descriptor or memory
  std::atomic<std::uint64_t> misconfigured{0};  // connects that can't be: no route, wrong family, no permission
  std::atomic<std::uint32_t> cursor{0};         // index of the server used last by plain round robin
};

struct pool {
  std::uint32_t service = 0;  // number of the service, for the life of the process
  service_settings policy;    // scalars only are read by workers; its listeners and servers may be empty
  std::vector<server> servers;
  std::optional<server> emergency;  // id, name and live are set, too
  std::optional<server> abuse;
  std::shared_ptr<const acl> client_acl;            // never null
  bool source_moves = false;                        // policy.source is here with a role of this node only
  bool asks_country = false;                        // some acl of this pool asks for the client's country
  std::shared_ptr<client_table> clients;            // never null
  std::shared_ptr<replication_watermark> followed;  // who follows these clients; null: nobody ever does
  std::shared_ptr<service_live> live;               // never null

  // Checks believe none of the servers alive, or fewer than policy.panic percent: use all of them. Only servers that
  // take new clients count, not those without address, drained or set aside; what clients' connects met is no word of a
  // check. Not when nobody is alive and there is an emergency server to turn to.
  bool panic(instant now) const;
  const server* find(server_id id) const;                  // O(log n) or better
  std::vector<std::pair<server_id, std::uint32_t>> by_id;  // sorted; filled by index()
  // former: ids of servers by which clients may still know one of these, and the identity of that one.
  void index(const std::map<server_id, std::string>& former = {});

  // Notes which servers `former` drained and this pool does not: they have returned.
  void note_enabled(const pool& former, instant now) const;

  // What makes a client's identity, for the table and the hash: its address, cut to policy.client_prefix4 or 6.
  address key_of(const address& client) const;
};

}  // namespace holdfast
