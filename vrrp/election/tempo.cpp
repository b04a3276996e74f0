#include "vrrp/election/tempo.h"

#include <algorithm>

namespace holdfast {

namespace {

std::string milliseconds(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

void earlier(std::optional<instant>& one, instant other) { one = one ? std::min(*one, other) : other; }

}  // namespace

tempo::tempo(parameters p) : is_(std::move(p)), interval_(slowest_interval(is_.said)) {
  effects unsaid;  // nobody has heard anything else of us
  judge({}, unsaid);
}

tempo::effects tempo::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now); }, e);
  judge(now, out);
  return out;
}

std::optional<instant> tempo::deadline() const {
  if (!is_automatic()) return std::nullopt;
  std::optional<instant> due = late_until_;
  if (well_since_ && interval_ != quick) earlier(due, *well_since_ + settled);
  for (const auto& [node, until] : lost_) earlier(due, until);
  for (const auto& [who, until] : strangers_) earlier(due, until);
  return due;
}

bool tempo::is_ours(const address& who) const {
  return std::ranges::any_of(
      nodes_, [&](const auto& one) { return std::ranges::find(one.second.fronts, who) != one.second.fronts.end(); });
}

void tempo::take(const heard& e, instant now) {
  if (is_ours(e.from)) return;  // its node says how it is
  if (strangers_.contains(e.from) || strangers_.size() < most_strangers) strangers_[e.from] = now + remembered;
}

void tempo::take(const reported& e, instant) {
  partner& known = nodes_[e.node];
  if (e.number != 0 && e.number <= known.number) return;  // overtaken by a newer one
  known = {e.is, e.fronts, e.number};
  lost_.erase(e.node);
  std::erase_if(strangers_, [&](const auto& one) { return is_ours(one.first); });  // heard before the wire named it
}

void tempo::take(const gone& e, instant now) {
  if (nodes_.erase(e.node) > 0 && e.lost) lost_[e.node] = now + remembered;
}

void tempo::take(const overslept& e, instant now) {
  if (e.by < too_late) return;  // nobody minds
  late_until_ = now + awake;
  late_by_ = e.by;
}

void tempo::take(const changed& e, instant) { is_ = e.to; }
void tempo::take(const wake&, instant) {}

void tempo::forget(instant now) {
  const auto over = [&](const auto& one) { return now >= one.second; };
  std::erase_if(lost_, over);
  std::erase_if(strangers_, over);
  if (late_until_ && now >= *late_until_) late_until_.reset();
}

std::string tempo::own_hindrance() const {
  if (!strangers_.empty()) return strangers_.begin()->first.text() + " is no node of ours";
  return late_until_ ? "our loop woke " + milliseconds(late_by_) + " late" : "";
}

std::string tempo::hindrance() const {
  if (!is_.unable.empty()) return is_.unable;
  if (!lost_.empty()) return lost_.begin()->first + " is lost";
  if (nodes_.empty()) return "no other node is connected";
  if (const std::string own = own_hindrance(); !own.empty()) return own;
  for (const auto& [name, one] : nodes_) {
    if (one.is == pace::unsaid) return name + " is older, or its interval is given";
    if (one.is == pace::unsteady) return name + " does not keep up, or hears a stranger";
  }
  return "";
}

void tempo::judge(instant now, effects& out) {
  forget(now);
  const bool may = is_automatic() && is_.unable.empty();
  const pace said = std::exchange(says_, !may ? pace::unsaid : own_hindrance().empty() ? pace::steady : pace::unsteady);
  if (said != says_) out.push_back(report{});
  const duration before = interval_;
  why_ = is_automatic() ? hindrance() : "";
  const bool well = is_automatic() && why_.empty();
  if (!well) well_since_.reset();
  if (well && !well_since_) well_since_ = now;
  const bool long_enough = well && (interval_ == quick || now - *well_since_ >= settled);
  interval_ = long_enough ? quick : slowest_interval(is_.said);
  if (well) why_ = long_enough ? "all nodes keep up" : "all nodes keep up, not for long yet";
  if (interval_ != before) out.push_back(advertise_every{interval_, why_, interval_ != quick && !nodes_.empty()});
}

}  // namespace holdfast
