// The life of one client connection: which server to try next, when to give up, how to close. Bytes do not pass here.
#pragma once

#include <variant>

#include "balancer/choice/pick.h"
#include "balancer/sockets/blame.h"
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
  server_down,
  departed,
  ordered
};

// One a client connection; lives in a worker's slab, owned by that worker's thread. The pool must outlive it.
class flow {
 public:
  // Facts.
  struct accepted {
    client_facts client;
    std::uint64_t random;
    bool may_wait = true;  // for its first bytes: false when too many do
  };
  // While peeking: its service has another pool by now. What it came under is void, and what is known of it is said
  // anew.
  struct renewed {
    const pool* of;
    client_facts client;
  };
  struct readable {};   // the client's first bytes are here (only asked for while peeking)
  struct connected {};  // the connect under way succeeded
  // The connect under way failed.
  struct refused {
    blame whose = blame::server;
  };
  // The connect was not begun: other connections of the same client are on their way to this server.
  struct follow {
    server_id to;
  };
  // The server reset the connection before a byte was sent to it or had come from it. waits: the client has said
  // something that is still ours to send. Then, soon after the connect (within policy.timeout), the server failed, and
  // the next one is tried. Otherwise it has closed a connection that nobody used, which is its right.
  struct lost {
    bool waits;
  };
  struct finished {};  // both directions have ended in order
  // One side reset, or failed beyond repair.
  struct reset {
    bool by_client;
  };
  // When bytes last moved; told before a wake that might mean idle.
  struct active {
    instant last;
  };
  // An operator or a reload wants it closed; or its server is down and silent, which is told both sides by a reset.
  struct ordered {
    close_reason why;
  };
  using event = std::variant<accepted, renewed, readable, connected, refused, follow, lost, finished, reset, active,
                             ordered, wake>;

  // Orders.
  struct await_bytes {};  // tell `readable` when the client has sent something
  // A connect under way, if any, is abandoned first.
  struct connect {
    target to;
    std::uint8_t address = 0;  // of server::address_at()
    bool alone = false;        // whatever other connections of the client do: it has been where they go
  };
  // Blacklist it (policy.blacklist), count a failure.
  struct mark_failed {
    target which;
  };
  // The connect succeeded: clear blacklisting, count; remember the client at a server.
  struct settle {
    target where;
  };
  struct relay {};  // start carrying bytes (what the client has sent so far included)
  struct close {
    bool reset;  // with RST to whoever is still there
    close_reason why;
  };
  struct moved {
    flow_state from, to;
  };
  using effect = std::variant<await_bytes, connect, mark_failed, settle, relay, close, moved>;
  using effects = effect_list<effect, 4>;

  explicit flow(const pool& p) : pool_(&p) {}

  effects on(const event& e, instant now);
  // Connect timeout, or the next try, while connecting; idle timeout while relaying; the end of peeking.
  std::optional<instant> deadline() const;

  flow_state state() const { return state_; }
  const client_facts& client() const { return client_; }
  std::optional<target> where() const { return where_; }  // the server being tried or used

 private:
  void take(const accepted& e, instant now, effects& out);
  void take(const renewed& e, instant now, effects& out);
  void take(const readable&, instant now, effects& out);
  void take(const connected&, instant now, effects& out);
  void take(const refused& e, instant now, effects& out);
  void take(const follow& e, instant now, effects& out);
  void take(const lost& e, instant now, effects& out);
  void take(const finished&, instant now, effects& out);
  void take(const reset& e, instant now, effects& out);
  void take(const active& e, instant now, effects& out);
  void take(const ordered& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void choose(instant now, effects& out);
  void try_next(instant now, effects& out);
  void call(instant now, effects& out);
  void call_server(target to, instant now, effects& out);
  void no_room(instant now, effects& out);
  void server_failed(instant now, effects& out);
  bool answered_meanwhile() const;
  void end(bool with_reset, close_reason why, effects& out);
  void move_to(flow_state to, effects& out);

  const pool* pool_;
  client_facts client_;
  order order_;
  std::optional<target> where_;
  std::uint64_t random_ = 0;
  bool again_ = false;                 // the connect under way is the second to this address
  bool alone_ = false;                 // this server was asked in vain where other connections of the client go
  std::uint8_t address_ = 0;           // of the server, of the connect under way
  std::uint8_t addresses_left_ = 0;    // yet to be tried
  instant since_;                      // start of the connect under way, or time of the last bytes
  std::optional<instant> room_looks_;  // there was no room for the connect; when to try again
  flow_state state_ = flow_state::fresh;
};

static_assert(machine<flow>);

}  // namespace holdfast
