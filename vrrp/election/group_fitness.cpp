// What this node is worth: its judgements, and when an active one gives way for what its peers may suffer from as well.
#include <algorithm>
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

void group::take(const judged& e, instant now, effects& out) {
  if (e.deaf) {
    listening_since_ = now;
    front_known_ = false;  // a port that comes back may not forward yet
  }
  const auto before = judgements_.find(e.about);
  const bool was_failing = before != judgements_.end() && before->second.since.has_value();
  if (e.how == fitness::fit) {
    judgements_.erase(e.about);
  } else {
    judgements_.insert_or_assign(e.about, e);
  }
  if (was_failing != e.since.has_value()) {
    failing_since_ = e.since;
    better_at_.reset();
    unsaid_until_ = now + unsaid_patience;
  }
  weigh(e.why.empty() ? e.about + " is well" : e.why, now, out);
}

void group::take(const looked& e, instant, effects& out) {
  if (!e.alive) {
    dead_at_ = e.at;
    return;
  }
  if (alive_at_ && e.at <= *alive_at_) return;  // told again
  alive_at_ = e.at;
  if (state() == router_state::backup) out.push_back(report{});  // an active peer may wait for it
}

// Counts the judgements anew, and acts where the worst of them has changed.
void group::weigh(std::string recovered, instant now, effects& out) {
  const fitness before = std::exchange(fitness_, fitness::fit);
  why_unfit_.clear();
  for (const auto& [about, one] : judgements_) {
    const fitness how = weight_of(one);
    if (how <= fitness_) continue;
    fitness_ = how;
    why_unfit_ = one.why;
  }
  waits_ = state() == router_state::backup && before == fitness::degraded && fitness_ == fitness::fit &&
           peers_.empty() && unsaid_until_ && now < *unsaid_until_;
  if (waits_) {
    fitness_ = fitness::degraded;
    why_unfit_ = "well again, but are the others?";
  }
  if (fitness_ == before || !running_ || released_) return;  // another reason for the same
  if (fitness_ == fitness::fault) return leave(role::fault, why_unfit_, now, out);
  if (before == fitness::fault) {
    join(std::move(recovered), now, out);
    if (is_vacant(now)) become_active("nobody is active", now, out);
    return;
  }
  renew_routers(now, out);
  const bool fit = fitness_ == fitness::fit;
  out.push_back(
      noted{fit ? "fit again" : "degraded: " + why_unfit_, "fitness=" + std::string(name_of(fitness_)), !fit});
  out.push_back(report{});
}

fitness group::weight_of(const judged& one) const {
  const bool holds_on = one.since && state() == router_state::active && !gives_way_;
  return holds_on ? fitness::fit : one.how;
}

// An active node whose servers are out of reach serves nobody by handing its addresses to a node that can't reach them
// either. So it wants proof, from a backup that is fit: that its checks have found a server alive after ours had lost
// them all (what was found before that is void), and that ours have looked again since, in vain (or else that server
// has come back, for us as well). Where there is no wire, there is no word, and patience must do.
bool group::gives_way(instant now) {
  if (!failing_since_ || state() != router_state::active) return false;
  if (gives_way_) return true;
  if (peers_.empty()) return unsaid_until_ && now >= *unsaid_until_;
  const auto is_better = [this](const auto& known) {
    const peer_view& view = known.second;
    return view.is == role::backup && view.how == fitness::fit && view.alive_at &&
           *view.alive_at > *failing_since_ + look_error;
  };
  if (better_at_) {
    const auto known = peers_.find(better_);
    if (known == peers_.end() || !is_better(*known)) better_at_.reset();
  }
  if (!better_at_) {
    const auto found = std::find_if(peers_.begin(), peers_.end(), is_better);
    if (found == peers_.end()) return false;
    better_ = found->first;
    better_at_ = found->second.alive_at;
  }
  return dead_at_ && *dead_at_ > *better_at_ + look_error;
}

// Without the wire: as active, when we give way; as backup, when we count as fit again: the active node is the one that
// may not have noticed yet.
std::optional<instant> group::weighs_at() const {
  if (!peers_.empty() || !unsaid_until_) return std::nullopt;
  if (state() == router_state::active && failing_since_ && !gives_way_) return unsaid_until_;
  return waits_ ? unsaid_until_ : std::nullopt;
}

}  // namespace holdfast
