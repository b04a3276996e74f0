// What a flow orders, carried out; and what operators order of flows.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "balancer/relay/connect_io.h"
#include "balancer/relay/flow_io.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

void flow_driver::perform(connection&, const flow::await_bytes&) {}  // the client is watched from the beginning

void flow_driver::perform(connection& c, const flow::connect& order) {
  const pool& p = *c.use->what;
  uncount(c);
  relay_.drop_server(c);
  c.withheld = c.waits = false;
  c.on = &server_of(p, order.to);
  c.on->live->connections.fetch_add(1, relaxed);
  endpoint to = c.on->where;
  if (to.path.empty() && to.port == 0) to.port = c.listener_port;
  const bool bytes_wait = c.client.held || (c.client.readable && !c.client.hung_up);
  started_connect started = start_connect(to, p.policy, bytes_wait);
  if (!started.fd && is_our_trouble(started.error)) {
    bench_.spare.spend();
    started = start_connect(to, p.policy, bytes_wait);
  }
  c.error = started.error;
  c.next = started.done ? news::connected : news::none;
  if (!started.fd) c.next = is_our_trouble(started.error) ? news::stuck : news::refused;
  if (!started.fd) return;
  c.server.fd = std::move(started.fd);
  c.server.nagling = p.policy.tcp_nodelay && to.path.empty();
  if (!watch(c, c.server)) c.next = news::stuck;
}

void flow_driver::perform(connection& c, const flow::mark_failed& order) {
  const pool& p = *c.use->what;
  const server& s = server_of(p, order.which);
  s.live->failures.fetch_add(1, relaxed);
  const bool blacklisted = p.policy.blacklist > duration::zero();
  if (blacklisted) {
    s.live->blacklisted_until.store((bench_.now + p.policy.blacklist).time_since_epoch().count(), relaxed);
  }
  worker_report told = server_failed{p.service, s.id, std::generic_category().message(c.error), blacklisted};
  bench_.report(told);
}

void flow_driver::perform(connection& c, const flow::settle& order) {
  const pool& p = *c.use->what;
  const server& s = server_of(p, order.where);
  s.live->connects.fetch_add(1, relaxed);
  if (s.live->end_blacklisting(s.live->blacklisted_until.load(relaxed), bench_.now)) {
    worker_report told = server_returned{p.service, s.id};
    bench_.report(told);
  }
  switch (order.where.kind) {
    case target_kind::emergency: p.live->to_emergency.fetch_add(1, relaxed); return;
    case target_kind::abuse: p.live->to_abuse.fetch_add(1, relaxed); return;
    case target_kind::server:
      if (!p.policy.roundrobin) remember(c, s.id);
  }
}

void flow_driver::remember(connection& c, server_id at) {
  const pool& p = *c.use->what;
  const auto entry = p.clients->settle(p.key_of(c.life.client().from), at, bench_.wall, c.seen);
  if (entry.when > 0) c.seen = entry.when;  // this connection may have to look for another server yet
  if (!p.followed || !p.followed->settled(entry.assigned, entry.fresh)) return;
  c.withheld = true;
  c.unconfirmed = entry.assigned;
}

void flow_driver::perform(connection& c, const flow::relay&) {
  c.carrying = true;
  c.next = news::carrying;
  c.last = bench_.now;
  c.server.writable = true;
}

void flow_driver::perform(connection& c, const flow::close& order) {
  const pool& p = *c.use->what;
  if (order.why == close_reason::refused_by_acl) p.live->refused_acl.fetch_add(1, relaxed);
  if (order.why == close_reason::no_server) p.live->no_server.fetch_add(1, relaxed);
  if (c.on != nullptr && c.carrying && !p.policy.roundrobin) {
    p.clients->account(p.key_of(c.life.client().from), c.server.moved, c.client.moved);
  }
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
  if (c.on != nullptr) c.on->live->connections.fetch_sub(1, relaxed);
  c.on = nullptr;
  c.carrying = false;
}

void flow_driver::close_flows(std::uint32_t service, std::optional<server_id> which) {
  all_.each([&](std::uint32_t, connection& c) {
    const bool meant = c.use->what->service == service && (!which || (c.on != nullptr && c.on->id == *which));
    if (meant && !c.closed) tell(c, flow::ordered{close_reason::ordered});
  });
}

bool flow_driver::close_flow(std::uint64_t id) {
  bool known = false;
  all_.each([&](std::uint32_t, connection& c) {
    if (c.id != id || c.closed) return;
    known = true;
    tell(c, flow::ordered{close_reason::ordered});
  });
  return known;
}

void flow_driver::close_all() {
  all_.each([&](std::uint32_t, connection& c) {
    if (!c.closed) tell(c, flow::ordered{close_reason::shut_down});
  });
}

// Rows are made of those asked for alone: whoever watches a few of many connections holds nobody up.
std::vector<connection_row> flow_driver::list(const connection_query& which) {
  std::vector<connection*> chosen;
  all_.each([&](std::uint32_t, connection& c) {
    if (!c.closed && (!which.service || c.use->what->service == *which.service)) chosen.push_back(&c);
  });
  if (chosen.size() > which.most) {
    const auto moved_later = [](const connection* a, const connection* b) { return a->last > b->last; };
    std::nth_element(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(which.most), chosen.end(),
                     moved_later);
    chosen.resize(which.most);
  }
  std::vector<connection_row> rows;
  rows.reserve(chosen.size());
  for (connection* c : chosen) rows.push_back(row_of(*c));
  return rows;
}

connection_row flow_driver::row_of(connection& c) {
  count_bytes(c);
  const client_facts& client = c.life.client();
  return {.id = c.id,
          .service = c.use->what->service,
          .client = {.host = client.from, .port = client.port, .path = {}},
          .server = c.on == nullptr ? "" : c.on->name,
          .state = c.life.state(),
          .sent = c.client.moved,
          .received = c.server.moved,
          .age = bench_.now - c.began,
          .quiet = bench_.now - c.last};
}

}  // namespace holdfast
