#include "vrrp/front/rivals.h"

#include <algorithm>

namespace holdfast {

bool rivals::claim(const address& who, const mac_address& mac, instant now) {
  std::erase_if(all_, [&](const rival& r) { return now - r.last > remembered; });
  const auto known = std::ranges::find_if(all_, [&](const rival& r) { return r.who == who && r.mac == mac; });
  if (known != all_.end()) {
    known->last = now;
    return false;
  }
  if (all_.size() >= most) return false;
  all_.push_back({.who = who, .mac = mac, .since = now, .last = now});
  return true;
}

}  // namespace holdfast
