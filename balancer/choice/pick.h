// Choosing a server: arithmetic over an immutable pool. Yields an order of servers, so failover is part of the choice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "balancer/choice/pool.h"

namespace holdfast {

struct client_facts {
  address from;                     // whole; the unspecified one: see is_nameless
  std::uint16_t port = 0;           // of a nameless client anything, and another for each
  std::uint16_t listener_port = 0;  // where it came in
  std::optional<country> country_code;
  std::optional<server_id> remembered;  // what the client table said; none with roundrobin

  // It has come over a UNIX socket: no network is its own, and nobody remembers it.
  bool is_nameless() const { return from == address(); }
};

inline constexpr const char* nameless_client = "unix:";  // instead of an address, in logs and answers

std::string client_text(const address& from);  // its address, or that it has none

enum class target_kind : std::uint8_t { server, emergency, abuse };

struct target {
  target_kind kind = target_kind::server;
  std::uint16_t index = 0;  // of pool.servers when kind == server
  bool operator==(const target&) const = default;
};

inline constexpr std::uint16_t no_server_index = 0xffff;

// A small value kept in the flow: where the order stands. Usage: `order o(...)`, then o.next() until a connect
// succeeds.
//
// First choice: the server the client is remembered at; else by the first rule that is on: lowest prio; fewest
// connections per weight; fewest connections; rendezvous hash; else the one after the last used, or, as soon as a
// server has a weight, in turn by weight, which also decides between equals of the other rules. Weight 0: never. Then,
// by hash: the next in the client's own ranking; else: the next in order of the pool, once around.
class order {
 public:
  order() = default;

  // The order for this client. random: 64 fresh random bits (power of two choices, slow start). Moves the pool's round
  // robin cursor when plain round robin made the choice.
  order(const pool& p, const client_facts& client, instant now, std::uint64_t random);

  // The next server to try: one that has an address, is not blacklisted, up (or panic), permitted by its acl, has room,
  // and answers connects: fewer than policy.pending_max wait for it, and, for a client that is new there, not in
  // silence. The last such server is never taken away: when no other is left (nor an emergency server), connects that
  // failed or wait do not count. After the servers the emergency server, once; then none. With `stubborn` there is no
  // second try, and no emergency.
  std::optional<target> next(const pool& p, const client_facts& client, instant now);

  // Goes on from `to` instead of the last one given, where this client's other connections are on their way to; those
  // given before may come again behind it. It may be full, for the client's connections are one visit. None: it is not
  // to be had, or that has happened too often.
  std::optional<target> follow(const pool& p, const client_facts& client, instant now, const server& to);

  bool refused_by_acl() const { return refused_by_acl_; }  // such a client has the abuse server to try, or nothing

 private:
  enum class kind : std::uint8_t { cyclic, rendezvous, abuse, refused };

  std::uint16_t next_in_turn(const pool& p, const client_facts& client, instant now);
  std::uint16_t next_in_rank(const pool& p, const client_facts& client, instant now);

  kind kind_ = kind::refused;
  bool refused_by_acl_ = false;
  std::uint8_t followed_ = 0;
  std::uint16_t first_ = no_server_index;
  std::uint16_t tried_ = 0;
  std::uint16_t last_ = no_server_index;  // rendezvous: index tried last, after the first
};

const server& server_of(const pool& p, target t);

}  // namespace holdfast
