// What the agents of other nodes say over the wire, and what follows from it.
#include <algorithm>
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

bool group::best_of_peers() const {
  return std::all_of(peers_.begin(), peers_.end(), [this](const auto& known) {
    const auto& [node, view] = known;
    if (view.is != role::backup && view.is != role::active) return true;
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
  const role before = std::exchange(peers_[e.node], e.view).is;
  if (e.view.is == role::active) {
    if (state() == router_state::active) return split(e.node, now, out);
    if (returns_at_) return come_back(e.node + " is active", now, out);
    if (probing_until_) {
      answers_wire_ = true;
      return probe_answered(now, out);
    }
    const bool prefers_us = e.view.how != fitness::fit && fitness_ == fitness::fit;
    if (prefers_us && best_of_peers()) vacancy(e.node + " is " + std::string(name_of(e.view.how)), now, out);
    return;
  }
  if (before != role::active) return;  // no active one has changed
  // Of two active nodes that don't hear each other it was the one to yield: its announcements may have come last.
  if (state() == router_state::active) return take(told_to_announce{}, now, out);
  if (e.view.is != role::backup) {  // as backup it has found a better one
    vacancy(e.node + " gave up: " + std::string(name_of(e.view.is)), now, out);
  }
}

// Two active nodes that can talk, but do not hear each other's adverts.
void group::split(const std::string& node, instant now, effects& out) {
  const std::uint8_t theirs = peers_.at(node).priority;
  if (theirs <= priority() || cut_off_) return;  // they yield, or each serves those who can reach it
  yield(node + " is active with priority " + std::to_string(theirs), true, now, out);
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

void group::take(const peer_answered&, instant now, effects& out) {
  answers_front_ = true;
  probe_answered(now, out);
}

// Only a peer that lives and that the front network reaches makes us the blind one: a frozen agent's kernel answers,
// too.
void group::probe_answered(instant now, effects& out) {
  const std::string* peer = active_peer();
  if (!probing_until_ || peer == nullptr || !answers_front_ || !answers_wire_) return;  // too late, or too early
  probing_until_.reset();
  const peer_view& view = peers_.at(*peer);
  if (preempting_ && view.priority < priority()) return become_active("preempts " + *peer, now, out);
  feed_all(router::spared{down_interval()}, now, out);
  if (!std::exchange(blind_, true)) {
    out.push_back(noted{"blind: " + *peer +
                        " is active and reachable, but its adverts are not heard: is protocol 112 filtered?"});
  }
}

}  // namespace holdfast
