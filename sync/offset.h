// How far another node's wall clock is from ours, by pings: half of the least round trip is the best guess of how old
// its answer was (as in NTP, RFC 5905 section 10).
#pragma once

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "base/machine.h"

namespace holdfast {

inline constexpr duration clock_noise = std::chrono::milliseconds(100);  // that clocks may drift in some seconds

class clock_offset {
 public:
  // A ping is said now; its number. The one before is not waited for any more.
  std::uint64_t ping(instant now) { return *(pinged_ = static_cast<std::uint64_t>(now.time_since_epoch().count())); }

  // An answer came: the number of the ping, the other's wall clock and ours. One to an earlier ping counts for nothing.
  // If it can't be true together with those before, a clock was set, and they count no more.
  void pong(std::uint64_t number, std::uint64_t theirs_us, std::uint64_t ours_us, instant now) {
    if (pinged_ != number) return;
    pinged_.reset();
    const duration round_trip = now.time_since_epoch() - duration(static_cast<duration::rep>(number));
    const auto half_us = static_cast<std::uint64_t>(round_trip / std::chrono::microseconds(2));
    last_ = round_trip;
    const sample fresh{round_trip, static_cast<std::int64_t>(theirs_us + half_us - ours_us)};
    const auto both_are_true = [&](const sample& s) {
      return std::chrono::microseconds(std::abs(s.us - fresh.us)) <= s.round_trip + fresh.round_trip + clock_noise;
    };
    if (!std::all_of(samples_.begin(), samples_.end(), both_are_true)) samples_.clear();
    if (samples_.size() == samples_.capacity()) samples_.erase(samples_.begin());
    samples_.push_back(fresh);
  }

  std::optional<duration> round_trip() const { return last_; }  // of the last ping answered
  std::optional<std::int64_t> us() const {                      // theirs less ours, at the least of the last 16
    std::optional<sample> best;
    for (const sample& s : samples_) {
      if (!best || s.round_trip <= best->round_trip) best = s;
    }
    return best ? std::optional(best->us) : std::nullopt;
  }

 private:
  struct sample {
    duration round_trip;
    std::int64_t us;
  };
  std::optional<std::uint64_t> pinged_;
  std::optional<duration> last_;
  boost::container::static_vector<sample, 16> samples_;
};

}  // namespace holdfast
