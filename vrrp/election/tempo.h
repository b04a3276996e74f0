// How often a group advertises whose interval is `auto`: quickly while all who take part are nodes that the wire knows,
// and say that they keep up; otherwise as everybody can follow. Knows no packet and no socket.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "cli/settings/settings.h"
#include "vrrp/message/fitness.h"

namespace holdfast {

class tempo {
 public:
  static constexpr duration quick = std::chrono::milliseconds(50);
  static constexpr duration slow{std::chrono::seconds(1)};
  // What says or does nothing wrong for so long lets us be quick, or counts no more.
  static constexpr duration settled{std::chrono::seconds(2)};     // everything
  static constexpr duration remembered{std::chrono::minutes(1)};  // a stranger's advert; a node that is lost
  static constexpr duration awake{std::chrono::seconds(10)};      // our own loop
  static constexpr duration too_late = 2 * quick;                 // of our loop: then the others are about to take over
  static constexpr std::size_t most_strangers = 16;

  struct parameters {
    duration said = automatic_time;  // another: that is it, whatever happens
    std::string unable = {};         // why it can't be quick; "" = it can
    bool operator==(const parameters&) const = default;
  };

  struct heard {  // an advert that passed all checks, of somebody who doesn't leave
    address from;
  };
  struct reported {  // over the wire, by another node that has this group
    std::string node;
    pace is = pace::unsaid;
    std::vector<address> fronts;  // from which it advertises
    std::uint64_t number = 0;     // as of group::peer_reported
  };
  struct gone {  // its wire, or its group
    std::string node;
    bool lost = false;  // it may well live on
  };
  struct overslept {
    duration by{};
  };
  struct changed {
    parameters to;
  };
  using event = std::variant<heard, reported, gone, overslept, changed, wake>;

  struct advertise_every {  // from now on
    duration interval{};
    std::string why;
    bool alarms = false;
  };
  struct report {};  // what we say has changed
  using effect = std::variant<advertise_every, report>;
  using effects = effect_list<effect, 2>;

  explicit tempo(parameters p);

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  duration interval() const { return interval_; }
  const std::string& why() const { return why_; }  // a clause; "" when it is given
  // No word of what the others say: each would wait for the other.
  pace says() const { return says_; }

 private:
  void take(const heard& e, instant now);
  void take(const reported& e, instant now);
  void take(const gone& e, instant now);
  void take(const overslept& e, instant now);
  void take(const changed& e, instant now);
  void take(const wake&, instant now);

  bool is_automatic() const { return is_.said == automatic_time; }
  bool is_ours(const address& who) const;
  void forget(instant now);
  std::string own_hindrance() const;
  std::string hindrance() const;
  void judge(instant now, effects& out);

  parameters is_;
  struct partner {
    pace is = pace::unsaid;
    std::vector<address> fronts;
    std::uint64_t number = 0;
  };
  std::map<std::string, partner> nodes_;  // connected
  std::map<std::string, instant> lost_;   // until when they count
  std::map<address, instant> strangers_;  // likewise
  std::optional<instant> late_until_;
  duration late_by_{};
  std::optional<instant> well_since_;
  duration interval_;
  std::string why_;
  pace says_ = pace::unsaid;
};

static_assert(machine<tempo>);

// Of a group with this setting, whatever is in force.
constexpr duration slowest_interval(duration said) { return said == automatic_time ? tempo::slow : said; }

}  // namespace holdfast
