// The life of one client connection: which server to try next, when to give up, how to close. Bytes do not pass here.
#pragma once

#include <variant>

#include "balancer/choice/pick.h"
#include "base/machine.h"

namespace holdfast {

enum class flow_state : std::uint8_t { fresh, peeking, connecting, relaying, closed };

enum class close_reason : std::uint8_t {
  none,
  finished,
  refused_by_acl,
  no_server,
  client_gone,
  server_gone,
  idle,
  shut_down,
  ordered
};

// One a client connection; lives in a worker's slab, owned by that worker's thread. The pool must outlive it.
class flow {
 public:
  // Facts.
  struct accepted {
    client_facts client;
    std::uint64_t random;
  };
  struct readable {};   // the client's first bytes are here (only asked for while peeking)
  struct connected {};  // the connect under way succeeded
  struct refused {};    // the connect under way failed (refused, unreachable, no local port...)
  // The server reset the connection before a byte was sent to it or had come from it. Soon after the connect (within
  // policy.timeout) it failed, and the next one is tried; later it has closed a connection that nobody used.
  struct lost {};
  struct finished {};  // both directions have ended in order
  struct reset {
    bool by_client;
  };  // one side reset, or failed beyond repair
  struct active {
    instant last;
  };  // when bytes last moved; told before a wake that might mean idle
  struct ordered {
    close_reason why;
  };  // an operator or a reload wants it closed
  using event = std::variant<accepted, readable, connected, refused, lost, finished, reset, active, ordered, wake>;

  // Orders.
  struct await_bytes {};  // tell `readable` when the client has sent something
  struct connect {
    target to;
  };  // a connect under way, if any, is abandoned first
  struct mark_failed {
    target which;
  };  // blacklist it (policy.blacklist), count a failure
  struct settle {
    target where;
  };  // the connect succeeded: clear blacklisting, count; remember the client at a server
  struct relay {};  // start carrying bytes (what the client has sent so far included)
  struct close {
    bool reset;
    close_reason why;
  };  // reset: with RST to whoever is still there
  struct moved {
    flow_state from, to;
  };
  using effect = std::variant<await_bytes, connect, mark_failed, settle, relay, close, moved>;
  using effects = effect_list<effect, 4>;

  explicit flow(const pool& p) : pool_(&p) {}

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;  // connect timeout while connecting, idle timeout while relaying or peeking

  flow_state state() const { return state_; }
  const client_facts& client() const { return client_; }
  std::optional<target> where() const { return where_; }  // the server being tried or used

 private:
  void take(const accepted& e, instant now, effects& out);
  void take(const readable&, instant now, effects& out);
  void take(const connected&, instant now, effects& out);
  void take(const refused&, instant now, effects& out);
  void take(const lost&, instant now, effects& out);
  void take(const finished&, instant now, effects& out);
  void take(const reset& e, instant now, effects& out);
  void take(const active& e, instant now, effects& out);
  void take(const ordered& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void choose(instant now, effects& out);
  void try_next(instant now, effects& out);
  void call(instant now, effects& out);
  void server_failed(instant now, effects& out);
  void end(bool with_reset, close_reason why, effects& out);
  void move_to(flow_state to, effects& out);

  const pool* pool_;
  client_facts client_;
  order order_;
  std::optional<target> where_;
  std::uint64_t random_ = 0;
  bool again_ = false;  // the connect under way is the second to this server
  instant since_;       // start of the connect under way, or time of the last bytes
  flow_state state_ = flow_state::fresh;
};

static_assert(machine<flow>);

}  // namespace holdfast
