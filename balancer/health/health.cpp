#include "balancer/health/health.h"

#include <algorithm>

#include "base/random.h"

namespace holdfast {

namespace {

constexpr duration soonest = 100ms;  // between two probes, even in doubt

double unit_random(std::uint64_t& state) { return static_cast<double>(next_random(state) >> 11) * 0x1p-53; }

duration scaled(duration d, double factor) {
  return duration(static_cast<duration::rep>(static_cast<double>(d.count()) * factor));
}

}  // namespace

health::health(const check_settings& check, std::uint64_t seed, instant now, duration patience)
    : check_(check), patience_(patience), random_(seed) {
  next_ = now + scaled(check_.every, unit_random(random_));  // probes of many servers don't start as one
}

std::optional<instant> health::deadline() const {
  if (probing_) return sweep_at_;
  return sweep_at_ ? std::min(next_, *sweep_at_) : next_;
}

health::effects health::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

// In doubt = the last result contradicts the verdict, or is older than what a client met: the question is settled
// sooner.
void health::schedule(instant now) {
  duration pause = check_.every;
  if (in_a_row_ > 0) pause = std::max(check_.every / 4, soonest);
  if (failed_meanwhile_) pause = soonest;
  next_ = now + scaled(std::min(pause, check_.every), 0.9 + 0.2 * unit_random(random_));
}

void health::answer(bool passed, instant now, effects& out) {
  if (!probing_) return;  // of a probe that was never asked for
  probing_ = false;
  in_a_row_ = passed == up_ ? 0 : in_a_row_ + 1;
  if (in_a_row_ >= std::max(1U, passed ? check_.rise : check_.fall)) move_to(passed, now, out);
  if (passed && up_) out.push_back(forgive{});
  schedule(now);
}

void health::move_to(bool up, instant now, effects& out) {
  up_ = up;
  out.push_back(moved{up, std::exchange(in_a_row_, 0)});
  sweep_soon(now);
  if (sweep_at_) out.push_back(sweep{false});
}

void health::sweep_soon(instant now) {
  sweep_at_.reset();
  if (!up_ && patience_ > duration::zero()) sweep_at_ = now + patience_;
}

void health::take(const probe_passed&, instant now, effects& out) { answer(true, now, out); }
void health::take(const probe_failed&, instant now, effects& out) { answer(false, now, out); }

void health::take(const probe_spoiled&, instant now, effects&) {
  if (!std::exchange(probing_, false)) return;  // of a probe that was never asked for
  next_ = now + std::min(soonest, check_.every);
}

// One client's failure proves nothing, but the next probe may.
void health::take(const connect_failed&, instant now, effects&) {
  if (!up_) return;
  failed_meanwhile_ = probing_;
  next_ = std::min(next_, now + std::min(soonest, check_.every));
}

void health::take(const changed& e, instant now, effects&) {
  check_ = e.check;
  if (patience_ != e.patience) {
    patience_ = e.patience;
    sweep_soon(now);
  }
  next_ = std::min(next_, now + check_.every);
}

void health::take(const wake&, instant now, effects& out) {
  if (sweep_at_ && now >= *sweep_at_) {
    out.push_back(sweep{true});
    sweep_soon(now);
  }
  if (probing_ || now < next_) return;  // one probe at a time; a timer set before a change
  probing_ = true;
  failed_meanwhile_ = false;
  out.push_back(probe{});
}

}  // namespace holdfast
