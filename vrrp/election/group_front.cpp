// The front network, proven both ways: before a backup takes the role from an active peer that lives, and before an
// active node believes the wire that it is overruled, a question is answered there. A port of a switch may forward
// nothing for a while although it has a carrier. Who of two is the one that nobody reaches is told by a third, the
// watched address.
#include <algorithm>
#include <utility>

#include "vrrp/election/group.h"

namespace holdfast {

void group::probe(const std::string& peer, instant now, instant until, effects& out) {
  probing_until_ = until;
  asked_at_ = now;
  answers_front_ = answers_wire_ = answers_watch_ = false;
  out.push_back(probe_peer{peer});
  if (is_.watches) out.push_back(probe_watch{});
}

// An advert. A question is void then, unless we ask for another reason than silence.
void group::front_has_carried(const heard& e, instant now, effects& out) {
  front_known_ = true;
  cut_off_ = hidden_ = false;
  if (state() != router_state::backup) return;
  const std::string* peer = active_peer();
  const bool failed = peer != nullptr && peers_.at(*peer).front == front_proof::failed;
  const bool preempts = preempting_ && e.priority < priority();
  const bool replaces = peer != nullptr && prefers_us(peers_.at(*peer));
  if (!failed) front_is(front_proof::untried, now, out);
  if (!failed && !preempts && !replaces) probing_until_.reset();
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
  const peer_view& view = peers_.at(*peer);
  if (view.front == front_proof::failed) return;  // we may do better: the watched address has its time to answer
  const bool relieves = prefers_us(view) && best_of_peers();
  if (!relieves && preempts(view) && routers_due().value_or(now) > now)
    return;  // not before its time: see probe_over()
  probing_until_.reset();
  if (relieves) return become_active(*peer + " is " + std::string(name_of(view.how)), now, out);
  if (preempts(view)) return become_active("preempts " + *peer, now, out);
  be_blind(*peer, now, out);
}

void group::be_blind(const std::string& peer, instant now, effects& out) {
  feed_all(router::spared{down_interval()}, now, out);
  if (std::exchange(blind_, true)) return;
  out.push_back(
      noted{"blind: " + peer + " is active and reachable, but its adverts are not heard: is protocol 112 filtered?",
            "blind=on peer=" + peer});
}

void group::probe_over(instant now, effects& out) {
  const std::string* peer = active_peer();
  probing_until_.reset();
  if (peer == nullptr) return become_active("the active node does not answer", now, out);
  const peer_view& view = peers_.at(*peer);
  if (view.front == front_proof::failed && answers_watch_) front_is(front_proof::proven, now, out);
  if (routers_due().value_or(now) > now) {  // it is not silent, or not long enough
    if (election_due().value_or(now) <= now) silence(now, out);
    return;
  }
  const bool answers = answers_front_ && answers_wire_;
  if (hears_adverts(now) || (answers && preempts(view))) {
    if (answers_front_) return become_active("preempts " + *peer, now, out);
    return feed_all(router::spared{answers_wire_ ? down_interval() : is_.interval}, now, out);
  }
  if (answers) return be_blind(*peer, now, out);
  if (answers_wire_) return not_reached(*peer, now, out);
  become_active(*peer + " does not answer", now, out);
}

// A peer that lives and is not reached on the front network. Where an address is watched, that one tells who is the one
// whom nobody reaches. Else, if the network has brought us anything (front_known_), it is divided, and we serve those
// who can reach us, beside that peer; if it hasn't, it is our port, and we wait.
void group::not_reached(const std::string& peer, instant now, effects& out) {
  const bool tells = is_.watches && answers_wire_;
  if (tells) front_is(answers_watch_ ? front_proof::proven : front_proof::failed, now, out);
  const bool says_nothing = tells && answers_watch_ && peers_.at(peer).front == front_proof::untried &&
                            now - front_since_ >= verdict_patience;
  if (front_known_ && (!tells || says_nothing)) {
    become_active(peer + " is active, but the front network does not reach it", now, out);
    cut_off_ = true;
    return;
  }
  feed_all(router::spared{down_interval()}, now, out);
  if (std::exchange(hidden_, true)) return;
  out.push_back(
      noted{"hidden: " + peer + " is active, and not reached on the front network", "hidden=on peer=" + peer});
}

void group::front_is(front_proof what, instant now, effects& out) {
  if (std::exchange(front_, what) == what) return;
  front_since_ = now;
  out.push_back(report{});
}

void group::take(const watch_answered&, instant now, effects& out) {
  answers_watch_ = front_known_ = true;
  if (state() != router_state::active) return;  // probe_over() judges
  watch_asked_ = false;
  unanswered_ = 0;
  watch_due_ = now + watch_every;
  if (front_ == front_proof::failed) {
    out.push_back(noted{"the watched address answers again on the front network", "watch=answers", false});
  }
  const bool asked = std::any_of(peers_.begin(), peers_.end(),
                                 [](const auto& known) { return known.second.front == front_proof::proven; });
  front_is(asked ? front_proof::proven : front_proof::untried, now, out);
}

void group::ask_watch(instant now, effects& out) {
  const bool fails = watch_asked_ && unanswered_ + 1 == most_unanswered;
  if (watch_asked_ && unanswered_ < most_unanswered) ++unanswered_;
  if (fails) {
    out.push_back(noted{"the watched address does not answer on the front network", "watch=silent"});
    front_is(front_proof::failed, now, out);
    give_up_front(now, out);
    if (state() != router_state::active) return;
  }
  watch_asked_ = true;
  watch_due_ = now + (unanswered_ < most_unanswered ? watch_patience : watch_every);
  out.push_back(probe_watch{});
}

// A backup that others reach does not reach us, or knows that we have failed.
void group::doubted_by(const peer_view& before, const peer_view& view, instant now, effects& out) {
  if (!is_.watches || view.is != role::backup || view.front != front_proof::proven) return;
  if (front_ == front_proof::failed) return give_up_front(now, out);
  if (before.front == front_proof::proven) return;  // has been asked
  watch_asked_ = false;
  ask_watch(now, out);
}

void group::give_up_front(instant now, effects& out) {
  const auto better = std::find_if(peers_.begin(), peers_.end(), [](const auto& known) {
    return known.second.is == role::backup && known.second.front == front_proof::proven;
  });
  if (better == peers_.end()) return;
  yield(better->first + " is reached on the front network, and we are not", true, now, out);
  front_known_ = false;
}

bool group::preempts(const peer_view& view) const { return preempting_ && view.priority < priority(); }

bool group::prefers_us(const peer_view& view) const { return view.how != fitness::fit && how() == fitness::fit; }

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
