// A group of three routers: IPv4 and IPv6 on eth0, IPv4 on eth1.
#pragma once

#include "vrrp/election/plan.h"

namespace holdfast {

inline settings with_group() {
  settings s;
  vrrp_settings& g = s.vrrp["front"];
  g.name = "front";
  g.interface = "eth0";
  g.id = 51;
  g.addresses = {{.host = *address::parse("192.0.2.80"), .length = 24, .id = {}},
                 {.host = *address::parse("2001:db8::80"), .length = 64, .id = {}},
                 {.host = *address::parse("192.0.2.81"), .length = 24, .id = {}},
                 {.host = *address::parse("198.51.100.1"), .length = 32, .interface = "eth1", .id = 52}};
  return s;
}

inline group_plan made_plan() { return plan_of(with_group()).front(); }

}  // namespace holdfast
