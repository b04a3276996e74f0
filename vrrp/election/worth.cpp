#include "vrrp/election/worth.h"

#include <algorithm>
#include <utility>

namespace holdfast {

void worth::judge(const judged& e, instant now) {
  const auto before = judgements_.find(e.about);
  const bool was_failing = before != judgements_.end() && before->second.since.has_value();
  if (e.how == fitness::fit) {
    judgements_.erase(e.about);
  } else {
    judgements_.insert_or_assign(e.about, e);
  }
  if (was_failing == e.since.has_value()) return;
  failing_since_ = e.since;
  better_at_.reset();
  unsaid_until_ = now + unsaid_patience;
}

bool worth::look(const looked& e) {
  if (!e.alive) {
    dead_at_ = e.at;
    return false;
  }
  if (alive_at_ && e.at <= *alive_at_) return false;  // told again
  alive_at_ = e.at;
  return true;
}

// What was said of servers meanwhile is older than it looks.
void worth::slept(instant now) {
  if (failing_since_) failing_since_ = now;
  better_at_.reset();
}

void worth::moved() {
  gives_way_ = false;
  better_at_.reset();
}

void worth::compare(router_state where, const peer_views& peers, instant now) {
  gives_way_ = gives_way(where, peers, now);
}

void worth::weigh(router_state where, const peer_views& peers, instant now) {
  const fitness before = std::exchange(how_, fitness::fit);
  why_unfit_.clear();
  for (const auto& [about, one] : judgements_) {
    const fitness how = weight_of(one, where);
    if (how <= how_) continue;
    how_ = how;
    why_unfit_ = one.why;
  }
  waits_ = where == router_state::backup && before == fitness::degraded && how_ == fitness::fit && peers.empty() &&
           unsaid_until_ && now < *unsaid_until_;
  if (waits_) {
    how_ = fitness::degraded;
    why_unfit_ = "well again, but are the others?";
  }
}

fitness worth::weight_of(const judged& one, router_state where) const {
  const bool holds_on = one.since && where == router_state::active && !gives_way_;
  return holds_on ? fitness::fit : one.how;
}

// An active node whose servers are out of reach serves nobody by handing its addresses to a node that can't reach them
// either. So it wants proof, from a backup that is fit: that its checks have found a server alive after ours had lost
// them all (what was found before that is void), and that ours have looked again since, in vain (or else that server
// has come back, for us as well). Where there is no wire, there is no word, and patience must do.
bool worth::gives_way(router_state where, const peer_views& peers, instant now) {
  if (!failing_since_ || where != router_state::active) return false;
  if (gives_way_) return true;
  if (peers.empty()) return unsaid_until_ && now >= *unsaid_until_;
  const auto is_better = [this](const auto& known) {
    const peer_view& view = known.second;
    return view.is == role::backup && view.how == fitness::fit && view.alive_at &&
           *view.alive_at > *failing_since_ + look_error;
  };
  if (better_at_) {
    const auto known = peers.find(better_);
    if (known == peers.end() || !is_better(*known)) better_at_.reset();
  }
  if (!better_at_) {
    const auto found = std::find_if(peers.begin(), peers.end(), is_better);
    if (found == peers.end()) return false;
    better_ = found->first;
    better_at_ = found->second.alive_at;
  }
  return dead_at_ && *dead_at_ > *better_at_ + look_error;
}

// As active, when we give way; as backup, when we count as fit again: the active node is the one that may not have
// noticed yet.
std::optional<instant> worth::due(router_state where, const peer_views& peers) const {
  if (!peers.empty() || !unsaid_until_) return std::nullopt;
  if (where == router_state::active && failing_since_ && !gives_way_) return unsaid_until_;
  return waits_ ? unsaid_until_ : std::nullopt;
}

}  // namespace holdfast
