// The client table and those who are here: where their connections go, and who is kept because of them.
#include <algorithm>
#include <utility>

#include "balancer/table/client_table.h"
#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr std::size_t most_kept = 64;   // connected clients passed over for one newcomer
constexpr unix_ms shortest_use = 1000;  // ms; an end that comes sooner says nothing new
constexpr unix_ms ms_per_hour = 3'600'000;

std::uint64_t sum_up_to(std::uint64_t most, std::uint64_t a, std::uint64_t b) { return a + std::min(b, most - a); }

void add_bytes(table_entry& to, std::uint64_t sent, std::uint64_t received) {
  to.sent = sum_up_to(max_counted, to.sent, sent);
  to.received = sum_up_to(max_counted, to.received, received);
}

}  // namespace

bool client_table::runs(const address& client, std::uint64_t hash) const {
  const visitor* v = visitors_.find(client, hash);
  return v != nullptr && v->running > 0;
}

// Before somebody used at `newcomer` comes into the current array: if it is full, its oldest will go. True: that one
// was used within the last hour.
bool client_table::make_room(stamp newcomer, unix_ms now) {
  table_slots& in = order_.current();
  if (!in.full()) return false;
  const auto oldest = [&] { return table_order::spot{&in, in.oldest()}; };
  for (std::size_t kept = 0; kept < std::min<std::size_t>(most_kept, in.size()); ++kept) {
    const auto last = oldest();
    const std::uint64_t hash = order_.hash_of(last->client);
    if (last->used > newcomer || !runs(last->client, hash)) break;
    use(last, hash, now);
  }
  const auto last = oldest();
  return last->used <= newcomer && last->server != nobody && clock_.when(last->used) + ms_per_hour >= now;
}

void client_table::count_recent(unix_ms now) {
  const std::uint64_t hour = now / ms_per_hour;
  if (hour > hour_) evicted_in_hour_ = {0, hour == hour_ + 1 ? evicted_in_hour_[0] : 0};
  hour_ = std::max(hour_, hour);
  ++evicted_in_hour_[0];
  ++recent_evictions_;
}

// By order, or by what a peer knows: those that look for a server go there now.
void client_table::redirect(const address& client, std::uint64_t hash, server_id server) {
  visitor* v = visitors_.any_connecting() ? visitors_.find(client, hash) : nullptr;
  if (v == nullptr || v->connecting == 0) return;
  v->reserved = server;
  v->reached = server != nobody;
}

// Since the connection asked where its client belongs.
bool client_table::has_moved(table_order::spot known, const client_visit& visit) const {
  return known && known->server != nobody && known->assigned != visit.seen;
}

server_id client_table::reserve(const address& client, server_id wanted, client_visit& visit, server_id failed) {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto is_left = [&](server_id id) {
    return id != nobody && (failed == nobody || !identities_.same(id, failed));
  };
  const auto known = order_.find(client, hash);
  const auto at = static_cast<server_id>(known ? known->server : nobody);
  if (at != nobody && !is_left(at)) visit.seen = known->assigned;
  const bool moved = has_moved(known, visit) && is_left(at);
  visitor& v = visitors_.enter(client, hash);
  if (!visit.connecting) visit.connecting = visitors_.begin_connect(v);
  if (!visit.connecting) {
    ++unreserved_;
    visitors_.leave(v);
    return moved ? at : wanted;
  }
  if (!is_left(v.reserved)) {
    v.reserved = moved ? at : wanted;
    v.reached = moved;
  }
  return v.reserved;
}

client_table::settled client_table::settle(const address& client, server_id server, unix_ms now, client_visit* visit) {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto known = order_.find(client, hash);
  if (visit != nullptr) {
    visitor& v = visitors_.enter(client, hash);
    v.running += !visit->running;
    visit->running = visit->reached = true;
    const bool other = v.reached && !identities_.same(v.reserved, server);  // reached it, without a change of server
    const bool overtaken = known && known->server != nobody && (other || has_moved(known, *visit)) &&
                           !identities_.same(static_cast<server_id>(known->server), server);
    const auto at = overtaken ? static_cast<server_id>(known->server) : server;
    if (std::exchange(visit->connecting, false)) visitors_.end_connect(v);
    if (v.connecting > 0) {
      v.reserved = at;
      v.reached = 1;
    }
    if (overtaken) return {use(known, hash, now)->used, false, order_.newest()->assigned, at};
  }
  const settled done = give(known, client, server, now, hash);
  const auto where = order_.newest();
  where->connects = sum_up_to(max_connects, where->connects, 1);
  if (visit != nullptr) visit->seen = done.assigned;  // it may have to look for another server yet
  return done;
}

void client_table::account(const address& client, std::uint64_t sent, std::uint64_t received) {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto known = order_.find(client, hash);
  if (known && known->server != nobody) add_bytes(*known, sent, received);
}

void client_table::let_go(const address& client, client_visit& visit) {
  if (!visit.running) return;
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  visitor* v = visitors_.find(client, hash);
  ensure(v != nullptr);
  visit.running = false;
  --v->running;
  visitors_.leave(*v);
}

client_table::settled client_table::leave(const address& client, client_visit& visit, unix_ms now, std::uint64_t sent,
                                          std::uint64_t received) {
  if (!visit.connecting && !visit.reached) return {};
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  if (visit.connecting || visit.running) {
    visitor* v = visitors_.find(client, hash);
    ensure(v != nullptr);
    if (std::exchange(visit.connecting, false)) visitors_.end_connect(*v);
    v->running -= std::exchange(visit.running, false);
    visitors_.leave(*v);
  }
  const bool ran = std::exchange(visit.reached, false);
  const auto known = ran ? order_.find(client, hash) : table_order::spot{};
  if (!known || known->server == nobody) return {};
  add_bytes(*known, sent, received);
  settled done{0, false, known->assigned, static_cast<server_id>(known->server)};
  if (clock_.when(known->used) + shortest_use <= now) done.when = use(known, hash, now)->used;
  return done;
}

std::uint64_t client_table::recent_evictions() const {
  const std::lock_guard guard(lock_);
  return recent_evictions_;
}

std::uint64_t client_table::would_hold(unix_ms now) const {
  const std::lock_guard guard(lock_);
  const std::uint64_t hours_ago = now / ms_per_hour - std::min(hour_, now / ms_per_hour);
  const auto [current, before] = evicted_in_hour_;
  const std::uint64_t most = hours_ago == 0 ? std::max(current, before) : hours_ago == 1 ? current : 0;
  return order_.capacity() + most;
}

std::uint64_t client_table::unreserved() const {
  const std::lock_guard guard(lock_);
  return unreserved_;
}

std::size_t client_table::visiting() const {
  const std::lock_guard guard(lock_);
  return visitors_.size();
}

}  // namespace holdfast
