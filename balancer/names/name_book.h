// What is known of each host name that the settings speak of: its addresses, when to ask again, what to tell of it.
// Knows no resolver.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

inline constexpr std::size_t look_ups_at_once = 4;  // a silent name server keeps each for half a minute

// A name that is not found keeps the addresses that were known last.
class name_book {
 public:
  // Facts.
  // These and no others: new ones are looked up at once, all again so often (0 = only when doubted), and every 5 s
  // while they are not found.
  struct wanted {
    std::set<std::string> names;
    duration every;
  };
  struct doubted {};  // a reload: whatever is known may be old
  struct found {
    std::string name;
    std::vector<address> addresses;  // at least one; in any order, some perhaps twice
  };
  struct failed {
    std::string name, why;
  };
  using event = std::variant<wanted, doubted, found, failed, wake>;

  // Orders. Each look-up comes back as found or failed.
  struct look_up {
    std::string name;
  };
  // Its addresses are others than before.
  struct moved {
    std::string name;
  };
  // It could not be found; said once until it is found again.
  struct lost {
    std::string name, why;
  };
  // After lost.
  struct regained {
    std::string name;
  };
  using effect = std::variant<look_up, moved, lost, regained>;
  using effects = effect_list<effect, look_ups_at_once + 2>;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;  // the next look-up; none while as many as may be are under way

  // IPv4 before IPv6, and by value within each: the same on every node that has the same answer. At most
  // max_server_addresses; empty: nothing is known (yet).
  const std::vector<address>& addresses(const std::string& name) const;

  // The wanted ones that no answer has come for, neither good nor bad.
  std::set<std::string> unanswered() const;

 private:
  struct entry {
    std::vector<address> known;
    std::optional<instant> due;  // none: being looked up, or not to be asked again
    bool answered = false, lost = false;
  };

  void take(const wanted& e, instant now, effects& out);
  void take(const doubted&, instant now, effects& out);
  void take(const found& e, instant now, effects& out);
  void take(const failed& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
  void ask(instant now, effects& out);
  std::optional<instant> again(const entry& of, instant now) const;
  void schedule(const std::string& name, entry& of, std::optional<instant> when);
  entry* answer(const std::string& name);

  std::map<std::string, entry> all_;
  std::set<std::pair<instant, std::string>> queue_;  // by entry::due
  std::set<std::string> under_way_;
  duration every_{};
};

static_assert(machine<name_book>);

// All host names in the settings that must be looked up: of servers, listeners, control and log.
std::set<std::string> names_in(const settings& said);

// "192.0.2.1,192.0.2.2", or "none".
std::string text_of(const std::vector<address>& some);

}  // namespace holdfast
