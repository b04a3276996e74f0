// The front network, proven both ways: before a backup takes the role from an active peer that lives, and before an
// active node believes the wire that it is overruled, a question is answered there. A port of a switch may forward
// nothing for a while although it has a carrier.
#include <algorithm>
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

void group::probe(const std::string& peer, instant until, effects& out) {
  probing_until_ = until;
  answers_front_ = answers_wire_ = false;
  out.push_back(probe_peer{peer});
}

void group::take(const peer_answered&, instant now, effects& out) {
  answers_front_ = front_known_ = true;
  if (state() == router_state::active) {
    if (!std::exchange(proving_, false)) return;  // answered before
    if (!is_overruled_by(rival_)) return;         // not any more
    const std::string theirs = std::to_string(peers_.at(rival_).priority);
    return yield(rival_ + " is active with priority " + theirs, true, now, out);
  }
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
  if (prefers_us(view) && best_of_peers()) {
    return become_active(*peer + " is " + std::string(name_of(view.how)), now, out);
  }
  feed_all(router::spared{down_interval()}, now, out);
  if (!std::exchange(blind_, true)) {
    out.push_back(noted{"blind: " + *peer +
                        " is active and reachable, but its adverts are not heard: is protocol 112 filtered?"});
  }
}

// A peer that lives and is not reached here serves its clients. We serve ours beside it if the front network has ever
// brought us anything; else, or if we do hear it, it is we whom nobody hears.
void group::probe_over(instant now, effects& out) {
  const std::string* peer = active_peer();
  const std::string who = peer == nullptr ? "the active node" : *peer;
  probing_until_.reset();
  if (routers_due().value_or(now) > now) {  // it prefers us, and is not silent, or not long enough
    if (election_due().value_or(now) <= now) silence(now, out);
    return;
  }
  if (peer != nullptr && hears_adverts(now) && !answers_front_) {
    return feed_all(router::spared{answers_wire_ ? down_interval() : is_.interval}, now, out);
  }
  const bool cut_off = peer != nullptr && answers_wire_;
  if (cut_off && !front_known_) {
    feed_all(router::spared{down_interval()}, now, out);
    if (std::exchange(hidden_, true)) return;
    return out.push_back(noted{"hidden: " + who + " is active, and the front network has not reached it yet"});
  }
  if (!cut_off) return become_active(hears_adverts(now) ? "preempts " + who : who + " does not answer", now, out);
  become_active(who + " is active, but the front network does not reach it", now, out);
  cut_off_ = true;
}

bool group::prefers_us(const peer_view& view) const { return view.how != fitness::fit && fitness_ == fitness::fit; }

bool group::hears_adverts(instant now) const { return last_heard_ && now - *last_heard_ < 2 * is_.interval; }

// Two active nodes that can talk, but do not hear each other's adverts.
void group::split(const std::string& node, instant now, effects& out) {
  if (proves_again_ || !is_overruled_by(node)) return;
  rival_ = node;
  prove_front(now, out);
}

// They yield to us otherwise, or each serves those who can reach it.
bool group::is_overruled_by(const std::string& node) const {
  const auto known = peers_.find(node);
  return known != peers_.end() && known->second.is == role::active && known->second.priority > priority() && !cut_off_;
}

void group::prove_front(instant now, effects& out) {
  proves_again_.reset();
  proving_ = is_overruled_by(rival_);
  if (!proving_) return;
  proves_again_ = now + proof_pause;
  out.push_back(probe_peer{rival_});
}

}  // namespace holdfast
