// What is known of the wire to another node's agent, for whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/machine.h"

namespace holdfast {

// One line of what an operator may see. Texts are clauses.
struct wire_status {
  std::string name;
  std::string software = {};          // the other's, as it last said
  std::string trouble = {};           // why there is no connection, or who else has its name; "" = nothing known
  std::optional<instant> since = {};  // connected since; none = not connected
  std::optional<instant> heard = {};  // its last message, of any connection
  std::optional<duration> round_trip = {};
  std::uint64_t bytes_in = 0;  // of this connection
  std::uint64_t bytes_out = 0;
};

}  // namespace holdfast
