#include "vrrp/kernel/router_addresses.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast {

bool router_addresses::spare(std::vector<leased_address> own) {
  if (own == own_) return false;
  own_ = std::move(own);
  return true;
}

std::vector<address> router_addresses::hosts() const {
  std::vector<address> out;
  out.reserve(all_.size());
  for (const vrrp_address& a : all_) out.push_back(a.host);
  return out;
}

std::vector<leased_address> router_addresses::to_put_on(int index) const {
  std::vector<leased_address> out;
  out.reserve(all_.size());
  for (const vrrp_address& a : all_) {
    const auto same = [&](const leased_address& o) { return o.index == index && o.host == a.host; };
    if (std::ranges::none_of(own_, same)) out.push_back({index, a.host, a.length});
  }
  return out;
}

bool router_addresses::has(const address& host) const {
  return std::ranges::find(all_, host, &vrrp_address::host) != all_.end();
}

void router_addresses::take(instant now) {
  if (!std::exchange(holds_, true)) taken_ = now;
}

bool router_addresses::release() { return std::exchange(holds_, false); }

bool router_addresses::is_ours_now(const address& host, instant now) const {
  return holds_ && now - taken_ >= handover && has(host);
}

std::vector<leased_address> only_in(std::span<const leased_address> first, std::span<const leased_address> second) {
  std::vector<leased_address> out;
  std::ranges::copy_if(first, std::back_inserter(out),
                       [&](const leased_address& one) { return std::ranges::find(second, one) == second.end(); });
  return out;
}

}  // namespace holdfast
