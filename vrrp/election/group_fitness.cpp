// What follows from what this node is worth.
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

void group::take(const judged& e, instant now, effects& out) {
  if (e.deaf) {
    listening_since_ = now;
    front_known_ = false;  // a port that comes back may not forward yet
  }
  worth_.judge(e, now);
  weigh(e.why.empty() ? e.about + " is well" : e.why, now, out);
}

void group::take(const looked& e, instant, effects& out) {
  const bool is_news = worth_.look(e);
  if (is_news && state() == router_state::backup) out.push_back(report{});  // an active peer may wait for it
}

// Acts where the worth has changed.
void group::weigh(std::string recovered, instant now, effects& out) {
  const fitness before = how();
  worth_.weigh(state(), peers_, now);
  if (how() == before || !running_ || released_) return;  // another reason for the same
  if (how() == fitness::fault) return leave(role::fault, why_unfit(), now, out);
  if (before == fitness::fault) {
    join(std::move(recovered), now, out);
    if (is_vacant(now)) become_active("nobody is active", now, out);
    return;
  }
  renew_routers(now, out);
  const bool fit = how() == fitness::fit;
  out.push_back(noted{fit ? "fit again" : "degraded: " + why_unfit(), "fitness=" + std::string(name_of(how())), !fit});
  out.push_back(report{});
}

}  // namespace holdfast
