// Ends TCP connections of this machine at addresses that it is about to lose: whoever is at the other end, and the
// program here, learn of it while a word still gets out. Decides nothing.
#pragma once

#include <span>
#include <string>

#include "base/address.h"
#include "base/machine.h"

namespace holdfast {

struct ended_connections {
  std::size_t count = 0;  // both ends have been reset
  bool all = true;        // false: the time was over
  std::string trouble;    // a sentence; "" = none
};

inline constexpr duration goodbye_most{std::chrono::milliseconds(20)};  // so long addresses may wait for this

// Of the calling thread's network namespace; listeners stay. Takes no longer than `most` and the ending of a hundred.
ended_connections end_connections(std::span<const address> at, duration most);

}  // namespace holdfast
