#include "vrrp/election/lateness.h"

#include <algorithm>

namespace holdfast {

std::optional<duration> lateness::look(std::optional<instant> due, instant now) {
  const instant since = std::max(due.value_or(now), looked_);
  looked_ = std::max(looked_, now);
  const duration late = now - since;
  if (late < tolerance) return std::nullopt;
  ++count_;
  most_ = std::max(most_, late);
  return late;
}

}  // namespace holdfast
