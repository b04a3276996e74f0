// One virtual router: the state machine of RFC 9568, section 6.4, to the letter, for one interface, VRID and family.
// What goes beyond the letter (several that move together, peers known by other means, fitness) is the group's, see
// group.h. Knows no packet and no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/address.h"
#include "base/machine.h"

namespace holdfast {

enum class router_state : std::uint8_t { initialize, backup, active };

class router {
 public:
  struct parameters {
    address primary = {};         // the source of our adverts: decides between equal priorities
    std::uint8_t priority = 100;  // 1 .. 255, as advertised; 255 owns the addresses and never waits
    duration interval{std::chrono::seconds(1)};
    duration unheard{};  // an Active that we have not heard yet may have a longer one: up to that
    bool preempt = true;
    bool learns = true;  // version 3: the Active's interval, of which the skew is a part; version 2 has neither
    bool operator==(const parameters&) const = default;
  };

  struct started {};
  struct stopped {};  // as Active: says so with priority 0
  struct heard {      // an advert that passed all checks
    std::uint8_t priority = 0;
    duration interval{};
    address from;
  };
  // By the group, which knows more than one router can hear.
  struct active_left {};   // Backup: as if priority 0 had been heard
  struct chosen {};        // Backup: as if the down timer had run out
  struct overruled {       // Active: somebody else is
    bool in_order = true;  // says so with priority 0; not after a sleep in which others have moved on
  };
  struct spared {  // Backup: the Active has at least that long from now
    duration at_least{};
  };
  struct changed {
    parameters to;
  };
  using event = std::variant<started, stopped, heard, active_left, chosen, overruled, spared, changed, wake>;

  struct advertise {
    std::uint8_t priority;
  };
  struct take_addresses {};
  struct announce {};  // gratuitous ARP, unsolicited neighbour advertisements
  struct release_addresses {};
  struct moved {
    router_state from, to;
  };
  using effect = std::variant<advertise, take_addresses, announce, release_addresses, moved>;
  using effects = effect_list<effect, 4>;

  explicit router(const parameters& p) : is_(p), active_interval_(longest_interval()) {}

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;  // the down timer, or the next advert; none in Initialize

  router_state state() const { return state_; }
  const parameters& config() const { return is_; }
  duration active_interval() const { return active_interval_; }  // as Active: our own
  // Section 6.1; skew in full resolution, not in centiseconds. Version 2: a part of one second (RFC 3768 6.1).
  duration skew_time() const;
  duration active_down_interval() const { return 3 * active_interval_ + skew_time(); }

 private:
  void take(const started&, instant now, effects& out);
  void take(const stopped&, instant now, effects& out);
  void take(const heard& e, instant now, effects& out);
  void take(const active_left&, instant now, effects& out);
  void take(const chosen&, instant now, effects& out);
  void take(const overruled& e, instant now, effects& out);
  void take(const spared& e, instant now, effects& out);
  void take(const changed& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  void heard_as_backup(const heard& e, instant now);
  void follow_after_all();
  void heard_as_active(const heard& e, instant now, effects& out);
  void learn(duration interval);
  duration longest_interval() const { return is_.unheard > is_.interval ? is_.unheard : is_.interval; }
  void slow_down(duration from, instant now, effects& out);
  void advertise_now(instant now, effects& out);
  void become_active(instant now, effects& out);
  void become_backup(instant now, effects& out);
  void move_to(router_state to, effects& out);

  parameters is_;
  router_state state_ = router_state::initialize;
  duration active_interval_;  // Active_Adver_Interval
  instant timer_;             // Backup: Active_Down_Timer; Active: Adver_Timer
  int hurried_ = 0;           // Active: so many adverts more come after
  duration hurry_{};          // this, our former interval, by which others still judge us
  struct passed_over {
    heard what;
    instant when;
  };
  std::optional<passed_over> passed_over_;  // Backup: the last word of an Active that we were about to preempt
};

static_assert(machine<router>);

}  // namespace holdfast
