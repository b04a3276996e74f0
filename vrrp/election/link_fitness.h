// What interfaces and addresses mean for a group: where each of its routers can be, and whether this node's links are
// fit for it. Knows no netlink.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vrrp/election/group.h"
#include "vrrp/election/plan.h"
#include "vrrp/front/link_facts.h"

namespace holdfast {

using link_table = std::map<int, link_state>;  // by index

// What a router finds on its interface.
struct router_place {
  std::optional<link_state> on;     // none: there is no such interface, and all below is empty
  std::vector<leased_address> own;  // of its addresses those that are the box's own there
  address primary;                  // where its adverts come from
  address link_local;               // IPv6: the box's own address of that kind
  std::string why_not;              // why it can't be there, "" = it can
  std::vector<address> beyond;      // of its addresses those that are in no network of the interface
};
router_place place_of(const router_plan& router, const vrrp_settings& of, const link_table& links,
                      std::span<const address_state> addresses);

// Why nothing can be carried over that interface; "" = it can.
std::string trouble_with(const std::string& interface, const link_table& links);

// What a verdict on a router's place is about: "eth0 IPv6".
std::string name_of(const router_key& place);

// Remembers what was told of each link, and has the group told what is news.
class link_fitness {
 public:
  // why_not: "" = it is fit. None: it was told so already; a link that was never unfit is fit.
  std::optional<group::judged> judge(const std::string& about, const std::string& why_not);

 private:
  std::map<std::string, std::string> unfit_;  // why, as last told
};

}  // namespace holdfast
