// The bytes of flows: carried at once, in a queue, held back until a peer knows of their client, or seen off at the
// end.
#include <cerrno>

#include "balancer/flow/dump.h"
#include "balancer/relay/flow_io.h"
#include "base/log_io.h"

namespace holdfast {

namespace {

constexpr std::uint64_t little = 16 << 10;          // bytes at a time of a flow that need not stand in the queue
constexpr std::uint64_t worth_telling = 256 << 10;  // bytes that a server's counters may lag behind

}  // namespace

void flow_driver::dump(const dump_traffic& order) {
  if (!order.on) return relay_.witness_by(nullptr);
  relay_.witness_by([ascii = order.ascii](const channel& c, bool from_client, std::string_view piece) {
    log::debug("connection={} from={} bytes={} data=\"{}\"", static_cast<const connection&>(c).id,
               from_client ? "client" : "server", piece.size(), dump_text(piece, ascii));
  });
}

void flow_driver::carry_on(connection& c) {
  if (const auto fact = carry(c)) tell(c, *fact);
}

std::optional<flow::event> flow_driver::carry(connection& c) {
  const std::uint64_t before = c.client.moved + c.server.moved;
  progress made = relay_.turn(c);
  if (c.withheld && c.server.readable && may_pass(c)) made = relay_.turn(c);
  if (c.said.begun && c.replied) end_request(c);
  const std::uint64_t after = c.client.moved + c.server.moved;
  if (after != before) c.last = context_.now;
  c.heavy = after - before > little;
  if (after - c.told_sent - c.told_received > worth_telling) c.count_bytes();
  switch (made) {
    case progress::waiting:
      if (c.client.ended && c.visit.running) {
        c.of().clients->let_go(c.of().key_of(c.life.client().from), c.visit);
      }
      return std::nullopt;
    case progress::counted: return std::nullopt;  // nobody gives these sides an allowance
    case progress::again: carry_soon(c); return std::nullopt;
    case progress::leaving: return leave(c);
    case progress::finished: return flow::finished{};
    case progress::client_reset: return flow::reset{.by_client = true};
    case progress::server_reset: return flow::reset{.by_client = false};
    case progress::server_lost:
      c.error = ECONNRESET;
      c.error_at = connect_step::wait;
      return flow::lost{.waits = c.client.has_said_more()};
  }
  return std::nullopt;
}

// The first line of a request has no end, and is logged as it is: it was answered, or the connection is over.
void flow_driver::end_request(connection& c) {
  c.overheard = false;
  lines_.request_ends(c.life.client().from, *c.on, c.server.bytes.fd.get(), c.said);
}

// The server has answered: the client hears it when a peer knows that it belongs to that server.
bool flow_driver::may_pass(connection& c) {
  if (!c.waits) c.waits = replies_.add(c.of().followed, {c.number, c.id, c.unconfirmed}, monotonic_now());
  c.withheld = c.waits;
  return !c.withheld;
}

// New readiness of quiet flows is served before this queue, and the kernel is asked for it again after each slice: who
// wants little does not wait for those who want all.
void flow_driver::carry_soon(connection& c) {
  if (!std::exchange(c.queued, true)) again_.push_back({kind, c.number, c.client.stamp});
}

void flow_driver::go_on() {
  time_slice time(bulk_slice);
  for (std::size_t left = again_.size(); left > 0 && !time.over(); --left) {
    const ticket whose = again_.front();
    again_.pop_front();
    connection* c = all_.find(whose.slot);
    if (c == nullptr || c->closed || c->client.stamp != whose.stamp) continue;
    c->queued = false;
    if (c->carrying) carry_on(*c);
  }
}

void flow_driver::release() {
  if (!replies_.empty()) {
    const auto& taken = replies_.take(monotonic_now());
    released_.insert(released_.end(), taken.begin(), taken.end());
  }
  for (time_slice time(slice); !released_.empty() && !time.over();) {
    const confirm_queue::reply r = released_.front();
    released_.pop_front();
    connection* c = all_.find(r.slot);
    if (c == nullptr || c->closed || c->id != r.id || !c->waits || c->unconfirmed != r.assigned) continue;
    c->withheld = c->waits = false;
    carry_on(*c);
  }
}

// One side is gone, the other has not all yet that it said. Nothing tells when the last byte has arrived, so it is
// looked at.
std::optional<flow::event> flow_driver::leave(connection& c) {
  if (c.leaves) return std::nullopt;
  if (leaving_.size() >= most_leaving) return flow::reset{.by_client = c.client.broken};
  if (leaving_.empty()) next_look_ = context_.now + leave_tick;
  c.leaves = true;
  leaving_.push_back({c.number, c.id, context_.now + leave_time});
  return std::nullopt;
}

void flow_driver::see_off() {
  if (leaving_.empty() || context_.now < next_look_) return;
  next_look_ = context_.now + leave_tick;
  time_slice time(slice);
  std::erase_if(leaving_, [&](const leaver& l) {
    connection* c = all_.find(l.slot);
    if (c == nullptr || c->closed || c->id != l.id) return true;
    if (time.over()) return false;
    if (context_.now < l.until) {
      carry_on(*c);
    } else {
      tell(*c, flow::reset{.by_client = c->client.broken});
    }
    return c->closed;
  });
}

}  // namespace holdfast
