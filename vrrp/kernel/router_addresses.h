// The addresses of one virtual router: which of them we put on, and which are ours now. Puts on none.
#pragma once

#include <span>
#include <vector>

#include "base/machine.h"
#include "cli/settings/settings.h"
#include "vrrp/front/link_facts.h"

namespace holdfast {

class router_addresses {
 public:
  // So long after we have taken them, another active one may yet be heard of.
  static constexpr duration handover{std::chrono::seconds(1)};

  explicit router_addresses(std::vector<vrrp_address> all) : all_(std::move(all)) {}

  // Those that the box has of its own: they are never put on, renewed or removed. True when that is news.
  bool spare(std::vector<leased_address> own);
  const std::vector<leased_address>& own() const { return own_; }

  void change(std::vector<vrrp_address> to) { all_ = std::move(to); }
  std::vector<address> hosts() const;
  std::vector<leased_address> to_put_on(int index) const;
  bool has(const address& host) const;

  void take(instant now);
  bool release();  // true: we had them
  bool holds() const { return holds_; }
  bool is_ours_now(const address& host, instant now) const;

 private:
  std::vector<vrrp_address> all_;
  std::vector<leased_address> own_;
  bool holds_ = false;
  instant taken_{};
};

// What is in the first and not in the second.
std::vector<leased_address> only_in(std::span<const leased_address> first, std::span<const leased_address> second);

}  // namespace holdfast
