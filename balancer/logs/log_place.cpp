#include "balancer/logs/log_place.h"

namespace holdfast {

std::optional<place> log_place(const std::optional<place>& said, const resolver& names) {
  if (!said || !said->path.empty()) return said;
  const auto where = names.find_all(*said);
  if (!where) return said;
  if (where->empty()) return std::nullopt;
  return place{where->front().host.text(), said->port, {}};
}

}  // namespace holdfast
