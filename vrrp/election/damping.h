// No preemption for a while by a node that became active often in a short time, or whose addresses others take off.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/machine.h"

namespace holdfast {

// Whether something happened often in a short time: remembers the last N times.
template <std::size_t N>
class burst {
 public:
  // It has happened again; true when the last N times lie within that span.
  bool add(instant now, duration within) {
    times_[next_] = now;
    next_ = (next_ + 1) % N;
    const auto& oldest = times_[next_];
    return oldest && now - *oldest <= within;
  }
  std::optional<instant> latest() const { return times_[(next_ + N - 1) % N]; }
  void forget() { times_ = {}; }

 private:
  std::array<std::optional<instant>, N> times_{};
  std::size_t next_ = 0;
};

class damping {
 public:
  static constexpr std::size_t many_changes = 3;  // so often active within
  static constexpr duration soon{std::chrono::seconds(60)};
  static constexpr duration first_hold{std::chrono::seconds(10)};  // then held for that long; doubles
  static constexpr duration longest_hold{std::chrono::seconds(300)};
  static constexpr duration quiet_enough{std::chrono::minutes(10)};  // then it begins with first_hold again

  // It has become active. The hold that begins, if one does.
  std::optional<duration> count(instant activated) {
    const auto before = activations_.latest();
    if (before && activated - *before > quiet_enough) next_hold_ = first_hold;
    if (!activations_.add(activated, soon)) return std::nullopt;
    held_until_ = activated + next_hold_;
    return std::exchange(next_hold_, std::min(2 * next_hold_, longest_hold));
  }
  void hold(instant until) { held_until_ = until; }
  void end_at(instant now) {  // of the hold, if it has come to its end
    if (held_until_ && now >= *held_until_) held_until_.reset();
  }
  void forget() { *this = {}; }  // all that was

  std::optional<instant> held_until() const { return held_until_; }

 private:
  std::optional<instant> held_until_;
  duration next_hold_ = first_hold;
  burst<many_changes> activations_;
};

}  // namespace holdfast
