#include "vrrp/election/group.h"

#include <algorithm>

#include "base/ensure.h"

namespace holdfast {

namespace {

std::optional<instant> sooner(std::optional<instant> a, std::optional<instant> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

constexpr duration hold_after_removals{std::chrono::seconds(30)};

template <class... Kinds>
bool is_one_of(const group::event& e) {
  return (std::holds_alternative<Kinds>(e) || ...);
}

std::string milliseconds(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

}  // namespace

std::uint8_t effective_priority(std::uint8_t priority, fitness how) {
  if (how == fitness::fit) return priority;
  return static_cast<std::uint8_t>(1 + (priority - 1) / 64);
}

group::group(parameters p) : is_(std::move(p)), preempting_(is_.preempt) {
  ensure(!is_.routers.empty() && is_.routers.size() <= max_vrrp_routers);
  for (std::size_t n = 0; n < is_.routers.size(); ++n) routers_.emplace_back(parameters_of(n));
}

group::effects group::on(const event& e, instant now) {
  effects out;
  damping_.end_at(now);
  if (preempts(now) != preempting_) renew_routers(now, out);
  asked_ = is_one_of<started, stopped, told_to_release, told_to_take, told_to_stand_by>(e);
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  worth_.compare(state(), peers_, now);
  weigh("well", now, out);
  return out;
}

std::optional<instant> group::deadline() const { return sooner(election_due(), worth_.due(state(), peers_)); }

std::optional<instant> group::election_due() const {
  if (probing_until_) return probing_until_;
  if (returns_at_) return returns_at_;
  const auto due = routers_due();
  if (due && asks_early()) return *due - ask_lead();
  return sooner(due, sooner(proves_again_, watch_due_));
}

// A peer that falls silent, or that we preempt, is asked a little before its time is up: then its answer, or none,
// costs no time.
bool group::asks_early() const { return state() == router_state::backup && active_peer() != nullptr; }

duration group::ask_lead() const { return std::min<duration>(probe_patience, down_interval() / 8); }

std::optional<instant> group::routers_due() const {
  std::optional<instant> due;
  for (const router& r : routers_) {
    const auto one = r.deadline();
    // As backup: when the last of them has fallen silent, for we move together.
    if (one && (!due || (state() == router_state::backup ? *one > *due : *one < *due))) due = one;
  }
  return due;
}

bool group::preempts(instant now) const {
  return is_.preempt && in_sync_ && !standing_by_ && !held_until() && now >= may_preempt_;
}

router::parameters group::parameters_of(std::size_t n) const {
  return {.primary = is_.routers[n],
          .priority = priority(),
          .interval = is_.interval,
          .unheard = is_.unheard,
          .preempt = preempting_,
          .learns = is_.learns};
}

void group::renew_routers(instant now, effects& out) {
  preempting_ = preempts(now);
  for (std::size_t n = 0; n < routers_.size(); ++n) feed(n, router::changed{parameters_of(n)}, now, out);
}

duration group::down_interval() const {
  duration longest{};
  for (const router& r : routers_) longest = std::max(longest, r.active_down_interval());
  return longest;
}

void group::feed(std::size_t n, const router::event& e, instant now, effects& out) {
  struct {
    std::size_t n;
    effects& out;
    void operator()(const router::advertise& o) { out.push_back(advertise{n, o.priority}); }
    void operator()(const router::take_addresses&) { out.push_back(take_addresses{n}); }
    void operator()(const router::announce&) { out.push_back(announce{n}); }
    void operator()(const router::release_addresses&) { out.push_back(release_addresses{n}); }
    void operator()(const router::moved&) {}  // the group's own move says it
  } ours{n, out};
  for (const router::effect& order : routers_[n].on(e, now)) std::visit(ours, order);
}

void group::feed_all(const router::event& e, instant now, effects& out) {
  for (std::size_t n = 0; n < routers_.size(); ++n) feed(n, e, now, out);
}

void group::move_to(role to, std::string why, instant now, effects& out) {
  const role from = std::exchange(role_, to);
  why_ = std::move(why);
  since_ = now;
  blind_ = hidden_ = false;
  probing_until_.reset();
  doubted_.reset();
  proving_ = watch_asked_ = false;
  proves_again_.reset();
  watch_due_.reset();
  unanswered_ = 0;
  if (to == role::active) {
    front_ = front_proof::untried;
    if (is_.watches) watch_due_ = now + watch_every;
  }
  to == role::active ? standing_by_ = false : cut_off_ = false;
  worth_.moved();
  const bool took_part = from == role::active || (from == role::backup && to != role::initialize);
  const bool first_of_all = to == role::active && !last_heard_;
  out.push_back(moved{from, to, why_, took_part && !asked_ && !first_of_all});
  out.push_back(report{});
}

void group::join(std::string why, instant now, effects& out) {
  may_preempt_ = now + is_.preempt_delay;
  renew_routers(now, out);
  feed_all(router::started{}, now, out);
  move_to(state() == router_state::active ? role::active : role::backup, std::move(why), now, out);
}

void group::leave(role to, std::string why, instant now, effects& out) {
  feed_all(router::stopped{}, now, out);
  move_to(to, std::move(why), now, out);
}

void group::become_active(std::string why, instant now, effects& out) {
  left_.reset();
  feed_all(router::chosen{}, now, out);
  move_to(role::active, std::move(why), now, out);
  count_activation(now, out);
}

void group::yield(std::string why, bool in_order, instant now, effects& out) {
  feed_all(router::overruled{in_order}, now, out);
  move_to(role::backup, std::move(why), now, out);
}

void group::count_activation(instant now, effects& out) {
  const auto hold = damping_.count(now);
  if (!hold) return;
  out.push_back(noted{"active " + std::to_string(damping::many_changes) + " times within 60 s: no preemption for " +
                          milliseconds(*hold),
                      "preemption=held"});
  renew_routers(now, out);
}

void group::take(const activated_before& e, instant, effects&) {
  ensure(!running_);
  damping_.count(e.when);
}

void group::take(const started&, instant now, effects& out) {
  if (std::exchange(running_, true)) return;  // once is enough
  listening_since_ = now;
  if (how() == fitness::fault) return move_to(role::fault, why_unfit(), now, out);
  join("started", now, out);
}

void group::take(const stopped&, instant now, effects& out) {
  if (!std::exchange(running_, false)) return;  // stopped already
  returns_at_.reset();
  leave(role::initialize, "stopped", now, out);
}

void group::take(const heard& e, instant now, effects& out) {
  ensure(e.router < routers_.size());
  if (is_late(e, now)) return;
  if (e.priority > 0) {
    last_heard_ = now;
    last_priority_ = e.priority;
    left_.reset();
    doubted_.reset();
    front_has_carried(e, now, out);
    if (std::exchange(blind_, false)) out.push_back(noted{"adverts are heard again", "blind=off", false});
  }
  switch (state()) {
    case router_state::initialize:  // takes no part in elections
      if (returns_at_ && e.priority > 0) return come_back(e.from.text() + " is active", now, out);
      if (e.priority == 0) left_ = e.from;
      return;
    case router_state::backup:
      feed(e.router, router::heard{e.priority, e.interval, e.from}, now, out);
      if (e.priority > 0) return;
      left_ = e.from;
      return feed_all(router::active_left{}, now, out);
    case router_state::active: return heard_as_active(e, now, out);
  }
}

// Said by whoever has given up since: the wire knows it sooner, and knows nobody else who is active.
bool group::is_late(const heard& e, instant now) const {
  const bool just_told = told_of_vacancy_ && now - *told_of_vacancy_ < late_advert;
  return just_told && state() == router_state::active && e.priority >= priority() && active_peer() == nullptr;
}

// Between equal priorities the first router decides for all: addresses of another family may say the opposite.
void group::heard_as_active(const heard& e, instant now, effects& out) {
  const bool tie = e.priority == priority() && e.router > 0;
  feed(e.router, router::heard{e.priority, e.interval, tie ? address() : e.from}, now, out);
  if (routers_[e.router].state() == router_state::backup) {
    return yield("heard priority " + std::to_string(e.priority) + " from " + e.from.text(), true, now, out);
  }
  // There were two of us. Whoever followed the other one must learn where the addresses are, surely when it gives up.
  const bool gives_up = e.priority == 0;
  if (!gives_up && last_announced_ && now - *last_announced_ < announce_pause) return;
  last_announced_ = now;
  for (std::size_t n = 0; n < routers_.size(); ++n) out.push_back(announce{n});
}

void group::take(const synced& e, instant now, effects& out) {
  if (std::exchange(in_sync_, e.is) == e.is) return;  // nothing new
  renew_routers(now, out);
}

void group::take(const told_to_release&, instant now, effects& out) {
  returns_at_.reset();
  if (std::exchange(released_, true) || !running_) return;  // released already
  leave(role::released, "told to stand down", now, out);
}

void group::come_back(std::string why, instant now, effects& out) {
  released_ = false;
  returns_at_.reset();
  if (how() == fitness::fault) return move_to(role::fault, why_unfit(), now, out);
  join(std::move(why), now, out);
}

// The others hear of it as of a release, which they follow at once; should nobody, we are there again. Who owns the
// addresses can't be a backup, and stays away.
void group::take(const told_to_stand_by&, instant now, effects& out) {
  if (!running_) return;  // is nothing that could be left
  if (is_.priority == 255) return take(told_to_release{}, now, out);
  standing_by_ = true;
  if (released_ && !returns_at_) return come_back("told to stand by", now, out);
  if (state() != router_state::active) return renew_routers(now, out);
  released_ = true;
  returns_at_ = now + down_interval();
  leave(role::released, "told to stand by", now, out);
}

void group::take(const told_to_take&, instant now, effects& out) {
  damping_.forget();
  standing_by_ = false;
  if (released_ && running_) come_back("told to take part again", now, out);
  released_ = false;
  if (state() != router_state::backup) return;
  may_preempt_ = now;
  renew_routers(now, out);
  const bool alone = !last_heard_ || now - *last_heard_ > down_interval();
  const bool best = (alone || priority() > last_priority_) && best_of_peers();
  if (best) return become_active("told to take over", now, out);
  out.push_back(noted{"told to take over, but another node has a higher priority", "take=refused", false});
}

void group::take(const told_to_announce&, instant, effects& out) {
  if (state() != router_state::active) return;  // nothing to announce
  for (std::size_t n = 0; n < routers_.size(); ++n) out.push_back(announce{n});
}

void group::take(const addresses_removed& e, instant now, effects& out) {
  if (state() != router_state::active) return;  // they were to go
  const auto latest = removals_.latest();
  const bool same_occasion = latest && now - *latest < removal_occasion;
  if (!same_occasion) {
    if (removals_.add(now, removal_window)) {
      removals_.forget();
      damping_.hold(now + hold_after_removals);
      return yield(e.which + " removed, for the " + std::to_string(many_removals) + "th time by somebody else", true,
                   now, out);
    }
    out.push_back(noted{e.which + " removed by somebody else, and put back", "addresses=put_back"});
  }
  out.push_back(take_addresses{e.router});
  out.push_back(announce{e.router});
}

void group::take(const overslept& e, instant now, effects& out) {
  const bool long_enough = e.by >= probe_patience;
  if (long_enough) slept_ = listening_since_ = now;
  switch (state()) {
    case router_state::initialize: return;  // nobody waits for us
    case router_state::backup:
      if (long_enough) probing_until_.reset();  // the answers, if any, have not been read yet
      for (std::size_t n = 0; n < routers_.size(); ++n)
        feed(n, router::spared{routers_[n].active_interval()}, now, out);
      return;
    case router_state::active:
      watch_asked_ = false;
      worth_.slept(now);
      if (e.by < down_interval()) return;  // nobody has taken over yet
      return yield("slept for " + milliseconds(e.by), false, now, out);
  }
}

void group::take(const changed& e, instant now, effects& out) {
  ensure(e.to.routers.size() == routers_.size());
  is_ = e.to;
  if (!is_.watches) watch_due_.reset();
  if (is_.watches && !watch_due_ && role_ == role::active) watch_due_ = now;
  renew_routers(now, out);
  out.push_back(report{});
}

void group::take(const wake&, instant now, effects& out) {
  const auto due = election_due();
  if (!due || now < *due) return;  // a timer set before a change; or the worth's
  if (returns_at_) return come_back("nobody has taken over", now, out);
  if (probing_until_) {
    probe_over(now, out);
  } else if (state() == router_state::active) {
    if (proves_again_ && now >= *proves_again_) prove_front(now, out);
    if (watch_due_ && now >= *watch_due_) ask_watch(now, out);
    feed_all(wake{}, now, out);
  } else {
    silence(now, out);
  }
}

// All down timers have run out: nobody is there, or only somebody whom we preempt, or we hear nothing.
void group::silence(instant now, effects& out) {
  probing_until_.reset();
  const duration quiet = last_heard_ ? now - *last_heard_ : duration::max();
  const std::string gone = left_ ? left_->text() + " left" : "";
  const std::string* peer = active_peer();
  const bool preempts = quiet <= down_interval() && last_priority_ < priority();
  if (preempts && (left_ || peer == nullptr)) {
    return become_active(left_ ? gone : "preempts priority " + std::to_string(last_priority_), now, out);
  }
  if (peer != nullptr) return probe(*peer, now, std::max(now + probe_patience, routers_due().value_or(now)), out);
  if (left_) return become_active(gone, now, out);
  become_active(last_heard_ ? "nothing heard for " + milliseconds(quiet) : "nothing heard", now, out);
}

}  // namespace holdfast
