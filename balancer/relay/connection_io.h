// All that is kept of a connection while it is idle.
#pragma once

#include "balancer/choice/pools.h"
#include "balancer/engine/access_lines_io.h"
#include "balancer/flow/flow.h"
#include "balancer/loop/slab.h"
#include "balancer/relay/relay_io.h"

namespace holdfast {

struct connection : channel {
  explicit connection(pool_use& u) : life(*u.what), use(&u) {}

  flow life;
  pool_use* use;
  const holdfast::server* on = nullptr;  // the server that counts this connection
  requests_said said;                    // by the client, for the log
  std::uint64_t id = 0;
  std::uint64_t told_sent = 0, told_received = 0;  // how much of what has moved the server's counters know
  instant began, last;                             // accepted; last bytes
  client_visit visit;                              // what it has to do with the client table
  stamp unconfirmed = 0;                           // while withheld: when the client got this server
  server_id home = nobody;                         // where the table said that the client goes
  std::uint8_t address = 0;                        // of its server, to which it connects
  std::uint32_t number = 0;                        // of the slot
  std::uint32_t heard = unheard;  // how much had come from the server at the last close_silent, its low bits
  static constexpr std::uint32_t unheard = 0xffffffff;
  int error = 0;                               // of the connect that failed last
  connect_step error_at = connect_step::wait;  // likewise
  enum class news : std::uint8_t { none, connected, refused, follow, carrying } next = news::none;
  bool carrying = false;
  bool heavy = false;   // moved much the last time
  bool queued = false;  // among those that go on
  bool waits = false;   // in the queue of replies
  bool leaves = false;  // among those that leave
  bool closed = false;

  const pool& of() const { return *use->what; }
  reach_live& reach() const { return on->reach(life.client().listener_port); }  // of its server

  // Bytes are counted when there are many, and at the latest when the connection ends: nobody pays for a counter per
  // read.
  void count_bytes();
};

using connections = slab<connection>;

}  // namespace holdfast
