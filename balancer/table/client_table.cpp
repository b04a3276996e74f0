#include "balancer/table/client_table.h"

#include <algorithm>

#include "base/ensure.h"
#include "cli/settings/settings.h"

namespace holdfast {

namespace {

constexpr std::size_t moves_per_lock = 64;
constexpr std::size_t steps_per_lock = 256;
constexpr stamp any_stamp = ~stamp{0};

client_record record_of(const table_entry& e, const hybrid_clock& clock) {
  return {.client = e.client,
          .server = static_cast<server_id>(e.server),
          .connects = static_cast<std::uint32_t>(e.connects),
          .sent = e.sent,
          .received = e.received,
          .assigned = e.assigned,
          .used = e.used,
          .when = clock.when(e.used)};
}

}  // namespace

std::uint64_t identity_hash(std::string_view identity) {
  std::uint64_t h = 0xcbf29ce484222325;  // FNV-1a, then the finaliser of MurmurHash3, for FNV mixes short names poorly
  for (const char c : identity) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}

client_table::client_table(std::uint32_t capacity, std::uint64_t seed, memory_advice advise)
    : order_(capacity, seed, advise, identities_) {
  ensure(capacity >= 1 && capacity <= max_clients);
  for (unsigned i = 0; i < max_cursors; ++i) replication_watermark_.push_back(std::make_unique<follower>(order_));
}

void client_table::know(server_id id, std::uint64_t identity) {
  const std::lock_guard guard(lock_);
  identities_.know(id, identity);
}

// Most recently used, by us.
table_order::spot client_table::use(table_order::spot known, std::uint64_t hash, unix_ms now) {
  if (known.in != &order_.current() && make_room(any_stamp, now)) count_recent(now);
  newest_own_ = clock_.tick(now);
  const auto where = order_.touch(known, hash);
  where->used = newest_own_;
  where->own = 1;
  return where;
}

void client_table::expect(const address& client) const {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  order_.expect(hash);
}

std::optional<server_id> client_table::find(const address& client, unix_ms now, duration tracking,
                                            client_visit* visit) const {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto where = order_.find(client, hash);
  if (visit != nullptr) visit->seen = where ? where->assigned : 0;
  visitor* here = visitors_.any_connecting() ? visitors_.find(client, hash) : nullptr;
  if (here != nullptr && here->reserved != nobody) {
    if (visit != nullptr && !visit->connecting) visit->connecting = visitors_.begin_connect(*here);
    return server_id{here->reserved};
  }
  if (!where || where->server == nobody) return std::nullopt;
  const auto longest = static_cast<unix_ms>(std::chrono::floor<std::chrono::milliseconds>(tracking).count());
  const bool long_ago = tracking > duration::zero() && clock_.when(where->used) + longest < now;
  if (long_ago && !runs(client, hash)) return std::nullopt;
  table_order::expect_touch(where);
  return static_cast<server_id>(where->server);
}

client_table::settled client_table::give(table_order::spot known, const address& client, server_id server, unix_ms now,
                                         std::uint64_t hash) {
  if (!known) {
    if (make_room(any_stamp, now)) count_recent(now);
    newest_own_ = clock_.tick(now);
    table_entry made{};
    made.client = client;
    made.server = server;
    made.assigned = made.used = newest_own_;
    made.own = 1;
    order_.add(made, hash);
    return {newest_own_, true, newest_own_, server};
  }
  const bool same = identities_.same(static_cast<server_id>(known->server), server);
  const bool fresh = !same || is_recalled(known->assigned);
  const auto where = use(known, hash, now);
  if (fresh || where->server != server) order_.assign(where, server, fresh ? where->used : where->assigned);
  return {where->used, fresh, where->assigned, server};
}

client_table::settled client_table::assign(const address& client, server_id server, unix_ms now) {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  redirect(client, hash, server);
  return give(order_.find(client, hash), client, server, now, hash);
}

bool client_table::forget(const address& client, unix_ms now) {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto where = order_.find(client, hash);
  if (!where || where->server == nobody) return false;
  where->connects = 0;
  where->sent = where->received = 0;
  redirect(client, hash, nobody);
  give(where, client, nobody, now, hash);
  return true;
}

std::optional<client_record> client_table::look(const address& client) const {
  const std::uint64_t hash = order_.hash_of(client);
  const std::lock_guard guard(lock_);
  const auto where = order_.find(client, hash);
  if (!where || where->server == nobody) return std::nullopt;
  return record_of(*where, clock_);
}

std::vector<client_record> client_table::recent(unix_ms since, std::size_t limit) const {
  std::vector<client_record> out;
  std::unique_lock guard(lock_);
  table_order::cursor next(order_);
  next.stand(order_.newest());
  while (true) {
    auto at = next.at();
    for (std::size_t step = 0; step < steps_per_lock; ++step, at = order_.older(at)) {
      if (!at || out.size() == limit || clock_.when(at->used) < since) return out;
      if (at->server != nobody) out.push_back(record_of(*at, clock_));
    }
    next.stand(at);
    guard.unlock();
    guard.lock();
  }
}

void client_table::resize(std::uint32_t capacity) {
  ensure(capacity >= 1 && capacity <= max_clients);
  {
    const std::lock_guard guard(lock_);
    order_.resize(capacity);
  }
  use_connected();
}

// When a resize begins: newcomers may fill the new array before all have moved. In pieces.
void client_table::use_connected() {
  for (std::size_t part = 0; part < visitors::parts; ++part) {
    const std::lock_guard guard(lock_);
    if (!order_.moving()) return;
    for (const visitor& v : visitors_.part(part)) {
      if (v.running == 0) continue;
      const std::uint64_t hash = order_.hash_of(v.client);
      const auto where = order_.find(v.client, hash);
      if (where && where.in == order_.former()) use(where, hash, 0);
    }
  }
}

bool client_table::migrate(std::size_t at_most, std::unique_ptr<table_slots>* former) {
  while (at_most > 0) {
    std::unique_ptr<table_slots> rubbish;  // freed after the lock
    {
      const std::lock_guard guard(lock_);
      for (std::size_t moved = 0; order_.moving() && moved < moves_per_lock && at_most > 0; ++moved, --at_most) {
        order_.move_one();
      }
      if (order_.moving()) continue;
      rubbish = order_.end_resize();
      if (former != nullptr) *former = std::move(rubbish);
      if (!order_.moving()) return false;
    }
    use_connected();
    return true;
  }
  return true;
}

std::size_t client_table::size() const {
  const std::lock_guard guard(lock_);
  return std::min({order_.size() - order_.forgotten(), order_.current().capacity(), order_.capacity()});
}

std::uint32_t client_table::capacity() const {
  const std::lock_guard guard(lock_);
  return order_.capacity();
}

std::uint64_t client_table::evictions() const {
  const std::lock_guard guard(lock_);
  return order_.evictions();
}

std::size_t client_table::bytes_for(std::uint32_t capacity) {
  return sizeof(client_table) + max_cursors * sizeof(follower) + table_slots::bytes_for(capacity);
}

}  // namespace holdfast
