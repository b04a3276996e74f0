#include "balancer/relay/flow_io.h"

#include <sys/socket.h>

#include <cerrno>

#include "balancer/choice/country_io.h"
#include "balancer/sockets/connect_io.h"
#include "base/clock_io.h"

namespace holdfast {

namespace {

constexpr std::uint64_t little = 16 << 10;          // bytes at a time of a flow that need not stand in the queue
constexpr std::uint64_t worth_telling = 256 << 10;  // bytes that a server's counters may lag behind

}  // namespace

flow_driver::flow_driver(workbench& bench, access_lines& lines, std::uint64_t seed)
    : bench_(bench),
      lines_(lines),
      relay_(
          [this](channel& bytes, std::string_view piece) {
            auto& c = static_cast<connection&>(bytes);
            return lines_.request(*c.use->what, c.life.client().from, *c.on, c.begun, piece);
          },
          bench.files),
      timers_(bench.now),
      replies_(bench.number),
      random_(seed) {}

std::uint64_t flow_driver::random() {  // splitmix64
  std::uint64_t x = random_ += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void flow_driver::admit(descriptor client, const endpoint& from, std::uint16_t port, pool_use& use) {
  const pool& p = *use.what;
  if (!p.policy.roundrobin && from.host != address()) p.clients->expect(p.key_of(from.host));
  const std::uint32_t number = all_.make(use);
  connection& c = *all_.find(number);
  bench_.known.begin(use);
  bench_.client_came();
  p.live->accepted.fetch_add(1, std::memory_order_relaxed);
  c.number = number;
  c.id = connection_id(++next_id_, bench_.number);
  c.began = c.last = bench_.now;
  c.closing = p.policy.tcp_fastclose;
  c.client.fd = std::move(client);
  c.client.writable = true;
  // Before the server's socket, so that in a batch of events what the client has sent is known first.
  if (!watch(c, c.client)) return tell(c, flow::ordered{close_reason::ordered});
  client_facts facts{.from = from.host, .port = from.port, .listener_port = port, .country_code = {}, .remembered = {}};
  if (facts.is_nameless()) facts.port = static_cast<std::uint16_t>(random());
  const bool may_wait = use.peeking < p.policy.peek_max;
  learn(c, facts, !p.policy.peek || !may_wait);
  tell(c, flow::accepted{facts, random(), may_wait});
}

// A client without an address is nobody in particular.
bool flow_driver::remembers(const connection& c, const client_facts& client) {
  return !c.use->what->policy.roundrobin && !client.is_nameless();
}

// What is known of a client. chooses: it will be given a server at once.
void flow_driver::learn(connection& c, client_facts& client, bool chooses) {
  const pool& p = *c.use->what;
  if (p.asks_country && bench_.countries) client.country_code = bench_.countries->lookup(client.from);
  if (!chooses || !remembers(c, client)) return;
  client.remembered = p.clients->find(p.key_of(client.from), bench_.steady, p.policy.tracking, &c.visit);
  // Under the name that the server has now.
  if (const server* known = client.remembered ? p.find(*client.remembered) : nullptr) client.remembered = known->id;
  c.home = client.remembered.value_or(nobody);
}

// The client has kept us waiting: it gets a server by what is configured now.
void flow_driver::choose_anew(connection& c) {
  pool_use* now = bench_.known.newest(c.use->what->service);
  if (now == nullptr) return tell(c, flow::ordered{close_reason::ordered});
  if (now != c.use) {
    --c.use->peeking;
    ++now->peeking;
    bench_.known.begin(*now);
    bench_.known.end(*std::exchange(c.use, now));
  }
  client_facts facts = c.life.client();
  learn(c, facts, true);
  tell(c, flow::renewed{now->what.get(), facts});
}

bool flow_driver::watch(connection& c, half& side) {
  side.stamp = bench_.next_stamp();
  const ticket whose{watched::flow, c.number, side.stamp};
  return bench_.sockets.watch(side.fd.get(), whose);
}

// What carrying out an order brings at once is told when all orders are carried out.
void flow_driver::tell(connection& c, const flow::event& fact) {
  for (std::optional<flow::event> next = fact; next && !c.closed; next = follow_up(c)) {
    for (const auto& order : c.life.on(*next, bench_.now)) {
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
    c.error = connect_error(c.server.fd.get());
    c.error_at = connect_step::wait;
    return tell(c, refusal(c));
  }
  if (r.writable) tell(c, flow::connected{});
}

// An end without a byte is readable, too.
void flow_driver::peek(connection& c) {
  char byte = 0;
  const ssize_t seen = recv(c.client.fd.get(), &byte, 1, MSG_PEEK);
  if (seen > 0) {
    choose_anew(c);
    return tell(c, flow::readable{});
  }
  if (seen == 0) return tell(c, flow::finished{});
  if (errno != EAGAIN && errno != EINTR) tell(c, flow::reset{.by_client = true});
}

void flow_driver::carry_on(connection& c) {
  if (const auto fact = carry(c)) tell(c, *fact);
}

std::optional<flow::event> flow_driver::carry(connection& c) {
  const std::uint64_t before = c.client.moved + c.server.moved;
  progress made = relay_.turn(c);
  if (c.withheld && c.server.readable && may_pass(c)) made = relay_.turn(c);
  if (c.begun && c.server.moved > 0) end_request(c);
  const std::uint64_t after = c.client.moved + c.server.moved;
  if (after != before) c.last = bench_.now;
  c.heavy = after - before > little;
  if (after - c.told_sent - c.told_received > worth_telling) count_bytes(c);
  switch (made) {
    case progress::waiting:
      if (c.client.ended && c.visit.running) {
        c.use->what->clients->let_go(c.use->what->key_of(c.life.client().from), c.visit);
      }
      return std::nullopt;
    case progress::again: carry_soon(c); return std::nullopt;
    case progress::leaving: return leave(c);
    case progress::finished: return flow::finished{};
    case progress::client_reset: return flow::reset{.by_client = true};
    case progress::server_reset: return flow::reset{.by_client = false};
    case progress::server_lost:
      c.error = ECONNRESET;
      c.error_at = connect_step::wait;
      return flow::lost{.waits = c.client.unsent()};
  }
  return std::nullopt;
}

// The client's first line has no end, and is logged as it is: it was answered, or the connection is over.
void flow_driver::end_request(connection& c) {
  c.overheard = false;
  lines_.request_ends(*c.use->what, c.life.client().from, *c.on, c.begun);
}

// The server has answered: the client hears it when a peer knows that it belongs to that server.
bool flow_driver::may_pass(connection& c) {
  if (!c.waits) c.waits = replies_.add(c.use->what->followed, {c.number, c.id, c.unconfirmed}, monotonic_now());
  c.withheld = c.waits;
  return !c.withheld;
}

}  // namespace holdfast
