// What the settings ask of this node: groups, their virtual routers, and what each of those says and holds. Values
// only; a reload compares them.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/settings/settings.h"
#include "cli/settings/vrrp_check.h"
#include "vrrp/election/advert_exchange.h"
#include "vrrp/election/group.h"
#include "vrrp/election/tempo.h"
#include "vrrp/election/track.h"
#include "vrrp/front/link_facts.h"
#include "vrrp/message/announce.h"

namespace holdfast {

struct router_plan {
  router_key key;  // interface, id, family
  std::vector<vrrp_address> addresses;
  advert_exchange::parameters says;
  announcer::habits announces;
  bool operator==(const router_plan&) const = default;
};

struct group_plan {
  vrrp_settings said;
  std::vector<router_plan> routers;  // in the order of their first address
  bool watches_balancer = false;
  bool operator==(const group_plan&) const = default;
};

// Those that are complete; what is wrong with settings as a whole is check_vrrp's.
std::vector<group_plan> plan_of(const settings& s);

// How long the kernel keeps the group's addresses without us; 0 = for ever. automatic: as long as the others take to
// notice our silence, three of the intervals in force, so that an address is gone when they have it: 1 s to 60 s.
std::chrono::seconds lease_of(const vrrp_settings& g, duration interval);

// What may make its interval, if that is automatic, shorter.
tempo::parameters tempo_of(const vrrp_settings& g);

// What its machines begin with. node: our own name.
group::parameters parameters_of(const std::string& node, const group_plan& plan);
track_settings track_of(const group_plan& plan);

// What is to be said of a virtual address that the box has of its own on that interface.
std::string own_address_sentence(const address& host, const std::string& interface, std::uint8_t priority);

// That of all of them.
std::vector<std::string> own_addresses(std::span<const link_state> links, std::span<const address_state> present,
                                       const std::vector<group_plan>& groups);

// All that they would put on, on the interfaces that there are.
std::vector<leased_address> leased_of(std::span<const link_state> links, const std::vector<group_plan>& groups);

// Whether a running group can become that by changes of its numbers and addresses alone.
bool same_routers(const group_plan& a, const group_plan& b);

}  // namespace holdfast
