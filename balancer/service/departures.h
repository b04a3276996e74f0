// What has been removed, or is drained, while connections ran on it: when they are closed. Of the servers of a service,
// or of services.
#pragma once

#include <map>
#include <variant>

#include "base/machine.h"

namespace holdfast {

class departures {
 public:
  struct left {
    std::uint32_t number;
    duration grace;
  };  // its connections may run on so long; who has left before keeps its time
  struct came_back {
    std::uint32_t number;
  };
  using event = std::variant<left, came_back, wake>;

  struct close {
    std::uint32_t number;
  };  // its connections; it is gone for good
  static constexpr std::size_t share = 16;  // in a turn
  using effects = effect_list<close, share>;

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

 private:
  std::map<std::uint32_t, instant> leaving_;  // when they are closed; bounded by the servers there were
};

static_assert(machine<departures>);

}  // namespace holdfast
