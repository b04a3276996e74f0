// The rules of choosing, said once more in the plainest words, to judge what `pick` chose.
#pragma once

#include <set>
#include <string>

#include "balancer/choice/pick.h"

namespace holdfast::sim {

// Why this client may not have this server now; "" if it may. tried: servers that it does not come to (again).
std::string why_not(const pool& p, const server& s, const client_facts& who, const std::set<server_id>& tried,
                    instant now);

// The first server that a flow must still ask before it turns to the emergency server or gives up; "" if there is none.
// passed_over: not to be had when the flow made an earlier choice.
std::string still_to_ask(const pool& p, const client_facts& who, const std::set<server_id>& tried,
                         const std::set<server_id>& passed_over, instant now);

}  // namespace holdfast::sim
