// What the agents of other nodes say over the wire, and what follows from it.
#include <algorithm>
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

bool group::best_of_peers() const {
  return std::all_of(peers_.begin(), peers_.end(), [this](const auto& known) {
    const auto& [node, view] = known;
    if (view.is != role::backup && view.is != role::active) return true;
    const bool theirs = view.front == front_proof::failed, ours = front_ == front_proof::failed;
    if (theirs != ours) return theirs;
    return view.priority != priority() ? view.priority < priority() : is_.node < node;
  });
}

const std::string* group::active_peer() const {
  for (const auto& [node, view] : peers_) {
    if (view.is == role::active) return &node;
  }
  return nullptr;
}

// An active node has given up, which is known sooner than by its silence. The best of the others takes over at once.
void group::vacancy(const std::string& why, instant now, effects& out) {
  if (state() != router_state::backup) return;
  if (!best_of_peers()) return feed_all(router::active_left{}, now, out);
  told_of_vacancy_ = now;
  become_active(why, now, out);
}

void group::take(const peer_reported& e, instant now, effects& out) {
  const peer_view former = std::exchange(peers_[e.node], e.view);
  const role before = former.is;
  if (state() == router_state::active) doubted_by(former, e.view, now, out);
  if (e.view.is == role::active) {
    if (state() == router_state::active) return split(e.node, now, out);
    if (returns_at_) return come_back(e.node + " is active", now, out);
    if (probing_until_) {
      answers_wire_ = true;
      return probe_answered(now, out);
    }
    const bool unreached = e.view.front == front_proof::failed && is_.watches && front_ != front_proof::proven;
    if (state() == router_state::backup && (unreached || (prefers_us(e.view) && best_of_peers()))) {
      probe(e.node, std::min(now + probe_patience, routers_due().value_or(now)), out);
      answers_wire_ = true;
    }
    return;
  }
  if (before != role::active) return;  // no active one has changed
  // Of two active nodes that don't hear each other it was the one to yield: its announcements may have come last.
  if (state() == router_state::active) return take(told_to_announce{}, now, out);
  if (e.view.front == front_proof::failed) return vacancy(e.node + " is not reached on the front network", now, out);
  if (e.view.is != role::backup) {  // as backup it has found a better one
    vacancy(e.node + " gave up: " + std::string(name_of(e.view.is)), now, out);
  }
}

void group::take(const peer_gone& e, instant now, effects& out) {
  const auto known = peers_.extract(e.node);
  const bool was_active = !known.empty() && known.mapped().is == role::active;
  if (!was_active) return;
  switch (e.how) {
    case ending::lost:
      if (probing_until_) silence(now, out);  // nobody left to ask for
      return;
    case ending::died: return vacancy(e.node + "'s agent ended", now, out);
    case ending::left: return vacancy(e.node + " left", now, out);
  }
}

}  // namespace holdfast
