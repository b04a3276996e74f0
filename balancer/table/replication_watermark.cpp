#include "balancer/table/replication_watermark.h"

#include <algorithm>
#include <bit>

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr stamp never = ~stamp{0};

}  // namespace

std::size_t wait_bucket(duration waited) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(waited).count();
  const auto width = std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
  return std::min(static_cast<std::size_t>(width), wait_buckets - 1);
}

replication_watermark::replication_watermark(unsigned workers, std::function<void()> wake_up,
                                             std::function<void(unsigned worker)> wake)
    : wake_up_(std::move(wake_up)), wake_(std::move(wake)), given_up_at_(never), awaited_(workers) {}

// A worker announces and then asks, the sync thread changes and then looks who has announced: in one order for all
// (hence no relaxed access here), so one of the two sees the other.
void replication_watermark::follow(following how) {
  if (how_.exchange(how) == how) return;
  given_up_at_ = never;
  for (unsigned w = 0; w < awaited_.size(); ++w) {
    if (how != following::closely && awaited_[w] != 0) wake_(w);
  }
}

void replication_watermark::confirm(stamp upto) {
  if (upto <= confirmed_.load(relaxed)) return;  // nobody else writes it
  confirmed_ = upto;
  for (unsigned w = 0; w < awaited_.size(); ++w) {
    const stamp oldest = awaited_[w];
    if (oldest != 0 && oldest <= upto) wake_(w);
  }
}

// Forgotten before the table is read: what comes after is read, or wakes us again.
bool replication_watermark::take_news() {
  const bool urgent = urgent_.exchange(false);
  return news_.exchange(false) || urgent;
}

bool replication_watermark::settled(stamp assigned, bool fresh) {
  const following now = how_.load(relaxed);
  if (now == following::off) return false;
  if (fresh && now == following::alone) counters_.no_peer.fetch_add(1, relaxed);
  if (now == following::alone) return false;
  if (!fresh && assigned <= confirmed_.load(relaxed)) {
    if (!news_.load(relaxed)) news_.store(true, relaxed);
    return false;
  }
  if (!urgent_.exchange(true)) wake_up_();
  return now == following::closely;
}

confirmation replication_watermark::ask(stamp when) const {
  if (how_ != following::closely) return confirmation::no_peer;
  const stamp upto = confirmed_;
  if (upto >= when) return confirmation::confirmed;
  return given_up_at_.load(relaxed) == upto ? confirmation::given_up : confirmation::wait;
}

void replication_watermark::announce(unsigned worker, stamp oldest) { awaited_[worker] = oldest; }

void replication_watermark::give_up() { given_up_at_.store(confirmed_.load(relaxed), relaxed); }

void replication_watermark::count(confirmation what, duration waited) {
  switch (what) {
    case confirmation::confirmed:
      counters_.confirmed.fetch_add(1, relaxed);
      counters_.waits[wait_bucket(waited)].fetch_add(1, relaxed);
      return;
    case confirmation::no_peer: counters_.no_peer.fetch_add(1, relaxed); return;
    case confirmation::given_up: counters_.unwaited.fetch_add(1, relaxed); return;
    case confirmation::wait: return;  // not decided yet
  }
}

void replication_watermark::count_time_out(duration waited) {
  counters_.timed_out.fetch_add(1, relaxed);
  counters_.waits[wait_bucket(waited)].fetch_add(1, relaxed);
}

}  // namespace holdfast
