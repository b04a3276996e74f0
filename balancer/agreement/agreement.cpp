#include "balancer/agreement/agreement.h"

#include <algorithm>

namespace holdfast {

namespace {

std::uint64_t number_of(std::uint64_t change, order_phase phase) { return change | static_cast<std::uint64_t>(phase); }

}  // namespace

agreement::effects agreement::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& what) { take(what, now, out); }, e);
  return out;
}

void agreement::move_to(step next, std::optional<instant> until) {
  step_ = next;
  until_ = until;
  heard_.clear();
}

// Why no change can begin now, "" = it can.
std::string agreement::objection() const {
  if (step_ == step::doubting) return "what " + whose_ + " wanted is not decided yet: it has to say so";
  if (step_ != step::idle) return "another change of all nodes is under way";
  return {};
}

void agreement::take(const wanted& e, instant, effects& out) {
  std::string why = objection();
  for (const std::string& node : others_) {
    if (!why.empty()) break;
    if (!connected_.contains(node)) {
      why = node + ": not connected";
    } else if (older_.contains(node)) {
      why = node + ": its version can't take a change back: update it, or say it on each node";
    } else if (owed_.contains(node)) {
      why = node + ": it hasn't confirmed yet what became of the change before";
    }
  }
  if (!why.empty()) return out.push_back(done{.why = "nothing was changed: " + why, .reply = {}, .replies = {}});
  last_ += phase_bits + 1;
  change_ = last_;
  whose_.clear();
  text_ = e.text;
  outcome_ = {};
  move_to(step::trying);
  out.push_back(rehearse{text_});
}

// It hears first what has become of a change that it may be in doubt of.
void agreement::take(const met& e, instant, effects& out) {
  connected_.insert(e.node);
  older_.erase(e.node);
  if (e.older) older_.insert(e.node);
  if (const auto owed = owed_.find(e.node); owed != owed_.end()) out.push_back(send{e.node, owed->second});
  if (e.afresh && step_ == step::doubting && whose_ == e.node) let_go(out);
}

void agreement::take(const lost& e, instant now, effects& out) {
  connected_.erase(e.node);
  switch (step_) {
    case step::asking:
    case step::telling: return fail(e.node + ": the connection to it ended", now, out);
    case step::closing: return close(true, out);
    case step::promised:
      if (whose_ == e.node) let_go(out);
      return;
    case step::made:
      if (whose_ == e.node) move_to(step::doubting);
      return;
    case step::idle:
    case step::doubting: return;  // nobody is waited for
    case step::trying:
    case step::making:
    case step::weighing:
    case step::following:
    case step::keeping: return;  // what becomes of it is told first
  }
}

void agreement::take(const asked& e, instant now, effects& out) {
  const bool known = whose_ == e.node && e.what.id == number_of(change_, e.what.phase);
  switch (e.what.phase) {
    case order_phase::say: return;  // needs no agreement
    case order_phase::prepare: return prepare(e, now, out);
    case order_phase::commit:
      if (!known || step_ != step::promised) {
        return answer(e.node, e.what.id, {false, "it was not promised here, or too long ago"}, out);
      }
      move_to(step::following, until_);
      return out.push_back(make{.text = text_});
    case order_phase::keep:
      if (!known) return answer(e.node, e.what.id, {false, "it was not made here"}, out);
      if (step_ == step::idle) return answer(e.node, e.what.id, {true, ""}, out);  // it is said once more
      move_to(step::keeping);
      return out.push_back(keep{});
    case order_phase::forget:
      if (known) let_go(out);
      return answer(e.node, e.what.id, {true, ""}, out);
  }
}

void agreement::prepare(const asked& e, instant now, effects& out) {
  std::string why = objection();
  if (older_.contains(e.node)) why = "the version of " + e.node + " can't take a change back: update it";
  if (!why.empty()) return answer(e.node, e.what.id, {false, why}, out);
  whose_ = e.node;
  change_ = e.what.id & ~phase_bits;
  text_ = e.what.text;
  move_to(step::weighing, now + promise_life);
  out.push_back(rehearse{text_});
}

// What another node wanted is over here.
void agreement::let_go(effects& out) {
  const bool undoes = step_ == step::made || step_ == step::doubting;
  if (step_ != step::keeping) whose_.clear();  // it may be told once more what it has kept
  move_to(step::idle);
  if (undoes) out.push_back(undo{});
}

void agreement::take(const tried& e, instant now, effects& out) {
  switch (step_) {
    case step::trying:
      if (!e.accepted) {
        move_to(step::idle);
        return out.push_back(done{.why = "nothing was changed: here: " + e.text, .reply = {}, .replies = {}});
      }
      move_to(step::asking, now + agreement_patience);
      return tell_all(order_phase::prepare, out);
    case step::making:
      outcome_.reply = e.text;
      return e.accepted ? decide(order_phase::keep, "", now, out) : fail("here: " + e.text, now, out);
    case step::weighing:
      answer(whose_, number_of(change_, order_phase::prepare), e, out);
      return e.accepted ? move_to(step::promised, until_) : let_go(out);
    case step::following:
      answer(whose_, number_of(change_, order_phase::commit), e, out);
      return e.accepted ? move_to(step::made, until_) : let_go(out);
    case step::keeping: answer(whose_, number_of(change_, order_phase::keep), e, out); return let_go(out);
    case step::idle:
    case step::asking:
    case step::telling:
    case step::closing:
    case step::promised:
    case step::made:
    case step::doubting: return;  // nothing was tried
  }
}

void agreement::take(const answered& e, instant now, effects& out) {
  const bool asks = step_ == step::asking;
  if (!asks && step_ != step::telling) return confirmed(e, out);
  if (e.what.id != number_of(change_, asks ? order_phase::prepare : order_phase::commit)) return;  // of an earlier one
  if (!e.what.accepted) return fail(e.node + ": " + e.what.text, now, out);
  heard_[e.node] = e.what;
  if (heard_.size() < others_.size()) return;
  if (asks) {
    move_to(step::telling, now + agreement_patience);
    return tell_all(order_phase::commit, out);
  }
  outcome_.replies = heard_;
  move_to(step::making);
  out.push_back(make{.text = text_, .keep = true});
}

void agreement::confirmed(const answered& e, effects& out) {
  const auto owed = owed_.find(e.node);
  if (owed == owed_.end() || owed->second.id != e.what.id) return;  // of an earlier one
  owed_.erase(owed);
  if (!e.what.accepted) outcome_.why += "; " + e.node + ": " + e.what.text;
  if (step_ == step::closing) close(true, out);
}

void agreement::take(const wake&, instant now, effects& out) {
  if (!until_ || now < *until_) return;
  switch (step_) {
    case step::asking:
    case step::telling: {
      std::string silent;
      for (const std::string& node : others_) {
        if (!heard_.contains(node)) silent += (silent.empty() ? "" : ", ") + node;
      }
      return fail(silent + ": no answer within 10 s", now, out);
    }
    case step::closing: return close(false, out);
    case step::promised: return let_go(out);
    case step::made: return move_to(step::doubting);
    case step::idle:
    case step::trying:
    case step::making:
    case step::weighing:
    case step::following:
    case step::keeping:
    case step::doubting: return;  // no time is set, or what becomes of it is told first
  }
}

// What it is they are told once.
void agreement::tell_all(order_phase phase, effects& out) const {
  const std::string text = phase == order_phase::prepare ? text_ : "";
  for (const std::string& node : others_) {
    if (!connected_.contains(node)) continue;
    out.push_back(send{node, sync_order{.id = number_of(change_, phase), .phase = phase, .text = text}});
  }
}

void agreement::fail(const std::string& why, instant now, effects& out) {
  decide(order_phase::forget, "nothing was changed: " + why, now, out);
}

// All hear of it, those who aren't connected when they are; our operator, when those who are have confirmed it.
void agreement::decide(order_phase phase, const std::string& why, instant now, effects& out) {
  outcome_.accepted = phase == order_phase::keep;
  outcome_.why = why;
  for (const std::string& node : others_) {
    owed_[node] = {.id = number_of(change_, phase), .phase = phase, .text = {}};
  }
  tell_all(phase, out);
  move_to(step::closing, now + agreement_patience);
  close(true, out);
}

void agreement::close(bool in_time, effects& out) {
  const auto may_confirm = [&](const auto& owed) { return connected_.contains(owed.first); };
  if (in_time && std::any_of(owed_.begin(), owed_.end(), may_confirm)) return;
  for (const auto& [node, what] : owed_) {
    outcome_.why += "; " + node + " has not confirmed that, and hears it again when it is connected anew";
  }
  if (outcome_.accepted && !outcome_.why.empty()) outcome_.why.erase(0, 2);
  move_to(step::idle);
  out.push_back(std::exchange(outcome_, {}));
}

void agreement::answer(const std::string& node, std::uint64_t id, const tried& what, effects& out) {
  out.push_back(send{node, sync_answer{.id = id, .accepted = what.accepted, .text = what.text}});
}

}  // namespace holdfast
