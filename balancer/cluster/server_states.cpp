#include "balancer/cluster/server_states.h"

#include <tuple>

namespace holdfast {

std::optional<sync_server_state> server_states::look(sync_server_state is, unix_ms now) {
  auto& known = known_[{is.service, is.identity}];
  const bool first = known.identity.empty();
  const bool by_operator =
      !first && (is.weight != known.weight || is.drain != known.drain || (is.aside > 0) != (known.aside > 0));
  is.said = by_operator ? clock_.tick(now) : known.said;
  const bool tells = first || by_operator || is.up != known.up;
  known = is;
  return tells ? std::optional(is) : std::nullopt;
}

// Said at the same moment on both nodes: both take the same. What nobody has said but the file is each node's own.
std::optional<sync_server_state> server_states::take(sync_server_state told, bool up, unix_ms now) {
  if (told.said == 0) return std::nullopt;
  if (!clock_.see(told.said, now)) return std::nullopt;
  auto& known = known_[{told.service, told.identity}];
  if (std::tie(told.said, told.drain, told.weight) <= std::tie(known.said, known.drain, known.weight)) {
    return std::nullopt;
  }
  told.up = up;
  known = told;
  return told;
}

}  // namespace holdfast
