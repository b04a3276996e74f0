#include "balancer/flow/flow.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr duration room_pause = std::chrono::milliseconds(50);  // until we look again whether there is room by now

}  // namespace

flow::effects flow::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> flow::deadline() const {
  const auto in = [this](duration limit) {
    return limit > duration::zero() ? std::optional(since_ + limit) : std::nullopt;
  };
  switch (state_) {
    case flow_state::connecting: return room_looks_ ? room_looks_ : in(pool_->policy.timeout);
    case flow_state::peeking: return in(pool_->policy.peek_time);
    case flow_state::relaying: return in(pool_->policy.idle_timeout);
    case flow_state::fresh:
    case flow_state::closed: break;
  }
  return std::nullopt;
}

void flow::move_to(flow_state to, effects& out) {
  if (state_ == to) return;  // from one server to the next: still connecting
  out.push_back(moved{state_, to});
  state_ = to;
}

void flow::choose(instant now, effects& out) {
  order_ = order(*pool_, client_, now, random_);
  try_next(now, out);
}

void flow::try_next(instant now, effects& out) {
  const auto next = order_.next(*pool_, client_, now);
  alone_ = false;
  if (next) return call_server(*next, now, out);
  where_.reset();
  end(false, order_.refused_by_acl() ? close_reason::refused_by_acl : close_reason::no_server, out);
}

// Its addresses in their order, but first the one that answered last.
void flow::call_server(target to, instant now, effects& out) {
  const server& s = server_of(*pool_, to);
  where_ = to;
  address_ = static_cast<std::uint8_t>(s.live->address.load(std::memory_order_relaxed) % s.addresses());
  addresses_left_ = static_cast<std::uint8_t>(s.addresses() - 1);
  again_ = false;
  call(now, out);
}

void flow::call(instant now, effects& out) {
  since_ = now;
  room_looks_.reset();
  out.push_back(connect{*where_, address_, alone_});
  move_to(flow_state::connecting, out);
}

// Nobody's fault but ours, and soon over: the client waits, at most as long as for a server that does not answer.
void flow::no_room(instant now, effects& out) {
  const duration most = pool_->policy.timeout;
  if (most > duration::zero() && now - since_ >= most) return try_next(now, out);
  room_looks_ = now + room_pause;
}

// A silence that began before the server's last word to somebody says less than that word.
bool flow::answered_meanwhile() const {
  const reach_live& r = server_of(*pool_, *where_).reach(client_.listener_port);
  return r.answered_at.load(std::memory_order_relaxed) > since_.time_since_epoch().count();
}

// What failed may have been the way there, which was cut for a while: if a check has passed that began after the
// connect, the server is asked once more before the client, and others after it, go elsewhere. So is each of its
// addresses.
void flow::server_failed(instant now, effects& out) {
  const server& s = server_of(*pool_, *where_);
  const bool first = state_ == flow_state::connecting && !again_;
  if (first && s.reach(client_.listener_port).was_well_after(since_)) {
    again_ = true;
    return call(now, out);
  }
  if (addresses_left_ > 0) {
    --addresses_left_;
    address_ = static_cast<std::uint8_t>((address_ + 1) % s.addresses());
    again_ = false;
    return call(now, out);
  }
  out.push_back(mark_failed{*where_});
  try_next(now, out);
}

void flow::end(bool with_reset, close_reason why, effects& out) {
  out.push_back(close{with_reset, why});
  move_to(flow_state::closed, out);
}

void flow::take(const accepted& e, instant now, effects& out) {
  ensure(state_ == flow_state::fresh);  // the first thing a flow is told, and only once
  client_ = e.client;
  random_ = e.random;
  since_ = now;
  // Whom the acl refuses is not worth waiting for.
  const bool waits = e.may_wait && pool_->policy.peek && pool_->client_acl->permits(client_.from, client_.country_code);
  if (!waits) return choose(now, out);
  out.push_back(await_bytes{});
  move_to(flow_state::peeking, out);
}

void flow::take(const renewed& e, instant, effects&) {
  ensure(state_ == flow_state::peeking);  // afterwards a connection keeps what it was promised
  pool_ = e.of;
  client_ = e.client;
}

void flow::take(const readable&, instant now, effects& out) {
  switch (state_) {
    case flow_state::peeking: return choose(now, out);
    case flow_state::fresh:
    case flow_state::connecting:
    case flow_state::relaying: return;  // the bytes wait in the socket; the relay reads them
    case flow_state::closed: return;    // too late
  }
}

void flow::take(const connected&, instant now, effects& out) {
  switch (state_) {
    case flow_state::connecting:
      since_ = now;
      out.push_back(settle{*where_});
      out.push_back(relay{});
      return move_to(flow_state::relaying, out);
    case flow_state::fresh:
    case flow_state::peeking:
    case flow_state::relaying: return;  // of a connect that was given up
    case flow_state::closed: return;    // too late
  }
}

void flow::take(const refused& e, instant now, effects& out) {
  switch (state_) {
    case flow_state::connecting:
      if (e.whose == blame::ours) return no_room(now, out);
      return marks_server(e.whose) ? server_failed(now, out) : try_next(now, out);
    case flow_state::fresh:
    case flow_state::peeking:
    case flow_state::relaying: return;  // of a connect that was given up
    case flow_state::closed: return;    // too late
  }
}

// Where the client has been in vain, or a server that this pool does not have, is nowhere to follow to.
void flow::take(const follow& e, instant now, effects& out) {
  switch (state_) {
    case flow_state::connecting: {
      const server* s = pool_->find(e.to);
      const auto to = s == nullptr ? std::nullopt : order_.follow(*pool_, client_, now, *s);
      if (to) return call_server(*to, now, out);
      alone_ = true;
      return call(now, out);
    }
    case flow_state::fresh:
    case flow_state::peeking:
    case flow_state::relaying: return;  // of a connect that was given up
    case flow_state::closed: return;    // too late
  }
}

void flow::take(const lost& e, instant now, effects& out) {
  switch (state_) {
    case flow_state::connecting: return server_failed(now, out);  // the system told of success and reset at once
    case flow_state::relaying: {
      const duration soon = pool_->policy.timeout;
      const bool late = soon > duration::zero() && now - since_ > soon;
      if (late || !e.waits) return end(true, close_reason::server_gone, out);
      return server_failed(now, out);
    }
    case flow_state::fresh:
    case flow_state::peeking: return;  // no server yet
    case flow_state::closed: return;   // too late
  }
}

void flow::take(const finished&, instant, effects& out) {
  switch (state_) {
    case flow_state::peeking:  // the client went without a word
    case flow_state::relaying: return end(false, close_reason::finished, out);
    case flow_state::fresh:
    case flow_state::connecting: return;  // the server's direction has not begun, so it can't have ended
    case flow_state::closed: return;      // too late
  }
}

void flow::take(const reset& e, instant now, effects& out) {
  if (e.by_client) {
    if (state_ == flow_state::closed) return;  // too late
    return end(true, close_reason::client_gone, out);
  }
  switch (state_) {
    case flow_state::connecting: return server_failed(now, out);
    case flow_state::relaying: return end(true, close_reason::server_gone, out);
    case flow_state::fresh:
    case flow_state::peeking: return;  // of a connect that was given up
    case flow_state::closed: return;   // too late
  }
}

void flow::take(const active& e, instant, effects&) {
  switch (state_) {
    case flow_state::peeking:
    case flow_state::relaying: since_ = std::max(since_, e.last); return;
    case flow_state::fresh:
    case flow_state::connecting: return;  // bytes of the client don't make a server answer sooner
    case flow_state::closed: return;      // too late
  }
}

void flow::take(const ordered& e, instant, effects& out) {
  if (state_ == flow_state::closed) return;  // too late
  end(e.why == close_reason::server_down || e.why == close_reason::departed, e.why, out);
}

void flow::take(const wake&, instant now, effects& out) {
  const auto due = deadline();
  if (!due || now < *due) return;  // a timer set before something happened
  switch (state_) {
    case flow_state::peeking: return choose(now, out);  // where the server speaks first, the client waits for it
    case flow_state::connecting:
      if (std::exchange(room_looks_, std::nullopt)) return out.push_back(connect{*where_, address_, alone_});
      return answered_meanwhile() ? try_next(now, out) : server_failed(now, out);
    case flow_state::relaying: return end(false, close_reason::idle, out);
    case flow_state::fresh:
    case flow_state::closed: return;  // no deadline
  }
}

}  // namespace holdfast
