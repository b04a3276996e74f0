// Drives the flows of one worker: what the sockets and the timers say becomes facts for a flow, and what it orders is
// done.
#pragma once

#include <vector>

#include "balancer/loop/slab.h"
#include "balancer/loop/socket_io.h"
#include "balancer/loop/timer_wheel.h"
#include "balancer/loop/workbench_io.h"
#include "balancer/relay/access_lines_io.h"
#include "balancer/relay/confirm_queue.h"
#include "balancer/relay/connect_io.h"
#include "balancer/relay/flow.h"
#include "balancer/relay/relay_io.h"

namespace holdfast {

// All that is kept of a connection while it is idle.
struct connection : channel {
  explicit connection(pool_use& u) : life(*u.what), use(&u) {}

  flow life;
  pool_use* use;
  const holdfast::server* on = nullptr;  // the server that counts this connection
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
  bool queued = false;
  bool waits = false;  // in the queue of replies
  bool closed = false;
};

class flow_driver {
 public:
  flow_driver(workbench& bench, access_lines& lines, std::uint64_t seed);

  // Takes over a client; `from` is where it comes from, `port` that of the listener. Its place in use.what->live is
  // already taken, and given back when it ends.
  void admit(descriptor client, const endpoint& from, std::uint16_t port, pool_use& use);

  void ready(const readiness& r);
  void go_on();    // those that had their share of the last turn
  void expire();   // timers
  void release();  // replies that have waited for a peer
  void bury();     // the closed ones, at the end of a turn: until then somebody may hold them
  bool has_more() const { return !again_.empty(); }
  std::optional<instant> next_timer() const { return timers_.next(); }
  std::optional<instant> next_release() const { return replies_.due(); }

  void close_flows(std::uint32_t service, std::optional<server_id> which);
  void close_silent(std::uint32_t service, server_id at, bool closes);  // see worker_io.h
  bool close_flow(std::uint64_t id);                                    // false: there is none
  void close_all();
  std::vector<connection_row> list(const connection_query& which);

 private:
  using news = connection::news;

  bool watch(connection& c, half& side);
  void tell(connection& c, const flow::event& fact);
  std::optional<flow::event> follow_up(connection& c);
  std::optional<flow::event> carry(connection& c);
  void carry_on(connection& c);
  bool may_pass(connection& c);
  void server_event(connection& c, const readiness& r);
  void client_event(connection& c, const readiness& r);
  void peek(connection& c);

  void perform(connection& c, const flow::await_bytes& order);
  void perform(connection& c, const flow::connect& order);
  void perform(connection& c, const flow::mark_failed& order);
  void perform(connection& c, const flow::settle& order);
  void perform(connection& c, const flow::relay& order);
  void perform(connection& c, const flow::close& order);
  void perform(connection& c, const flow::moved& order);

  connection_row row_of(connection& c);
  void learn(connection& c, client_facts& client, bool chooses);
  void choose_anew(connection& c);
  bool goes_along(connection& c, const flow::connect& order);
  void begin_connect(connection& c, const endpoint& to);
  static flow::refused refusal(connection& c);
  void remember(connection& c, server_id at);
  void forget_visit(connection& c);
  void uncount(connection& c);
  void count_bytes(connection& c);
  void set_timer(connection& c);
  std::uint64_t random();

  workbench& bench_;
  access_lines& lines_;
  relay relay_;
  slab<connection> all_;
  timer_wheel timers_;
  confirm_queue replies_;
  std::vector<ticket> again_, now_;
  std::vector<std::uint32_t> dead_;
  std::uint64_t random_;
  std::uint64_t next_id_ = 0;
};

}  // namespace holdfast
