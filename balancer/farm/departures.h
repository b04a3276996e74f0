// What has been removed, or is drained, or whose address has left, while connections ran on it: when they are closed.
// Of the servers of a service, of services, or of addresses of this machine.
#pragma once

#include <algorithm>
#include <map>
#include <variant>

#include "base/machine.h"

namespace holdfast {

template <class Key>
class departures {
 public:
  // Its connections may run on so long; who has left before keeps its time.
  struct left {
    Key who;
    duration grace;
  };
  struct came_back {
    Key who;
  };
  using event = std::variant<left, came_back, wake>;

  // Its connections; it is gone for good.
  struct close {
    Key who;
  };
  static constexpr std::size_t share = 16;  // in a turn
  using effects = effect_list<close, share>;

  effects on(const event& e, instant now) {
    effects out;
    if (const auto* gone = std::get_if<left>(&e)) {
      leaving_.try_emplace(gone->who, now + gone->grace);
    } else if (const auto* back = std::get_if<came_back>(&e)) {
      leaving_.erase(back->who);
    } else {
      std::erase_if(leaving_, [&](const auto& one) {
        if (one.second > now || out.size() == share) return false;
        out.push_back({one.first});
        return true;
      });
    }
    return out;
  }

  std::optional<instant> deadline() const {
    if (leaving_.empty()) return std::nullopt;
    const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
    return std::min_element(leaving_.begin(), leaving_.end(), sooner)->second;
  }

 private:
  std::map<Key, instant> leaving_;  // when they are closed; bounded by those there were
};

static_assert(machine<departures<unsigned>>);

}  // namespace holdfast
