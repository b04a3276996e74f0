// What nodes tell each other of a group over the wire: from our machines to what we say, and from what another says to
// what our machines hear.
#pragma once

#include <span>
#include <string>

#include "vrrp/election/group.h"
#include "vrrp/election/plan.h"
#include "vrrp/election/tempo.h"
#include "vrrp/message/wire_message.h"

namespace holdfast {

// Ours. epoch: how many nodes became active, as far as is known. fronts: where our adverts come from, of each router.
wire_group view_of(const group_plan& plan, const group& machine, const tempo& rhythm, std::uint64_t epoch,
                   std::span<const address> fronts, instant now);

// What a report says of that group; nameless: it doesn't have it.
wire_group part_of(const wire_report& report, const std::string& group);

// What our election hears of another's.
group::peer_view heard_of(const wire_group& theirs, instant now);

// Where a router of that family reaches the node on the front network; unspecified: unknown.
const address& front_of(const wire_group& theirs, bool six);

// A node names one front address of each family: are all its routers there?
bool is_on_one_interface(const group_plan& plan);

}  // namespace holdfast
