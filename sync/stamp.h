// Time as all nodes of a cluster understand it: a hybrid logical clock (Kulkarni, Demirbas et al., "Logical Physical
// Clocks", 2014). It never runs backwards, is later than all that it has seen, and two stamps of one clock are never
// equal. Stamps tell what came after what; when that was, each node tells for itself: nodes whose clocks are hours
// apart, or were, agree on the one, and each is right about the other. See docs/decisions/0014.
#pragma once

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace holdfast {

// Milliseconds since 1970 in the upper 48 bits, a counter in the lower 16. 0 = never.
using stamp = std::uint64_t;
using unix_ms = std::uint64_t;

constexpr unix_ms ms_of(stamp s) { return s >> 16; }
constexpr stamp stamp_at(unix_ms when) { return when << 16; }

inline constexpr unix_ms latest_ms = unix_ms{1} << 47;  // the year 6429: no node says that, and none believes it
inline constexpr unix_ms clocks_agree = 5000;           // ms; of clocks that are nearer, either tells how long ago

// A file says a stamp that our clock has not reached: it, or the clock, was wrong. Among its like it keeps its place,
// but counts as one of before 2005, so that whatever a living node says is later.
constexpr stamp recalled(stamp s) { return s >> 7; }
constexpr bool is_recalled(stamp s) { return ms_of(s) < latest_ms >> 7; }

// "Stamps up to this millisecond are so old, or older."
struct clock_mark {
  unix_ms at = 0;
  unix_ms ago = 0;  // ms
  bool operator==(const clock_mark&) const = default;
};
inline constexpr std::size_t max_clock_marks = 9;

// `now` is our own time: evenly running milliseconds, whatever becomes of the wall clock.
class hybrid_clock {
 public:
  // The next stamp of our own, later than all that was given out or seen.
  stamp tick(unix_ms now) { return last_ = std::max(last_ + 1, stamp_at(reading(now))); }

  // A stamp of somebody else: ours will be later, and go on from there as time goes on. False: of latest_ms or later,
  // and nothing has changed.
  bool see(stamp theirs, unix_ms now);

  // When that was, by our own time; within clocks_agree of it. Where that isn't known any more, rather too late.
  unix_ms when(stamp s) const;

  // What another node must know to tell how old stamps are: where our clock stands, and where it has leapt.
  std::vector<clock_mark> marks(unix_ms now) const;  // at most max_clock_marks, the first is of now
  void meet(std::span<const clock_mark> theirs, unix_ms now);

  stamp last() const { return last_; }

 private:
  struct era {  // stamps up to `until` were made so many ms ahead of our own time
    unix_ms until;
    std::int64_t ahead;
  };

  unix_ms reading(unix_ms now) const { return now + static_cast<unix_ms>(ahead_); }
  std::int64_t ahead_of(unix_ms at) const;
  void add(const era& e);

  stamp last_ = 0;
  std::int64_t ahead_ = 0;  // of our own time: never less than nothing
  std::int64_t since_ = 0;  // what it was when the last era had ended
  boost::container::static_vector<era, max_clock_marks - 1> eras_;
};

}  // namespace holdfast
