// Drives the flows of one worker: what the sockets and the timers say becomes facts for a flow, and what it orders is
// done.
#pragma once

#include <deque>
#include <vector>

#include "balancer/flow/confirm_queue.h"
#include "balancer/flow/flow.h"
#include "balancer/loop/slab.h"
#include "balancer/loop/timer_wheel.h"
#include "balancer/engine/access_lines_io.h"
#include "balancer/relay/relay_io.h"
#include "balancer/engine/worker_context_io.h"
#include "balancer/sockets/connect_io.h"
#include "balancer/sockets/socket_io.h"

namespace holdfast {

// All that is kept of a connection while it is idle.
struct connection : channel {
  explicit connection(pool_use& u) : life(*u.what), use(&u) {}

  flow life;
  pool_use* use;
  const holdfast::server* on = nullptr;  // the server that counts this connection
  std::unique_ptr<request_line> begun;   // what the client has said of its first line, while that has no end
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
};

class flow_driver {
 public:
  flow_driver(workbench& bench, access_lines& lines, std::uint64_t seed);

  // Takes over a client; `from` is where it comes from, `port` that of the listener. Its place in use.what->live is
  // already taken, and given back when it ends.
  void admit(descriptor client, const endpoint& from, std::uint16_t port, pool_use& use);

  static constexpr duration leave_time = std::chrono::seconds(30);       // for bytes under way when all is over
  static constexpr duration leave_tick = std::chrono::milliseconds(10);  // how often it is looked whether they arrived
  static constexpr std::size_t most_leaving = 1024;                      // connections at once; others end at once

  void ready(const readiness& r);

  // Once a turn each; what does not fit into a slice of time is for the next turn.
  void go_on();    // bulk, and those that had their share of the last turn
  void expire();   // timers
  void release();  // replies that have waited for a peer
  void see_off();  // those that leave
  void close_some();
  void list_some();

  void bury();  // the closed ones, at the end of a turn: until then somebody may hold them
  bool has_more() const { return !again_.empty() || !released_.empty() || !closings_.empty() || !listings_.empty(); }
  bool closes() const { return !closings_.empty(); }
  std::optional<instant> next_timer() const;
  std::optional<instant> next_release() const { return replies_.due(); }

  // Those that are there now, in this turn and the next ones.
  void close(const close_flows& which);
  void close(const close_silent& which);
  void close_all();
  bool close_flow(std::uint64_t id);  // false: there is none
  void list(list_connections order);

 private:
  using news = connection::news;

  struct leaver {
    std::uint32_t slot = 0;
    std::uint64_t id = 0;
    instant until;
  };
  struct closing {
    std::optional<close_flows> which;  // none: all
    close_reason why;
    std::uint64_t last;               // who came later is not meant
    std::optional<bool> silent = {};  // close_silent::closes
    std::uint32_t cursor = 0;         // of the slab
  };
  struct listed {
    instant moved;
    std::uint32_t slot = 0;
    std::uint64_t id = 0;
  };
  struct listing {
    list_connections order;
    std::uint32_t cursor = 0;
    bool chosen = false;       // all have been looked at
    std::vector<listed> left;  // to be made rows of
    std::vector<connection_row> rows = {};
  };

  bool watch(connection& c, half& side);
  void tell(connection& c, const flow::event& fact);
  std::optional<flow::event> follow_up(connection& c);
  std::optional<flow::event> carry(connection& c);
  void carry_on(connection& c);
  void carry_soon(connection& c);
  std::optional<flow::event> leave(connection& c);
  bool choose_some(listing& l, time_slice& time);
  static bool is_meant(const connection& c, const close_flows& which);
  bool is_meant(const connection& c, const connection_query& which) const;
  void listen_to_silence(connection& c, bool closes);
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
  static bool remembers(const connection& c, const client_facts& client);
  void learn(connection& c, client_facts& client, bool chooses);
  void choose_anew(connection& c);
  bool goes_along(connection& c, const flow::connect& order);
  void begin_connect(connection& c, const endpoint& to);
  flow::refused refusal(connection& c);
  void remember(connection& c, server_id at);
  void forget_visit(connection& c);
  void uncount(connection& c);
  void count_bytes(connection& c);
  void end_request(connection& c);
  void set_timer(connection& c);
  std::uint64_t random();

  workbench& bench_;
  access_lines& lines_;
  relay relay_;
  slab<connection> all_;
  timer_wheel timers_;
  confirm_queue replies_;
  std::deque<ticket> again_;
  std::deque<confirm_queue::reply> released_;
  std::vector<leaver> leaving_;
  instant next_look_;  // at those
  std::deque<closing> closings_;
  std::deque<listing> listings_;
  std::vector<std::uint32_t> dead_;
  std::uint64_t random_;
  std::uint64_t next_id_ = 0;
};

}  // namespace holdfast
