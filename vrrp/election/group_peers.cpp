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

// Who joins the elections anew waits for the active node's adverts, unless it would have heard them: nobody is active
// as far as the wire knows, and who was heard last has left, or been silent for a down interval.
bool group::is_vacant(instant now) const {
  if (state() != router_state::backup || peers_.empty() || active_peer() != nullptr || !best_of_peers()) return false;
  const bool heard_of = last_heard_ && !left_;
  return now - (heard_of ? std::max(*last_heard_, listening_since_) : listening_since_) > down_interval();
}

void group::take(const peer_reported& e, instant now, effects& out) {
  word& last = words_[e.node];
  if (e.number != 0 && e.number <= last.number) return;  // overtaken by a newer one
  const bool since_our_move = last.when >= since_;
  last = {e.number, now};
  const peer_view former = std::exchange(peers_[e.node], e.view);
  if (state() == router_state::active) doubted_by(former, e.view, now, out);
  if (e.view.is == role::active) {
    doubted_.reset();
    if (state() == router_state::active) return out.push_back(ask_peer{e.node});  // it may have been so before us
    if (returns_at_) return come_back(e.node + " is active", now, out);
    if (is_awake(now)) relieve(e.node, now, out);
    return;
  }
  if (former.is != role::active) return;  // no active one has changed
  // Of two active nodes that don't hear each other it was the one to yield: its announcements may have come last.
  if (state() == router_state::active) return take(told_to_announce{}, now, out);
  if (e.view.is == role::backup && e.view.front != front_proof::failed) return;    // it has found a better one
  if (since_our_move && left_ && is_awake(now)) return gave_up(e.node, now, out);  // its adverts say the same
  if (state() != router_state::backup) return;
  doubted_ = e.node;
  asked_at_ = now;
  out.push_back(ask_peer{e.node});
}

// Otherwise what is read may have waited for us.
bool group::is_awake(instant now) const { return !slept_ || now - *slept_ > down_interval(); }

// An active node that is unfit prefers one that is fit, and one whom nobody reaches one that is reached.
void group::relieve(const std::string& node, instant now, effects& out) {
  if (state() != router_state::backup || probing_until_) return;
  const peer_view& view = peers_.at(node);
  const bool unreached = view.front == front_proof::failed && is_.watches && front_ != front_proof::proven;
  if (!unreached && !(prefers_us(view) && best_of_peers())) return;
  probe(node, now, std::min(now + probe_patience, routers_due().value_or(now)), out);
}

void group::gave_up(const std::string& node, instant now, effects& out) {
  doubted_.reset();
  const peer_view& view = peers_.at(node);
  const bool unreached = view.front == front_proof::failed;
  vacancy(node + (unreached ? " is not reached on the front network" : " gave up: " + std::string(name_of(view.is))),
          now, out);
}

// Words are as old as their way is long. What a peer is now, only an answer can tell that is about its newest report,
// to a question asked since we last slept or moved.
bool group::is_void(const peer_confirmed& e) const {
  const auto last = words_.find(e.node);
  if (last == words_.end() || e.asked < since_ || (slept_ && e.asked < *slept_)) return true;
  return e.number != last->second.number;
}

void group::take(const peer_confirmed& e, instant now, effects& out) {
  if (is_void(e)) return;
  words_.at(e.node).when = now;
  const bool in_time = e.asked >= asked_at_;
  if (doubted_ == e.node && in_time) return gave_up(e.node, now, out);
  if (peers_.at(e.node).is != role::active) return;
  if (state() == router_state::active) return split(e.node, now, out);
  if (!probing_until_) return relieve(e.node, now, out);
  if (!in_time) return;
  answers_wire_ = true;
  probe_answered(now, out);
}

void group::take(const peer_gone& e, instant now, effects& out) {
  const auto known = peers_.extract(e.node);
  const auto last = words_.extract(e.node);
  if (known.empty()) return;
  const bool doubted = doubted_ == e.node;
  if (doubted) doubted_.reset();
  const bool was_active = known.mapped().is == role::active && last.mapped().when >= since_;
  if (!was_active && !doubted) return;
  switch (e.how) {
    case ending::lost:
      if (!std::exchange(probing_until_, std::nullopt)) return;
      if (routers_due().value_or(now) <= now) silence(now, out);  // nobody is left to ask for
      return;
    case ending::died: return vacancy(e.node + "'s agent ended", now, out);
    case ending::left:
      // Who leaves says so with priority 0: an advert after that is of its next life.
      if (!left_ && !doubted && last_heard_ && now - *last_heard_ < down_interval()) return;
      return vacancy(e.node + " left", now, out);
  }
}

}  // namespace holdfast
