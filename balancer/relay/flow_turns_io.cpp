// What a flow driver does once a turn, a slice of time each: however many flows there are to look after, the worker's
// loop goes round.
#include <algorithm>
#include <cerrno>

#include "balancer/relay/flow_io.h"

namespace holdfast {

namespace {

constexpr std::size_t timers_at_once = 32;

// Whether our end of it is there.
bool is_at(const half& side, const address& where) {
  socket_address ours;
  return side.fd && getsockname(side.fd.get(), ours.get(), &ours.length) == 0 && ours.where().host == where;
}

}  // namespace

// New readiness of quiet flows is served before this queue, and the kernel is asked for it again after each slice: who
// wants little does not wait for those who want all.
void flow_driver::carry_soon(connection& c) {
  if (!std::exchange(c.queued, true)) again_.push_back({watched::flow, c.number, c.client.stamp});
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

void flow_driver::expire() {
  for (time_slice time(slice);;) {
    const auto& due = timers_.expire(bench_.now, timers_at_once);
    for (const std::uint32_t number : due) {
      connection* c = all_.find(number);
      if (c == nullptr || c->closed) continue;
      count_bytes(*c);
      if (c->life.state() == flow_state::connecting) c->error = ETIMEDOUT;
      if (c->life.state() == flow_state::peeking && c->life.deadline() <= bench_.now) choose_anew(*c);
      if (c->closed) continue;
      if (c->carrying) tell(*c, flow::active{c->last});
      tell(*c, wake{});
    }
    if (due.size() < timers_at_once || time.over()) return;
  }
}

std::optional<instant> flow_driver::next_timer() const {
  const auto next = timers_.next();
  if (leaving_.empty()) return next;
  return next ? std::min(*next, next_look_) : next_look_;
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
  if (leaving_.empty()) next_look_ = bench_.now + leave_tick;
  c.leaves = true;
  leaving_.push_back({c.number, c.id, bench_.now + leave_time});
  return std::nullopt;
}

void flow_driver::see_off() {
  if (leaving_.empty() || bench_.now < next_look_) return;
  next_look_ = bench_.now + leave_tick;
  time_slice time(slice);
  std::erase_if(leaving_, [&](const leaver& l) {
    connection* c = all_.find(l.slot);
    if (c == nullptr || c->closed || c->id != l.id) return true;
    if (time.over()) return false;
    if (bench_.now < l.until) {
      carry_on(*c);
    } else {
      tell(*c, flow::reset{.by_client = c->client.broken});
    }
    return c->closed;
  });
}

void flow_driver::close(const close_flows& which) {
  const auto why = which.at ? close_reason::departed : close_reason::ordered;
  closings_.push_back({which, why, connection_id(next_id_, bench_.number)});
}

void flow_driver::close(const close_silent& which) {
  closings_.push_back({close_flows{.service = which.service, .server = which.server}, close_reason::server_down,
                       connection_id(next_id_, bench_.number), which.closes});
}

void flow_driver::close_all() {
  closings_.push_back({std::nullopt, close_reason::shut_down, connection_id(next_id_, bench_.number)});
}

bool flow_driver::is_meant(const connection& c, const close_flows& which) {
  const pool& p = *c.use->what;
  return p.service == which.service && (!which.server || (c.on != nullptr && c.on->id == *which.server)) &&
         (!which.client || p.key_of(c.life.client().from) == *which.client) &&
         (!which.at || is_at(c.client, *which.at) || is_at(c.server, *which.at));
}

void flow_driver::close_some() {
  time_slice time(slice);
  while (!closings_.empty()) {
    closing& order = closings_.front();
    const bool through = all_.each_from(order.cursor, [&](std::uint32_t, connection& c) {
      const bool meant = !c.closed && c.id <= order.last && (!order.which || is_meant(c, *order.which));
      if (meant && order.silent) listen_to_silence(c, *order.silent);
      if (meant && !order.silent) tell(c, flow::ordered{order.why});
      return !time.over();
    });
    if (!through) return;
    closings_.pop_front();
  }
}

// What the server has sent and a slow client has not taken yet is no silence of the server's.
void flow_driver::listen_to_silence(connection& c, bool closes) {
  if (!c.carrying) return;
  const auto heard = static_cast<std::uint32_t>(c.server.moved) & ~(1U << 31);
  const bool silent = c.heard == heard && !c.server.unsent();
  if (closes && silent) return tell(c, flow::ordered{close_reason::server_down});
  c.heard = heard;
}

bool flow_driver::close_flow(std::uint64_t id) {
  std::uint32_t cursor = 0;
  return !all_.each_from(cursor, [&](std::uint32_t, connection& c) {
    if (c.id != id || c.closed) return true;
    tell(c, flow::ordered{close_reason::ordered});
    return false;
  });
}

void flow_driver::list(list_connections order) { listings_.push_back({.order = std::move(order), .left = {}}); }

// Rows are made of those asked for alone: whoever watches a few of many connections holds nobody up.
void flow_driver::list_some() {
  time_slice time(slice);
  while (!listings_.empty()) {
    listing& l = listings_.front();
    if (!l.chosen && !choose_some(l, time)) return;
    for (; !l.left.empty(); l.left.pop_back()) {
      connection* c = all_.find(l.left.back().slot);
      if (time.over()) return;
      if (c != nullptr && !c->closed && c->id == l.left.back().id) l.rows.push_back(row_of(*c));
    }
    l.order.done(std::move(l.rows));
    listings_.pop_front();
  }
}

bool flow_driver::is_meant(const connection& c, const connection_query& which) const {
  const pool& p = *c.use->what;
  return (!which.service || p.service == *which.service) &&
         (!which.server || (c.on != nullptr && c.on->name == *which.server)) &&
         (!which.client || p.key_of(c.life.client().from) == p.key_of(*which.client)) &&
         bench_.now - c.began >= which.older;
}

// True when all have been looked at.
bool flow_driver::choose_some(listing& l, time_slice& time) {
  const connection_query& which = l.order.which;
  const bool through = all_.each_from(l.cursor, [&](std::uint32_t number, connection& c) {
    if (!c.closed && is_meant(c, which)) l.left.push_back({c.last, number, c.id});
    return !time.over();
  });
  if (!through) return false;
  l.chosen = true;
  if (l.left.size() > which.most) {
    const auto moved_later = [](const listed& a, const listed& b) { return a.moved > b.moved; };
    std::nth_element(l.left.begin(), l.left.begin() + static_cast<std::ptrdiff_t>(which.most), l.left.end(),
                     moved_later);
    l.left.resize(which.most);
  }
  return true;
}

connection_row flow_driver::row_of(connection& c) {
  count_bytes(c);
  const client_facts& client = c.life.client();
  return {.id = c.id,
          .service = c.use->what->service,
          .client = client.is_nameless() ? endpoint{.host = {}, .port = 0, .path = nameless_client}
                                         : endpoint{.host = client.from, .port = client.port, .path = {}},
          .server = c.on == nullptr ? "" : c.on->name,
          .state = c.life.state(),
          .sent = c.client.moved,
          .received = c.server.moved,
          .age = bench_.now - c.began,
          .quiet = bench_.now - c.last};
}

void flow_driver::bury() {
  for (const std::uint32_t number : dead_) {
    bench_.known.end(*all_.find(number)->use);
    all_.drop(number);
  }
  dead_.clear();
}

}  // namespace holdfast
