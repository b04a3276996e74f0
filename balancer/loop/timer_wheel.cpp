#include "balancer/loop/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace holdfast {

namespace {

std::int64_t tick_at(instant when) { return when.time_since_epoch() / timer_wheel::tick; }
std::int64_t tick_after(instant when) { return tick_at(when) + 1; }
instant time_of(std::int64_t tick) { return instant(tick * timer_wheel::tick); }

}  // namespace

timer_wheel::timer_wheel(instant now) : turned_(tick_at(now)) { first_.fill(none); }

void timer_wheel::set(std::uint32_t id, instant due) {
  if (id >= timers_.size()) timers_.resize(id + 1);
  unlink(id);
  timers_[id].due = due;
  link(id);
}

void timer_wheel::cancel(std::uint32_t id) {
  if (id < timers_.size()) unlink(id);
}

std::optional<instant> timer_wheel::due(std::uint32_t id) const {
  if (id >= timers_.size() || timers_[id].bucket == none) return std::nullopt;
  return timers_[id].due;
}

void timer_wheel::link(std::uint32_t id) {
  timer& t = timers_[id];
  const std::int64_t when = std::clamp(tick_after(t.due), turned_ + 1, turned_ + buckets - 1);
  t.bucket = static_cast<std::uint32_t>(when % buckets);
  t.before = none;
  t.after = first_[t.bucket];
  if (t.after != none) timers_[t.after].before = id;
  first_[t.bucket] = id;
  filled_[t.bucket / 64] |= std::uint64_t{1} << (t.bucket % 64);
}

void timer_wheel::unlink(std::uint32_t id) {
  timer& t = timers_[id];
  if (t.bucket == none) return;
  if (t.after != none) timers_[t.after].before = t.before;
  if (t.before != none) {
    timers_[t.before].after = t.after;
  } else {
    first_[t.bucket] = t.after;
    if (t.after == none) filled_[t.bucket / 64] &= ~(std::uint64_t{1} << (t.bucket % 64));
  }
  t.bucket = none;
}

std::optional<instant> timer_wheel::next() const {
  const auto from = static_cast<std::uint32_t>((turned_ + 1) % buckets);
  for (std::uint32_t looked = 0; looked < buckets;) {
    const std::uint32_t at = (from + looked) % buckets;
    const std::uint64_t word = filled_[at / 64] >> (at % 64);
    if (word != 0) return time_of(turned_ + 1 + looked + std::countr_zero(word));
    looked += 64 - at % 64;
  }
  return std::nullopt;
}

const std::vector<std::uint32_t>& timer_wheel::expire(instant now, std::size_t most) {
  expired_.clear();
  const std::int64_t until = tick_at(now);
  turned_ = std::max(turned_, until - buckets);  // after a long sleep once round is enough
  while (turned_ < until && empty_bucket(static_cast<std::uint32_t>((turned_ + 1) % buckets), now, most)) ++turned_;
  return expired_;
}

// False: there may be more.
bool timer_wheel::empty_bucket(std::uint32_t bucket, instant now, std::size_t most) {
  for (std::uint32_t id = first_[bucket]; id != none;) {
    if (expired_.size() == most) return false;
    const std::uint32_t after = timers_[id].after;
    unlink(id);
    if (timers_[id].due <= now) {
      expired_.push_back(id);
    } else {
      link(id);
    }
    id = after;
  }
  return true;
}

}  // namespace holdfast
