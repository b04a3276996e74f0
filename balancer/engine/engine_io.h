// What a worker asks of an engine. An engine serves the clients of some services, on the thread of one worker: the
// relay carries bytes to servers and back, the dummy answers itself. Engines do not know each other; the worker goes
// over a tuple of them.
#pragma once

#include <concepts>
#include <optional>

#include "balancer/engine/worker_context_io.h"

namespace holdfast {

// No verb waits for a socket, nor for the next engine's turn: what takes long is done in parts, each within a
// time_slice, so that a turn lasts some milliseconds whatever there is to do.
//
//   kind            of the tickets under which it watches its descriptors
//   serves(policy)  whether the clients of such a service are its; exactly one engine says so
//   admit(client, from, listener, use)  takes over a client. Its place in use.what->live and its descriptors are
//   counted
//                   already, and given back at its end
//   ready(what)     the kernel says something of one of its descriptors; all of a turn are told before turn()
//   turn()          once a turn: what did not fit into the last ones, and what time has brought. Between two parts it
//                   calls context.breathe(), so that heartbeats go out
//   due()           when it wants a turn at the latest; none: not before something is ready
//   close_service(number), close_all()  begin to end those that are there now
//   closes()        not all of them have ended
//   close_some()    goes on with that, within a slice; a part of turn(), and by itself when the worker ends
//   reap()          frees what has ended, at the end of a turn: until then events of the same turn may name it
//
// An engine whose operations complete later (io_uring) has the same verbs: ready() of its ring's descriptor brings
// completions, close_service and close_all cancel what is under way, closes() holds until the last completion has come,
// and reap() frees only what the kernel no longer writes to.
template <class E>
concept engine = requires(E e, const E& c, descriptor client, const endpoint& where, pool_use& use,
                          const readiness& what, const service_settings& policy, std::uint32_t service) {
  { E::kind } -> std::convertible_to<watched>;
  { E::serves(policy) } -> std::same_as<bool>;
  { e.admit(std::move(client), where, where, use) } -> std::same_as<void>;
  { e.ready(what) } -> std::same_as<void>;
  { e.turn() } -> std::same_as<void>;
  { c.due() } -> std::same_as<std::optional<instant>>;
  { e.close_service(service) } -> std::same_as<void>;
  { e.close_all() } -> std::same_as<void>;
  { c.closes() } -> std::same_as<bool>;
  { e.close_some() } -> std::same_as<void>;
  { e.reap() } -> std::same_as<void>;
};

}  // namespace holdfast
