// What a worker is told, what it tells, and what it counts: values that cross threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/flow/flow.h"
#include "base/machine.h"

namespace holdfast {

class country_database;  // country_io.h

// A connection's id says which worker has it. count: of that worker's connections so far.
constexpr std::uint64_t connection_id(std::uint64_t count, unsigned worker) { return count << 10 | worker; }
constexpr unsigned worker_of(std::uint64_t id) { return static_cast<unsigned>(id & 0x3ff); }

// One running connection, for the `connections` command.
struct connection_row {
  std::uint64_t id = 0;  // unique in the process; see worker_of()
  std::uint32_t service = 0;
  endpoint client;
  std::string server;  // name, "" while none
  flow_state state = flow_state::fresh;
  std::uint64_t sent = 0, received = 0;  // to and from the server
  duration age{}, quiet{};               // since accept, since the last bytes
  int client_socket = -1, server_socket = -1;
  std::uint32_t held_for_client = 0, held_for_server = 0;  // bytes read, and not yet sent
};

// What a worker is told.

// A new or changed service; running flows keep theirs.
struct adopt_pool {
  std::shared_ptr<const pool> what;
};
struct adopt_country {
  std::shared_ptr<const country_database> what;  // null = none
};
struct access_logging {
  bool on = false;
  log_format format = log_format::pen;
};
// What is carried goes into the program's log, too.
struct dump_traffic {
  bool on = false;
  bool ascii = false;
};
// fd: owned by the order; listening, non-blocking.
struct open_listener {
  std::uint32_t listener = 0;
  std::uint32_t service = 0;
  int fd = -1;
  endpoint where;
};
struct close_listener {
  std::uint32_t listener = 0;
};
// Of a service, or of one server or client (its key) of it, or with one end at an address that this machine has lost.
struct close_flows {
  std::uint32_t service = 0;
  std::optional<server_id> server = {};
  std::optional<address> client = {};
  std::optional<address> at = {};
};
// Of a server that checks find down: notes on each connection how much has come from it. closes: where nothing has
// since the last such order, the connection is reset, on both sides.
struct close_silent {
  std::uint32_t service = 0;
  server_id server = 0;
  bool closes = false;
};
struct close_flow {
  std::uint64_t id = 0;
  std::function<void(bool known)> done = {};  // called on the worker's thread
};
struct connection_query {
  std::optional<std::uint32_t> service = {};  // none = all, and so on
  std::optional<std::string> server = {};     // its name
  std::optional<address> client = {};
  duration older{};
  std::optional<int> socket = {};                              // either of its own
  std::size_t most = std::numeric_limits<std::size_t>::max();  // of more, those on which bytes have moved last
};
struct list_connections {
  std::function<void(std::vector<connection_row>)> done;  // called on the worker's thread
  connection_query which = {};
};
// fd: owned by the order; a beat goes out on it each beat_interval, until nobody is at its other end.
struct attach_agent {
  int fd = -1;
};
struct stop_worker {};  // close what is left and end the thread
using worker_order =
    std::variant<adopt_pool, adopt_country, access_logging, dump_traffic, open_listener, close_listener, close_flows,
                 close_silent, close_flow, list_connections, attach_agent, stop_worker>;

// What a worker tells.
struct server_failed {
  std::uint32_t service = 0;
  server_id server = 0;
  std::uint16_t port = 0;  // that the client came to
  std::string why;
  bool blacklisted = false;
};
// A blacklisted server took a connection.
struct server_returned {
  std::uint32_t service = 0;
  server_id server = 0;
};
// File limit; told at most once a second.
struct accept_trouble {
  std::string why;
};
// Whole access log lines, each ending in '\n'.
struct log_lines {
  std::string text;
};
using worker_report = std::variant<server_failed, server_returned, accept_trouble, log_lines>;

// Counters of one worker, relaxed, for any thread to read.
struct worker_live {
  std::atomic<std::uint64_t> beats{0};  // turns of the loop: the heartbeat
  std::atomic<std::uint32_t> connections{0};
  std::atomic<std::uint64_t> lost_log_lines{0};
};

}  // namespace holdfast
