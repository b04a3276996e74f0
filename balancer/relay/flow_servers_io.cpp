// The way of a flow to its server: connects, and what is counted and told of them.
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

endpoint destination(const connection& c) {
  endpoint to = c.on->address_at(c.address);
  if (to.path.empty() && to.port == 0) to.port = c.life.client().listener_port;
  return to;
}

std::string why_failed(const connection& c) {
  return destination(c).text() + ": " + std::generic_category().message(c.error);
}

}  // namespace

void flow_driver::perform(connection& c, const flow::connect& order) {
  const server& s = server_of(c.of(), order.to);
  const bool once_more = c.on == &s;
  if (!once_more && goes_along(c, order)) return;
  if (order.to.kind != target_kind::server) forget_visit(c);  // nobody follows it there
  uncount(c);
  relay_.drop_server(c);
  c.withheld = c.waits = false;
  c.on = &s;
  c.address = order.address;
  const duration patience = c.of().policy.timeout;
  c.reach().try_alone(patience > duration::zero() ? patience : alone_at_most, context_.now);
  s.live->connections.fetch_add(1, relaxed);
  begin_connect(c, destination(c));
}

void flow_driver::begin_connect(connection& c, const endpoint& to) {
  const service_settings& policy = c.of().policy;
  const bool bytes_wait = c.client.held || (c.client.readable && !c.client.hung_up);
  started_connect started = start_connect(to, policy, policy.source, bytes_wait);
  if (!started.fd && is_shortage(started.error)) {
    context_.spare.spend();
    started = start_connect(to, policy, policy.source, bytes_wait);
  }
  c.error = started.error;
  c.error_at = started.at;
  c.next = started.done ? news::connected : started.fd ? news::none : news::refused;
  if (!started.fd) return;
  c.server.bytes.fd = std::move(started.fd);
  c.server.nagling = policy.tcp_nodelay && to.path.empty();
  c.reach().connect_begins(context_.now);
  if (watch(c, c.server)) return;
  c.error = errno;
  c.next = news::refused;
}

// Said of the connect that has failed; what is not the server's failure is counted, and what can never be is said.
flow::refused flow_driver::refusal(connection& c) {
  const blame whose = blame_for(c.error, c.error_at, !c.on->where.path.empty());
  const pool& p = c.of();
  if (whose == blame::ours) p.live->no_room.fetch_add(1, relaxed);
  if (whose == blame::configuration) {
    p.live->misconfigured.fetch_add(1, relaxed);
    worker_report told = server_failed{p.service, c.on->id, c.life.client().listener_port, why_failed(c), false};
    context_.report(told);
  }
  return {whose};
}

void flow_driver::perform(connection& c, const flow::mark_failed& order) {
  const pool& p = c.of();
  const server& s = server_of(p, order.which);
  s.live->failures.fetch_add(1, relaxed);
  const bool blacklisted = p.policy.blacklist > duration::zero();
  if (blacklisted) {
    const instant until = context_.now + p.policy.blacklist;
    c.reach().blacklisted_until.store(until.time_since_epoch().count(), relaxed);
  }
  worker_report told = server_failed{p.service, s.id, c.life.client().listener_port, why_failed(c), blacklisted};
  context_.report(told);
}

void flow_driver::perform(connection& c, const flow::settle& order) {
  const pool& p = c.of();
  const server& s = server_of(p, order.where);
  reach_live& reach = c.reach();
  s.live->connects.fetch_add(1, relaxed);
  if (s.live->address.load(relaxed) != c.address) s.live->address.store(c.address, relaxed);
  reach.answered_at.store(context_.now.time_since_epoch().count(), relaxed);
  if (reach.end_blacklisting(reach.blacklisted_until.load(relaxed), context_.now)) {
    worker_report told = server_returned{p.service, s.id};
    context_.report(told);
  }
  switch (order.where.kind) {
    case target_kind::emergency: p.live->to_emergency.fetch_add(1, relaxed); return;
    case target_kind::abuse: p.live->to_abuse.fetch_add(1, relaxed); return;
    case target_kind::server:
      if (remembers(c, c.life.client())) remember(c, s.id);
  }
}

void flow_driver::uncount(connection& c) {
  c.count_bytes();
  if (c.on != nullptr) {
    c.on->live->connections.fetch_sub(1, relaxed);
    if (!c.carrying && c.server.bytes.fd)
      c.reach().connect_ends(c.error != 0 && c.error != ETIMEDOUT && !is_shortage(c.error));
  }
  c.on = nullptr;
  c.carrying = false;
}

}  // namespace holdfast
