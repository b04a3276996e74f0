// To whom hfctl says a command: the balancer, the agent or both, and what the answer of both is. Knows no socket.
#pragma once

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/language/command.h"
#include "cli/reply/reply.h"

namespace holdfast {

enum class station : std::uint8_t { balancer, agent };

enum class manner : std::uint8_t {
  first,  // to the first that runs
  each,   // to each that runs
  chain   // to the first, which must run; when it has agreed, to the others that run
};

struct route {
  manner how = manner::first;
  std::vector<station> to;
};

// A change of the agent's is said to the balancer, too, which keeps the whole configuration and writes it. What either
// can answer from it, or of itself, the balancer answers if it runs. A procedure goes nowhere.
route route_of(const command& c);

// How long a daemon that is well may take to begin with its answer, or to go on with it.
std::chrono::milliseconds patience_for(const command& c);

// Does it ask how things are? Then another daemon that is there may know something, too.
bool asks_for_state(const command& c);

std::string_view name_of(station s);  // "holdfast-balancer", "holdfast-vrrp"

// One answer of one or several: refused if one is, then with what was said by those who refused; otherwise with all
// tables and texts. Who said it is named when they did not say the same. answers: not empty.
reply join(std::vector<std::pair<station, reply>> answers);

}  // namespace holdfast
