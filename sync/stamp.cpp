#include "sync/stamp.h"

namespace holdfast {

namespace {

std::int64_t difference(unix_ms a, unix_ms b) { return static_cast<std::int64_t>(a - b); }

constexpr auto enough = static_cast<std::int64_t>(clocks_agree);

}  // namespace

bool hybrid_clock::see(stamp theirs, unix_ms now) {
  if (ms_of(theirs) >= latest_ms) return false;
  last_ = std::max(last_, theirs);
  const era before{reading(now), since_};
  if (ms_of(theirs) <= before.until) return true;
  ahead_ = difference(ms_of(theirs), now);
  if (ahead_ - since_ < enough) return true;
  since_ = ahead_;
  add(before);
  return true;
}

// Of several that may have made it the one whose stamps are the youngest.
std::int64_t hybrid_clock::ahead_of(unix_ms at) const {
  std::int64_t least = ahead_;
  for (const era& e : eras_) {
    if (at <= e.until) least = std::min(least, e.ahead);
  }
  return least;
}

unix_ms hybrid_clock::when(stamp s) const {
  const std::int64_t ahead = ahead_of(ms_of(s));
  return ahead > 0 && static_cast<unix_ms>(ahead) > ms_of(s) ? 0 : ms_of(s) - static_cast<unix_ms>(ahead);
}

// Full: the two earliest become one.
void hybrid_clock::add(const era& e) {
  if (ahead_of(e.until) - e.ahead < enough) return;
  const auto told_by_it = [&](const era& other) { return other.until <= e.until && other.ahead >= e.ahead; };
  eras_.erase(std::remove_if(eras_.begin(), eras_.end(), told_by_it), eras_.end());
  if (eras_.size() == eras_.capacity()) {
    eras_[1].ahead = std::min(eras_[0].ahead, eras_[1].ahead);
    eras_.erase(eras_.begin());
  }
  const auto later = [](const era& a, const era& b) { return a.until < b.until; };
  eras_.insert(std::upper_bound(eras_.begin(), eras_.end(), e, later), e);
}

std::vector<clock_mark> hybrid_clock::marks(unix_ms now) const {
  std::vector<clock_mark> out{{.at = reading(now), .ago = 0}};
  for (const era& e : eras_) {
    out.push_back({.at = e.until, .ago = now - std::min(now, when(stamp_at(e.until)))});
  }
  return out;
}

void hybrid_clock::meet(std::span<const clock_mark> theirs, unix_ms now) {
  for (const clock_mark& m : theirs) see(stamp_at(m.at), now);
  for (const clock_mark& m : theirs) {
    const unix_ms soon = m.ago == 0 ? clocks_agree : 0;  // until it hears us it says more of the kind
    if (m.at < latest_ms && m.ago <= now) add({m.at + soon, difference(m.at, now - m.ago)});
  }
}

}  // namespace holdfast
