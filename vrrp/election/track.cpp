#include "vrrp/election/track.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr const char* not_heard = "balancer not heard yet";

std::string name_of_party(std::uint16_t who) {
  return who == control_thread ? "balancer control thread" : "balancer worker " + std::to_string(who);
}

std::string silent_for(std::uint16_t who, duration how_long) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(how_long).count();
  return name_of_party(who) + " silent for " + std::to_string(ms) + " ms";
}

}  // namespace

track::track(const track_settings& settings) : settings_(settings) {
  const finding first = judgement();
  verdict_ = {.is = first.is, .why = std::string(first.why)};
}

track::effects track::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now); }, e);
  look_at_servers(now);
  judge(out);
  return out;
}

std::optional<instant> track::deadline() const {
  const auto unheard = silence_due(), servers = servers_due();
  if (!unheard || !servers) return unheard ? unheard : servers;
  return std::min(*unheard, *servers);
}

std::optional<instant> track::servers_due() const {
  if (!other_since_) return std::nullopt;
  return *other_since_ + settings_.degrade_after;
}

// Waits for the contrary of what is judged now to last.
void track::look_at_servers(instant now) {
  if (!condition_) return;
  const bool dead = condition_->servers > 0 && condition_->servers_alive == 0;
  if (dead == servers_dead_) {
    other_since_.reset();
    return;
  }
  if (!other_since_) other_since_ = now;
  if (now < *servers_due()) return;
  servers_dead_ = dead;
  dead_since_ = dead ? other_since_ : std::nullopt;
  other_since_.reset();
}

std::optional<instant> track::silence_due() const {
  switch (state_) {
    case state::absent: return std::nullopt;
    case state::meeting:
    case state::alive: return first_silence().until;
    case state::silent: return std::nullopt;  // beats end it, not time
  }
  return std::nullopt;
}

void track::take(const attached&, instant now) {
  condition_.reset();
  servers_dead_ = false;
  other_since_.reset();
  dead_since_.reset();
  meet(now);
}

void track::take(const beat& e, instant now) {
  if (state_ == state::absent || e.worker >= heard_.size()) return;  // of a connection that has ended; of nobody
  heard_[e.worker] = now;
  greet_if_complete(now);
}

void track::take(const condition& e, instant now) {
  if (state_ == state::absent) return;  // of a connection that has ended
  const bool other_workers = !condition_ || condition_->workers != e.workers;
  condition_ = e;
  if (other_workers && state_ == state::alive) return meet(now);
  if (other_workers) met_ = now;
  greet_if_complete(now);
}

void track::take(const look&, instant) {}  // the group's: what is known of servers at what time

void track::take(const ended&, instant) {
  if (state_ != state::absent) move_to(state::absent, "balancer ended");
}

void track::take(const unreachable& e, instant) { move_to(state::absent, "balancer not reachable: " + e.why); }

void track::take(const overslept& e, instant now) {
  for (auto& last : heard_) {
    if (last) last = std::min(now, *last + e.by);
  }
  met_ = std::min(now, met_ + e.by);
  if (other_since_) other_since_ = std::min(now, *other_since_ + e.by);
}

void track::take(const changed& e, instant) { settings_ = e.to; }

void track::take(const wake&, instant now) {
  switch (state_) {
    case state::absent: return;  // a timer set before the connection ended
    case state::meeting:
    case state::alive: break;
    case state::silent: return;  // a timer set before
  }
  const silence longest = first_silence();
  if (now < longest.until) return;  // a timer set before another beat
  move_to(state::silent, silent_for(longest.who, now - longest.since));
}

std::size_t track::parties() const { return condition_ ? condition_->workers + 1U : 1U; }

std::uint16_t track::party(std::size_t index) const {
  return index + 1 == parties() ? control_thread : static_cast<std::uint16_t>(index);
}

duration track::patience_with(std::uint16_t who) const {
  return who == control_thread ? settings_.control_patience : settings_.patience;
}

track::silence track::first_silence() const {
  silence first{.who = control_thread, .since = {}, .until = instant::max()};
  for (std::size_t i = 0; i < parties(); ++i) {
    const std::uint16_t who = party(i);
    const instant last = heard_[who].value_or(met_);
    const instant until = last + patience_with(who);
    if (until < first.until) first = {.who = who, .since = last, .until = until};
  }
  return first;
}

bool track::all_heard(instant now) const {
  if (!condition_) return false;
  for (std::size_t i = 0; i < parties(); ++i) {
    const auto& last = heard_[party(i)];
    if (!last || now - *last >= patience_with(party(i))) return false;
  }
  return true;
}

void track::meet(instant now) {
  met_ = now;
  move_to(state::meeting, not_heard);
}

void track::greet_if_complete(instant now) {
  switch (state_) {
    case state::absent: return;  // nobody to greet
    case state::meeting:
    case state::silent: break;
    case state::alive: return;  // greeted
  }
  if (all_heard(now)) move_to(state::alive, "balancer healthy");
}

// Beats from before say nothing about a new connection, or the end of a silence.
void track::move_to(state next, std::string why) {
  if (next != state::alive) heard_.fill(std::nullopt);
  state_ = next;
  why_ = std::move(why);
}

void track::judge(effects& out) {
  const auto [is, why, since] = judgement();
  if (is == verdict_.is && why == verdict_.why && since == verdict_.since) return;
  verdict_ = {.is = is, .why = std::string(why), .since = since};
  out.push_back(verdict_);
}

track::finding track::judgement() const {
  if (!settings_.wanted) return {fitness::fit, "runs without a balancer"};
  if (state_ != state::absent && condition_ && condition_->stopping) return {fitness::fault, "balancer is stopping"};
  if (state_ != state::alive) return {fitness::fault, why_};
  if (condition_->listeners == 0) return {fitness::degraded, "balancer has no listener"};
  if (servers_dead_) return {fitness::degraded, "no server alive", dead_since_};
  return {fitness::fit, why_};
}

}  // namespace holdfast
