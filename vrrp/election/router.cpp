#include "vrrp/election/router.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::uint8_t owner_priority = 255;
constexpr std::uint8_t leaving = 0;
constexpr int said_again = 2;  // a longer interval: one or two of these adverts may get lost

}  // namespace

router::effects router::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

std::optional<instant> router::deadline() const {
  return state_ == router_state::initialize ? std::nullopt : std::optional(timer_);
}

duration router::skew_time() const {
  const duration whole = is_.learns ? active_interval_ : duration(std::chrono::seconds(1));
  return (256 - is_.priority) * whole / 256;
}

void router::learn(duration interval) { active_interval_ = is_.learns ? interval : is_.interval; }

void router::move_to(router_state to, effects& out) {
  passed_over_.reset();
  hurried_ = 0;
  out.push_back(moved{std::exchange(state_, to), to});
}

void router::advertise_now(instant now, effects& out) {
  out.push_back(advertise{is_.priority});
  timer_ = now + (hurried_ > 0 ? hurry_ : is_.interval);
  if (hurried_ > 0) --hurried_;
}

// The others still count by the shorter interval: they learn of it before they could miss us.
void router::slow_down(duration from, instant now, effects& out) {
  hurry_ = hurried_ > 0 ? std::min(hurry_, from) : from;
  hurried_ = said_again;
  advertise_now(now, out);
}

// The advert goes first: bridges and other routers learn from it before the neighbours do.
void router::become_active(instant now, effects& out) {
  active_interval_ = is_.interval;
  advertise_now(now, out);
  out.push_back(take_addresses{});
  out.push_back(announce{});
  move_to(router_state::active, out);
}

void router::become_backup(instant now, effects& out) {
  timer_ = now + active_down_interval();
  if (state_ == router_state::active) out.push_back(release_addresses{});
  move_to(router_state::backup, out);
}

void router::take(const started&, instant now, effects& out) {
  if (state_ != router_state::initialize) return;  // once is enough
  active_interval_ = longest_interval();
  is_.priority == owner_priority ? become_active(now, out) : become_backup(now, out);
}

void router::take(const stopped&, instant, effects& out) {
  switch (state_) {
    case router_state::initialize: return;  // stopped already
    case router_state::backup: return move_to(router_state::initialize, out);
    case router_state::active:
      out.push_back(advertise{leaving});
      out.push_back(release_addresses{});
      return move_to(router_state::initialize, out);
  }
}

void router::take(const heard& e, instant now, effects& out) {
  switch (state_) {
    case router_state::initialize: return;  // takes no part in elections
    case router_state::backup: return heard_as_backup(e, now);
    case router_state::active: return heard_as_active(e, now, out);
  }
}

// A lower priority is discarded when we preempt: then the down timer runs out, and that is preemption.
void router::heard_as_backup(const heard& e, instant now) {
  passed_over_.reset();
  if (e.priority == leaving) {
    timer_ = now + skew_time();
  } else if (!is_.preempt || e.priority >= is_.priority) {
    learn(e.interval);
    timer_ = now + active_down_interval();
  } else {
    passed_over_ = {e, now};
  }
}

void router::heard_as_active(const heard& e, instant now, effects& out) {
  if (e.priority > is_.priority || (e.priority == is_.priority && e.from > is_.primary)) {
    // The winner learns from our last word that there were two of us, and tells the neighbours again.
    out.push_back(advertise{leaving});
    learn(e.interval);
    become_backup(now, out);
  } else {
    advertise_now(now, out);  // asserts the role, and teaches bridges
  }
}

void router::take(const active_left&, instant now, effects&) {
  if (state_ != router_state::backup) return;  // nobody to follow
  passed_over_.reset();
  timer_ = std::min(timer_, now + skew_time());
}

void router::take(const chosen&, instant now, effects& out) {
  if (state_ == router_state::backup) become_active(now, out);
}

void router::take(const overruled& e, instant now, effects& out) {
  if (state_ != router_state::active) return;  // nothing to give up
  if (e.in_order) out.push_back(advertise{leaving});
  active_interval_ = longest_interval();
  become_backup(now, out);
}

void router::take(const spared& e, instant now, effects&) {
  if (state_ == router_state::backup) timer_ = std::max(timer_, now + e.at_least);
}

void router::take(const changed& e, instant now, effects& out) {
  const duration before = std::exchange(is_, e.to).interval;
  switch (state_) {
    case router_state::initialize: active_interval_ = longest_interval(); return;
    case router_state::backup:
      if (!is_.learns) active_interval_ = is_.interval;
      return follow_after_all();
    case router_state::active:
      active_interval_ = is_.interval;
      if (is_.interval > before) return slow_down(before, now, out);
      if (is_.interval < before) hurried_ = 0;
      timer_ = std::min(timer_, now + is_.interval);
  }
}

// Whoever may not preempt any more had better have listened: the last advert counts from when it came.
void router::follow_after_all() {
  if (!passed_over_) return;
  const instant due = timer_;
  const auto [what, when] = *passed_over_;
  heard_as_backup(what, when);
  timer_ = std::max(timer_, due);
}

void router::take(const wake&, instant now, effects& out) {
  if (state_ == router_state::initialize || now < timer_) return;  // a timer set before a change
  state_ == router_state::backup ? become_active(now, out) : advertise_now(now, out);
}

}  // namespace holdfast
