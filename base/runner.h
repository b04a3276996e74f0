// Feeds a machine one event after the other. What its orders bring about while they are carried out waits: nothing
// happens in the middle of an order. Reads no clock.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "base/ensure.h"
#include "base/machine.h"

namespace holdfast {

template <machine M>
class runner {
 public:
  using event = typename M::event;
  using effects = typename M::effects;

  explicit runner(M what) : machine_(std::move(what)) {}

  // Feeds e, and what is fed or answered meanwhile. now(): the time, asked before each event. perform(effects): carries
  // them out. False: called from within perform; e waits for its turn.
  template <class Now, class Perform>
  bool feed(event e, Now now, Perform perform) {
    facts_.push_back(std::move(e));
    if (busy_) return false;
    busy_ = true;
    while (const auto next = take()) perform(machine_.on(*next, now()));
    busy_ = false;
    return true;
  }

  // From within perform: what came of an order. It is fed before any other fact.
  void answer(event e) {
    ensure(busy_);
    answers_.push_back(std::move(e));
  }

  const M& state() const { return machine_; }

 private:
  std::optional<event> take() {
    auto& from = answers_.empty() ? facts_ : answers_;
    if (from.empty()) return std::nullopt;
    std::optional<event> first(std::move(from.front()));
    from.pop_front();
    return first;
  }

  M machine_;
  std::deque<event> facts_, answers_;
  bool busy_ = false;
};

}  // namespace holdfast
