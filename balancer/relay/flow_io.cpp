#include "balancer/relay/flow_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "balancer/sockets/connect_io.h"
#include "base/clock_io.h"
#include "base/random.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::size_t timers_at_once = 32;

std::optional<instant> earlier(std::optional<instant> one, std::optional<instant> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

}  // namespace

flow_driver::flow_driver(worker_context& context, access_lines& lines, std::uint64_t seed)
    : context_(context),
      lines_(lines),
      relay_(
          [this](channel& bytes, std::string_view piece) {
            auto& c = static_cast<connection&>(bytes);
            return lines_.request(c.life.client().from, *c.on, c.server.bytes.fd.get(), c.said, piece);
          },
          context.files),
      timers_(context.now),
      replies_(context.number),
      random_(seed) {}

void flow_driver::admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
  const pool& p = *use.what;
  if (!p.policy.roundrobin && from.host != address()) p.clients->expect(p.key_of(from.host));
  const std::uint32_t number = all_.make(use);
  connection& c = *all_.find(number);
  context_.known.begin(use);
  context_.client_came();
  p.live->accepted.fetch_add(1, std::memory_order_relaxed);
  c.number = number;
  c.id = connection_id(++next_id_, context_.number);
  c.began = c.last = context_.now;
  c.closing = p.policy.tcp_fastclose;
  c.client.bytes.fd = std::move(client);
  c.client.writable = true;
  // Before the server's socket, so that in a batch of events what the client has sent is known first.
  if (!watch(c, c.client)) return tell(c, flow::ordered{close_reason::ordered});
  client_facts facts{
      .from = from.host, .port = from.port, .listener_port = listener.port, .country_code = {}, .remembered = {}};
  if (facts.is_nameless()) facts.port = static_cast<std::uint16_t>(next_random(random_));
  const bool may_wait = use.peeking < p.policy.peek_max;
  learn(c, facts, !p.policy.peek || !may_wait);
  tell(c, flow::accepted{facts, next_random(random_), may_wait});
}

// The client has kept us waiting: it gets a server by what is configured now.
void flow_driver::choose_anew(connection& c) {
  pool_use* now = context_.known.newest(c.of().service);
  if (now == nullptr) return tell(c, flow::ordered{close_reason::ordered});
  if (now != c.use) {
    --c.use->peeking;
    ++now->peeking;
    context_.known.begin(*now);
    context_.known.end(*std::exchange(c.use, now));
  }
  client_facts facts = c.life.client();
  learn(c, facts, true);
  tell(c, flow::renewed{now->what.get(), facts});
}

bool flow_driver::watch(connection& c, half& side) {
  side.stamp = context_.next_stamp();
  const ticket whose{kind, c.number, side.stamp};
  return context_.sockets.watch(side.bytes.fd.get(), whose);
}

// What carrying out an order brings at once is told when all orders are carried out.
void flow_driver::tell(connection& c, const flow::event& fact) {
  for (std::optional<flow::event> next = fact; next && !c.closed; next = follow_up(c)) {
    for (const auto& order : c.life.on(*next, context_.now)) {
      std::visit([&](const auto& o) { perform(c, o); }, order);
    }
  }
  if (!c.closed) set_timer(c);
}

std::optional<flow::event> flow_driver::follow_up(connection& c) {
  switch (std::exchange(c.next, news::none)) {
    case news::none: return std::nullopt;
    case news::connected: return flow::connected{};
    case news::refused: return refusal(c);
    case news::follow: return flow::follow{c.home};
    case news::carrying: return carry(c);
  }
  return std::nullopt;
}

// Timers are lazy: one that comes too early asks again, so that what happens in between need not move it.
void flow_driver::set_timer(connection& c) {
  const auto due = c.life.deadline();
  if (!due) return;
  const auto set = timers_.due(c.number);
  if (!set || *due < *set) timers_.set(c.number, *due);
}

void flow_driver::ready(const readiness& r) {
  connection* c = all_.find(r.whose.slot);
  if (c == nullptr || c->closed) return;
  if (r.whose.stamp == c->client.stamp) return client_event(*c, r);
  if (r.whose.stamp == c->server.stamp) return server_event(*c, r);
}

void flow_driver::client_event(connection& c, const readiness& r) {
  c.client.note(r);
  if (c.carrying) return c.heavy ? carry_soon(c) : carry_on(c);
  if (r.failed) return tell(c, flow::reset{.by_client = true});
  if (c.life.state() == flow_state::peeking && r.readable) peek(c);
}

void flow_driver::server_event(connection& c, const readiness& r) {
  c.server.note(r);
  if (c.carrying) return c.heavy ? carry_soon(c) : carry_on(c);
  if (r.failed) {
    c.error = connect_error(c.server.bytes.fd.get());
    c.error_at = connect_step::wait;
    return tell(c, refusal(c));
  }
  if (r.writable) tell(c, flow::connected{});
}

// An end without a byte is readable, too.
void flow_driver::peek(connection& c) {
  char byte = 0;
  const ssize_t seen = recv(c.client.bytes.fd.get(), &byte, 1, MSG_PEEK);
  if (seen > 0) {
    choose_anew(c);
    return tell(c, flow::readable{});
  }
  if (seen == 0) return tell(c, flow::finished{});
  if (errno != EAGAIN && errno != EINTR) tell(c, flow::reset{.by_client = true});
}

void flow_driver::perform(connection&, const flow::await_bytes&) {}  // the client is watched from the beginning

void flow_driver::perform(connection& c, const flow::relay&) {
  c.reach().connect_ends(true);
  c.carrying = true;
  c.heard = connection::unheard;
  c.next = news::carrying;
  c.last = context_.now;
  c.server.writable = true;
}

void flow_driver::perform(connection& c, const flow::close& order) {
  const pool& p = c.of();
  if (order.why == close_reason::refused_by_acl) p.live->refused_acl.fetch_add(1, relaxed);
  if (order.why == close_reason::departed) p.live->departed.fetch_add(1, relaxed);
  if (order.why == close_reason::server_down) p.live->server_down.fetch_add(1, relaxed);
  if (order.why == close_reason::no_server) p.live->no_server.fetch_add(1, relaxed);
  forget_visit(c);
  if (c.said.begun && c.on != nullptr) end_request(c);
  if (lines_.on()) {
    lines_.closed(p, {.when = {},
                      .service = {},
                      .client = c.life.client().from,
                      .server = c.on == nullptr ? std::string_view() : c.on->name,
                      .sent = c.server.moved,
                      .received = c.client.moved,
                      .lasted = context_.now - c.began,
                      .requests = c.said.count,
                      .line = c.said.first,
                      .why = order.why});
  }
  uncount(c);
  relay_.close(c, order.reset);
  timers_.cancel(c.number);
  c.closed = true;
  p.live->connections.fetch_sub(1, relaxed);
  context_.client_gone();
  dead_.push_back(c.number);
}

void flow_driver::perform(connection& c, const flow::moved& order) {
  if (order.from == flow_state::connecting) --c.use->pending;
  if (order.to == flow_state::connecting) ++c.use->pending;
  if (order.from == flow_state::peeking) --c.use->peeking;
  if (order.to == flow_state::peeking) ++c.use->peeking;
}

// Traffic first, then what time has brought: each part has a slice.
void flow_driver::turn() {
  release();
  go_on();
  context_.breathe();
  expire();
  see_off();
  close_some();
  lists_.make_some(all_, context_.now);
}

std::optional<instant> flow_driver::due() const {
  const bool more = !again_.empty() || !released_.empty() || !closings_.empty() || !lists_.empty();
  if (more) return context_.now;
  const auto next = earlier(timers_.next(), replies_.due());
  return leaving_.empty() ? next : earlier(next, next_look_);
}

void flow_driver::expire() {
  for (time_slice time(slice);;) {
    const auto& due = timers_.expire(context_.now, timers_at_once);
    for (const std::uint32_t number : due) {
      connection* c = all_.find(number);
      if (c == nullptr || c->closed) continue;
      c->count_bytes();
      if (c->life.state() == flow_state::connecting) c->error = ETIMEDOUT;
      if (c->life.state() == flow_state::peeking && c->life.deadline() <= context_.now) choose_anew(*c);
      if (c->closed) continue;
      if (c->carrying) tell(*c, flow::active{c->last});
      tell(*c, wake{});
    }
    if (due.size() < timers_at_once || time.over()) return;
  }
}

void flow_driver::close_some() {
  if (closings_.empty()) return;
  closings_.carry_out_some(all_, [this](connection& c, close_reason why) { tell(c, flow::ordered{why}); });
}

bool flow_driver::close_flow(std::uint64_t id) {
  std::uint32_t cursor = 0;
  return !all_.each_from(cursor, [&](std::uint32_t, connection& c) {
    if (c.id != id || c.closed) return true;
    tell(c, flow::ordered{close_reason::ordered});
    return false;
  });
}

void flow_driver::reap() {
  for (const std::uint32_t number : dead_) {
    context_.known.end(*all_.find(number)->use);
    all_.drop(number);
  }
  dead_.clear();
}

}  // namespace holdfast
