#include "balancer/daemon/agent_news.h"

#include <algorithm>

#include "cli/settings/settings.h"

namespace holdfast {

namespace {

// Only servers have died since.
bool is_only_fewer(condition told, const condition& now) {
  const bool fewer = now.servers_alive < told.servers_alive;
  told.servers_alive = now.servers_alive;
  return fewer && told == now;
}

}  // namespace

bool agent_news::is_due(const condition& is, instant now) const {
  if (!told_) return true;
  const duration since = now - told_at_;
  if (told_ == is) return since >= condition_interval;
  return !is_only_fewer(*told_, is) || since >= fewer_pause;
}

void agent_news::was_told(const condition& what, instant now) {
  told_ = what;
  told_at_ = now;
}

bool agent_news::hear(const role_change& what) {
  if (what.is == role::gone) {
    roles_.erase(what.group);
  } else {
    roles_[what.group] = what.is;
  }
  return roles_.size() <= max_vrrp_groups;
}

bool holds_addresses(const std::vector<role_change>& roles) {
  return std::ranges::find(roles, role::active, &role_change::is) != roles.end();
}

}  // namespace holdfast
