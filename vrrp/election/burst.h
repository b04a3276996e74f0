// Whether something happened often in a short time.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/machine.h"

namespace holdfast {

// Remembers the last N times.
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

}  // namespace holdfast
