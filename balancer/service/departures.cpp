#include "balancer/service/departures.h"

#include <algorithm>

namespace holdfast {

departures::effects departures::on(const event& e, instant now) {
  effects out;
  if (const auto* gone = std::get_if<left>(&e)) {
    leaving_.try_emplace(gone->number, now + gone->grace);
  } else if (const auto* back = std::get_if<came_back>(&e)) {
    leaving_.erase(back->number);
  } else {
    std::erase_if(leaving_, [&](const auto& one) {
      if (one.second > now || out.size() == share) return false;
      out.push_back({one.first});
      return true;
    });
  }
  return out;
}

std::optional<instant> departures::deadline() const {
  if (leaving_.empty()) return std::nullopt;
  const auto sooner = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::min_element(leaving_.begin(), leaving_.end(), sooner)->second;
}

}  // namespace holdfast
