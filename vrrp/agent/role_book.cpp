#include "vrrp/agent/role_book.h"

#include <algorithm>

namespace holdfast {

std::optional<role_change> role_book::next() const {
  const auto found = std::ranges::find_if(roles_, [](const auto& one) { return !one.second.said; });
  if (found == roles_.end()) return std::nullopt;
  return role_change{found->first, found->second.is};
}

void role_book::was_said(const role_change& what) {
  if (what.is == role::gone) {
    roles_.erase(what.group);
  } else {
    roles_[what.group].said = true;
  }
}

void role_book::begin_anew() {
  drop_gone();
  for (auto& [group, r] : roles_) r.said = false;
}

void role_book::drop_gone() {
  std::erase_if(roles_, [](const auto& one) { return one.second.is == role::gone; });
}

}  // namespace holdfast
