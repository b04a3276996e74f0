// The engine that carries connections to servers. What the sockets and the timers say becomes facts for a flow, and
// what the flow orders is done. The journey of a connection:
//
//   admit      a slot for it; what is known of its client (learn); flow::accepted
//   peek       if the service waits for first bytes; then all is asked anew (choose_anew), for settings may have
//   changed connect    to the server that the flow names, unless others of this client are on their way elsewhere
//   (goes_along);
//              the kernel says how it went: flow::connected or flow::refused, which may mean the next server
//   settle     a server has answered: it and its client are remembered
//   relay      bytes go both ways (carry). The first reply of a new client may have to wait until a peer knows where
//   that
//              client went (may_pass, release); who moves much goes on in a queue (go_on)
//   leave      one side is gone, and bytes are under way to the other (see_off)
//   close      log line, counters, client table; the slot is freed at the end of the turn (reap)
//
// flow_clients_io.cpp: what the client table says and hears of it. flow_servers_io.cpp: the way to a server.
// flow_traffic_io.cpp: its bytes. flow_io.cpp: the rest.
#pragma once

#include <deque>
#include <vector>

#include "balancer/engine/access_lines_io.h"
#include "balancer/engine/engine_io.h"
#include "balancer/flow/confirm_queue.h"
#include "balancer/loop/timer_wheel.h"
#include "balancer/relay/closing_orders_io.h"
#include "balancer/relay/connection_lists_io.h"

namespace holdfast {

class flow_driver {
 public:
  static constexpr watched kind = watched::flow;
  static bool serves(const service_settings& policy) { return !policy.dummy; }

  flow_driver(worker_context& context, access_lines& lines, std::uint64_t seed);

  void admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use);
  void ready(const readiness& r);
  void turn();
  std::optional<instant> due() const;
  void close_service(std::uint32_t service) { close(close_flows{.service = service}); }
  void close_all() { closings_.add_all(newest()); }
  void close_some();
  bool closes() const { return !closings_.empty(); }
  void reap();

  static constexpr duration leave_time = std::chrono::seconds(30);       // for bytes under way when all is over
  static constexpr duration leave_tick = std::chrono::milliseconds(10);  // how often it is looked whether they arrived
  static constexpr std::size_t most_leaving = 1024;                      // connections at once; others end at once

  // Those that are there now, in this turn and the next ones.
  void close(const close_flows& which) { closings_.add(which, newest()); }
  void close(const close_silent& which) { closings_.add(which, newest()); }
  bool close_flow(std::uint64_t id);  // false: there is none
  void list(list_connections order) { lists_.add(std::move(order)); }
  void dump(const dump_traffic& order);

 private:
  using news = connection::news;

  struct leaver {
    std::uint32_t slot = 0;
    std::uint64_t id = 0;
    instant until;
  };

  std::uint64_t newest() const { return connection_id(next_id_, context_.number); }
  bool watch(connection& c, half& side);
  void choose_anew(connection& c);
  void tell(connection& c, const flow::event& fact);
  std::optional<flow::event> follow_up(connection& c);
  void set_timer(connection& c);
  void expire();
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

  // The client table.
  static bool remembers(const connection& c, const client_facts& client);
  void learn(connection& c, client_facts& client, bool chooses);
  bool goes_along(connection& c, const flow::connect& order);
  void remember(connection& c, server_id at);
  void forget_visit(connection& c);

  // Servers.
  void begin_connect(connection& c, const endpoint& to);
  flow::refused refusal(connection& c);
  static void uncount(connection& c);

  // Bytes.
  std::optional<flow::event> carry(connection& c);
  void carry_on(connection& c);
  void carry_soon(connection& c);
  void go_on();
  void end_request(connection& c);
  bool may_pass(connection& c);
  void release();
  std::optional<flow::event> leave(connection& c);
  void see_off();

  worker_context& context_;
  access_lines& lines_;
  relay relay_;
  connections all_;
  timer_wheel timers_;
  std::deque<ticket> again_;  // those that had their share of the last turn
  confirm_queue replies_;
  std::deque<confirm_queue::reply> released_;
  std::vector<leaver> leaving_;
  instant next_look_;  // at those
  closing_orders closings_;
  connection_lists lists_;
  std::vector<std::uint32_t> dead_;
  std::uint64_t random_;
  std::uint64_t next_id_ = 0;
};

static_assert(engine<flow_driver>);

}  // namespace holdfast
