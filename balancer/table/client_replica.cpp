// The client table as a replica: what it tells its peers and what it learns from them.
#include <algorithm>

#include "balancer/table/client_table.h"
#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr unsigned steps_per_lock = 256;          // some ten microseconds
constexpr std::size_t slots_per_lock = 512;       // one after the other in memory: faster
constexpr std::size_t slots_per_call = 16 << 10;  // of bucket_entries()

sync_entry entry_of(const table_entry& e) {
  return {.client = e.client, .server = static_cast<sync_number>(e.server), .assigned = e.assigned, .used = e.used};
}

bool used_later(const sync_entry& a, const sync_entry& b) { return a.used > b.used; }
bool used_earlier(const sync_entry& a, const sync_entry& b) { return a.used < b.used; }

}  // namespace

client_table::merge_report client_table::merge(std::span<const sync_entry> batch, unix_ms now) {
  std::vector<sync_entry> sorted;
  if (!std::is_sorted(batch.begin(), batch.end(), used_later) &&
      !std::is_sorted(batch.begin(), batch.end(), used_earlier)) {
    sorted.assign(batch.begin(), batch.end());
    std::stable_sort(sorted.begin(), sorted.end(), used_later);
    batch = sorted;
  }
  merge_report report;
  while (!batch.empty()) {
    const std::lock_guard guard(lock_);
    unsigned steps = steps_per_lock;
    while (!batch.empty() && steps > 0 && merge_one(batch.front(), now, steps, report)) batch = batch.subspan(1);
  }
  return report;
}

client_table::merge_report client_table::recall(std::span<const sync_entry> batch, unix_ms now) {
  std::vector<sync_entry> known(batch.begin(), batch.end());
  std::uint64_t ahead = 0;
  for (sync_entry& e : known) {
    if (ms_of(e.assigned) <= now + clocks_agree) continue;
    e.assigned = recalled(e.assigned);
    ++ahead;
  }
  merge_report report = merge(known, now);
  report.ahead = ahead;
  return report;
}

// False: the steps were not enough; what has been done will be found done. The two registers are joined one by one.
bool client_table::merge_one(const sync_entry& told, unix_ms now, unsigned& steps, merge_report& report) {
  --steps;
  ensure(told.server <= max_server_id);
  const stamp assigned = told.assigned, used = std::max(told.used, assigned);
  if (!clock_.see(used, now)) {
    ++report.dropped;
    return true;
  }
  const std::uint64_t hash = order_.hash_of(told.client);
  const auto known = order_.find(told.client, hash);
  table_entry joined{};
  bool taken = false;
  if (known) {
    const std::uint64_t ours = identities_.of(static_cast<server_id>(known->server));
    const std::uint64_t theirs = identities_.of(told.server);
    const bool wins = assigned > known->assigned || (assigned == known->assigned && theirs > ours);
    const bool same = assigned == known->assigned && theirs == ours;
    if (wins || (same && told.server != known->server)) order_.assign(known, told.server, assigned);
    if (wins) redirect(told.client, hash, told.server);
    taken = wins;
    if (used > known->used) {
      joined = *known;
      joined.own = known->own && !wins && !same;  // whose assignment is ours yet: they don't know it
    }
  } else {
    joined.client = told.client;
    joined.server = told.server;
    joined.assigned = assigned;
  }
  joined.used = used;
  const bool moves = known ? used > known->used : used > 0;
  const bool forgets = moves && known.in != &order_.current() && make_room(used, now);
  const auto placed = moves ? order_.place(known, joined, hash, steps) : table_order::placed::dropped;
  if (placed == table_order::placed::unfinished) return false;
  if (placed == table_order::placed::done && forgets) count_recent(now);
  if (placed == table_order::placed::done && joined.own) newest_own_ = std::max(newest_own_, used);
  taken |= placed == table_order::placed::done;
  ++(taken ? report.taken : known ? report.known : report.dropped);
  return true;
}

// Steps from the newest to the first that is not newer than upto. True: there.
bool client_table::seek_on(follower& f, stamp upto) {
  const std::lock_guard guard(lock_);
  auto at = f.said.at();
  for (unsigned step = 0; step < steps_per_lock; ++step, at = order_.older(at)) {
    if (at && at->used > upto) continue;
    f.said.stand(at);
    return true;
  }
  f.said.stand(at);
  return false;
}

void client_table::seek(unsigned peer, stamp upto) {
  follower& f = *replication_watermark_.at(peer);
  {
    const std::lock_guard guard(lock_);
    f.said.stand(order_.newest());
    f.upto = std::min(upto, clock_.last());
    f.follows = true;
    if (newest_own_ <= upto) return;
  }
  while (!seek_on(f, upto)) {
  }
}

void client_table::unfollow(unsigned peer) {
  const std::lock_guard guard(lock_);
  follower& f = *replication_watermark_.at(peer);
  f.follows = false;
  f.said.stand({});
  f.to_show.stand({});
}

std::size_t client_table::news(unsigned peer, std::span<sync_entry> out, stamp& upto) {
  follower& f = *replication_watermark_.at(peer);
  std::size_t count = 0;
  for (bool more = true; more;) {
    const std::lock_guard guard(lock_);
    if (newest_own_ <= f.upto) f.said.stand(order_.newest());
    auto last = f.said.at();
    auto next = order_.newer(last);
    for (unsigned step = 0; next && step < steps_per_lock; ++step) {
      if (next->own && count == out.size()) break;
      if (next->own) out[count++] = entry_of(*next);
      last = next;
      next = order_.newer(last);
    }
    f.said.stand(last);
    // Stamps of different nodes may be equal, so that of the last one is not safe. Ours are later than all seen.
    f.upto = std::max(f.upto, next ? next->used - 1 : clock_.last());
    upto = f.upto;
    more = next && !(next->own && count == out.size());
  }
  return count;
}

bool client_table::has_news(unsigned peer) const {
  const std::lock_guard guard(lock_);
  const follower& f = *replication_watermark_.at(peer);
  return f.follows && newest_own_ > f.upto;
}

void client_table::start_snapshot(unsigned peer) {
  const std::lock_guard guard(lock_);
  replication_watermark_.at(peer)->to_show.stand(order_.newest());
}

std::size_t client_table::snapshot(unsigned peer, std::span<sync_entry> out) {
  follower& f = *replication_watermark_.at(peer);
  std::size_t count = 0;
  for (bool more = true; more;) {
    const std::lock_guard guard(lock_);
    auto at = f.to_show.at();
    for (unsigned step = 0; at && count < out.size() && step < steps_per_lock; ++step, at = order_.older(at)) {
      out[count++] = entry_of(*at);
    }
    f.to_show.stand(at);
    more = at && count < out.size();
  }
  return count;
}

// Slots of the current array come first, then those of the former.
std::size_t client_table::bucket_entries(const std::bitset<digest_buckets>& which, std::size_t& at,
                                         std::span<sync_entry> out) {
  std::size_t count = 0;
  for (std::size_t looked = 0; looked < slots_per_call;) {
    const std::lock_guard guard(lock_);
    const table_slots& now = order_.current();
    const table_slots* before = order_.former();
    const std::size_t all = std::size_t{now.taken()} + (before != nullptr ? before->taken() : 0);
    for (std::size_t piece = 0; piece < slots_per_lock; ++piece, ++looked, ++at) {
      if (at >= all) {
        at = 0;
        return count;
      }
      const auto slot = static_cast<std::uint32_t>(at + 1);
      const table_entry& e = slot <= now.taken() ? now[slot] : (*before)[slot - now.taken()];
      if (e.used == 0 || !which[bucket_of(e.client)]) continue;
      if (count == out.size()) return count;
      out[count++] = entry_of(e);
    }
  }
  return count;
}

table_digest client_table::digest(std::uint32_t& size) const {
  const std::lock_guard guard(lock_);
  size = order_.size();
  return order_.digest();
}

unix_ms client_table::when(stamp s) const {
  const std::lock_guard guard(lock_);
  return clock_.when(s);
}

std::vector<clock_mark> client_table::clock_marks(unix_ms now) const {
  const std::lock_guard guard(lock_);
  return clock_.marks(now);
}

void client_table::meet(std::span<const clock_mark> theirs, unix_ms now) {
  const std::lock_guard guard(lock_);
  clock_.meet(theirs, now);
}

stamp client_table::latest() const {
  const std::lock_guard guard(lock_);
  return clock_.last();
}

}  // namespace holdfast
