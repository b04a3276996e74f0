// What a flow orders, carried out; and what operators order of flows.
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "balancer/relay/flow_io.h"
#include "balancer/sockets/connect_io.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr duration alone_at_most = std::chrono::seconds(3);  // a trial where connects have no time-out

reach_live& reach_of(const connection& c) { return c.on->reach(c.life.client().listener_port); }

endpoint destination(const connection& c) {
  endpoint to = c.on->address_at(c.address);
  if (to.path.empty() && to.port == 0) to.port = c.life.client().listener_port;
  return to;
}

std::string why_failed(const connection& c) {
  return destination(c).text() + ": " + std::generic_category().message(c.error);
}

}  // namespace

void flow_driver::perform(connection&, const flow::await_bytes&) {}  // the client is watched from the beginning

void flow_driver::perform(connection& c, const flow::connect& order) {
  const server& s = server_of(*c.use->what, order.to);
  const bool once_more = c.on == &s;
  if (!once_more && goes_along(c, order)) return;
  if (order.to.kind != target_kind::server) forget_visit(c);  // nobody follows it there
  uncount(c);
  relay_.drop_server(c);
  c.withheld = c.waits = false;
  c.on = &s;
  c.address = order.address;
  const duration patience = c.use->what->policy.timeout;
  reach_of(c).try_alone(patience > duration::zero() ? patience : alone_at_most, bench_.now);
  s.live->connections.fetch_add(1, relaxed);
  begin_connect(c, destination(c));
}

// Where it goes is reserved for its client. True: others of this client are on their way to another server.
bool flow_driver::goes_along(connection& c, const flow::connect& order) {
  const pool& p = *c.use->what;
  const server_id wanted = server_of(p, order.to).id;
  const bool shared = order.to.kind == target_kind::server && remembers(c, c.life.client());
  if (!shared || wanted == c.home || order.alone) return false;
  const server_id failed = c.on == nullptr ? nobody : c.on->id;
  c.home = p.clients->reserve(p.key_of(c.life.client().from), wanted, c.visit, failed);
  if (const server* at = p.find(c.home)) c.home = at->id;  // under the name that it has now
  if (c.home == wanted) return false;
  c.next = news::follow;
  return true;
}

void flow_driver::begin_connect(connection& c, const endpoint& to) {
  const service_settings& policy = c.use->what->policy;
  const bool bytes_wait = c.client.held || (c.client.readable && !c.client.hung_up);
  started_connect started = start_connect(to, policy, policy.source, bytes_wait);
  if (!started.fd && is_shortage(started.error)) {
    bench_.spare.spend();
    started = start_connect(to, policy, policy.source, bytes_wait);
  }
  c.error = started.error;
  c.error_at = started.at;
  c.next = started.done ? news::connected : started.fd ? news::none : news::refused;
  if (!started.fd) return;
  c.server.fd = std::move(started.fd);
  c.server.nagling = policy.tcp_nodelay && to.path.empty();
  reach_of(c).connect_begins(bench_.now);
  if (watch(c, c.server)) return;
  c.error = errno;
  c.next = news::refused;
}

// Said of the connect that has failed; what is not the server's failure is counted, and what can never be is said.
flow::refused flow_driver::refusal(connection& c) {
  const blame whose = blame_for(c.error, c.error_at, !c.on->where.path.empty());
  const pool& p = *c.use->what;
  if (whose == blame::ours) p.live->no_room.fetch_add(1, relaxed);
  if (whose == blame::configuration) {
    p.live->misconfigured.fetch_add(1, relaxed);
    worker_report told = server_failed{p.service, c.on->id, c.life.client().listener_port, why_failed(c), false};
    bench_.report(told);
  }
  return {whose};
}

void flow_driver::perform(connection& c, const flow::mark_failed& order) {
  const pool& p = *c.use->what;
  const server& s = server_of(p, order.which);
  s.live->failures.fetch_add(1, relaxed);
  const bool blacklisted = p.policy.blacklist > duration::zero();
  if (blacklisted) {
    const instant until = bench_.now + p.policy.blacklist;
    reach_of(c).blacklisted_until.store(until.time_since_epoch().count(), relaxed);
  }
  worker_report told = server_failed{p.service, s.id, c.life.client().listener_port, why_failed(c), blacklisted};
  bench_.report(told);
}

void flow_driver::perform(connection& c, const flow::settle& order) {
  const pool& p = *c.use->what;
  const server& s = server_of(p, order.where);
  reach_live& reach = reach_of(c);
  s.live->connects.fetch_add(1, relaxed);
  if (s.live->address.load(relaxed) != c.address) s.live->address.store(c.address, relaxed);
  reach.answered_at.store(bench_.now.time_since_epoch().count(), relaxed);
  if (reach.end_blacklisting(reach.blacklisted_until.load(relaxed), bench_.now)) {
    worker_report told = server_returned{p.service, s.id};
    bench_.report(told);
  }
  switch (order.where.kind) {
    case target_kind::emergency: p.live->to_emergency.fetch_add(1, relaxed); return;
    case target_kind::abuse: p.live->to_abuse.fetch_add(1, relaxed); return;
    case target_kind::server:
      if (remembers(c, c.life.client())) remember(c, s.id);
  }
}

void flow_driver::remember(connection& c, server_id at) {
  const pool& p = *c.use->what;
  const auto entry = p.clients->settle(p.key_of(c.life.client().from), at, bench_.steady, &c.visit);
  if (!p.followed || !p.followed->settled(entry.assigned, entry.fresh)) return;
  c.withheld = true;
  c.unconfirmed = entry.assigned;
}

void flow_driver::perform(connection& c, const flow::relay&) {
  reach_of(c).connect_ends(true);
  c.carrying = true;
  c.heard = connection::unheard;
  c.next = news::carrying;
  c.last = bench_.now;
  c.server.writable = true;
}

void flow_driver::perform(connection& c, const flow::close& order) {
  const pool& p = *c.use->what;
  if (order.why == close_reason::refused_by_acl) p.live->refused_acl.fetch_add(1, relaxed);
  if (order.why == close_reason::departed) p.live->departed.fetch_add(1, relaxed);
  if (order.why == close_reason::server_down) p.live->server_down.fetch_add(1, relaxed);
  if (order.why == close_reason::no_server) p.live->no_server.fetch_add(1, relaxed);
  forget_visit(c);
  if (c.begun && c.on != nullptr) end_request(c);
  if (lines_.on()) {
    lines_.closed(p, {.when = {},
                      .service = {},
                      .client = c.life.client().from,
                      .server = c.on == nullptr ? std::string_view() : c.on->name,
                      .sent = c.server.moved,
                      .received = c.client.moved,
                      .lasted = bench_.now - c.began,
                      .why = order.why});
  }
  uncount(c);
  relay_.close(c, order.reset);
  timers_.cancel(c.number);
  c.closed = true;
  p.live->connections.fetch_sub(1, relaxed);
  bench_.client_gone();
  dead_.push_back(c.number);
}

void flow_driver::perform(connection& c, const flow::moved& order) {
  if (order.from == flow_state::connecting) --c.use->pending;
  if (order.to == flow_state::connecting) ++c.use->pending;
  if (order.from == flow_state::peeking) --c.use->peeking;
  if (order.to == flow_state::peeking) ++c.use->peeking;
}

// The end of a connection is a use of the service, too.
void flow_driver::forget_visit(connection& c) {
  const pool& p = *c.use->what;
  const auto left =
      p.clients->leave(p.key_of(c.life.client().from), c.visit, bench_.steady, c.server.moved, c.client.moved);
  if (left.when != 0 && p.followed) p.followed->settled(left.assigned, left.fresh);
}

// Bytes are counted when there are many, and at the latest when the connection ends: nobody pays for a counter per
// read.
void flow_driver::count_bytes(connection& c) {
  if (c.on == nullptr) return;
  c.on->live->sent.fetch_add(c.client.moved - c.told_sent, relaxed);
  c.on->live->received.fetch_add(c.server.moved - c.told_received, relaxed);
  c.told_sent = c.client.moved;
  c.told_received = c.server.moved;
}

void flow_driver::uncount(connection& c) {
  count_bytes(c);
  if (c.on != nullptr) {
    c.on->live->connections.fetch_sub(1, relaxed);
    if (!c.carrying && c.server.fd)
      reach_of(c).connect_ends(c.error != 0 && c.error != ETIMEDOUT && !is_shortage(c.error));
  }
  c.on = nullptr;
  c.carrying = false;
}

}  // namespace holdfast
