// Is one server alive? Counts probes; flips after `rise` successes or `fall` failures in a row; asks faster when in
// doubt (every / 4, at least 100 ms, after a result that contradicts the verdict). And while it is down: when are
// connections to it that have fallen silent to be given up?
#pragma once

#include <variant>

#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

class health {
 public:
  struct probe_passed {};
  struct probe_failed {};
  struct probe_spoiled {};   // our own machine had no room for it: says nothing, so ask again soon
  struct connect_failed {};  // a client's connect failed: probe soon (passive mark)
  // A reload: keep the verdict, use these numbers.
  struct changed {
    check_settings check;
    duration patience{};
  };
  using event = std::variant<probe_passed, probe_failed, probe_spoiled, connect_failed, changed, wake>;

  struct probe {};  // start one probe now; its result comes back as an event
  struct moved {
    bool up;
    std::uint32_t in_a_row;
  };
  struct forgive {};  // the server is well: lift the blacklisting that stood when this probe began
  // Down: note what its connections have heard of it, and close those that have heard nothing since the last time.
  struct sweep {
    bool closes;
  };
  using effect = std::variant<probe, moved, forgive, sweep>;
  using effects = effect_list<effect, 3>;

  // seed: random, per server, for the jitter of up to +-10 % of `every`. A server starts up (innocent until proven
  // dead), and its first probe is due within `every`. patience: with silent connections to a server that is down; each
  // is closed after once to twice as long. 0 = never.
  health(const check_settings& check, std::uint64_t seed, instant now, duration patience = duration::zero());

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;  // next probe, none while one is under way; next sweep
  bool up() const { return up_; }

 private:
  void take(const probe_passed&, instant now, effects& out);
  void take(const probe_failed&, instant now, effects& out);
  void take(const probe_spoiled&, instant now, effects& out);
  void take(const connect_failed&, instant now, effects& out);
  void take(const changed& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
  void answer(bool passed, instant now, effects& out);
  void schedule(instant now);
  void move_to(bool up, instant now, effects& out);
  void sweep_soon(instant now);

  check_settings check_;
  duration patience_;
  std::uint64_t random_;
  instant next_;
  std::optional<instant> sweep_at_;  // while it is down
  std::uint32_t in_a_row_ = 0;       // results that contradict up_
  bool up_ = true;
  bool probing_ = false;
  bool failed_meanwhile_ = false;  // a client's connect, while a probe was under way
};

static_assert(machine<health>);

}  // namespace holdfast
