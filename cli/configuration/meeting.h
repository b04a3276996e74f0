// Where the nodes of a cluster meet: each listens at the address of its `node` line, and calls the others at theirs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "cli/configuration/settings.h"

namespace holdfast {

struct meeting {
  endpoint listen;                                       // ours
  std::vector<std::pair<std::string, endpoint>> others;  // by name; none: there is nobody to talk to
  std::string trouble;                                   // a clause: why there can be no talk, "" = there can
  bool operator==(const meeting&) const = default;
};

// The balancers meet at the ports of the lines, the agents one above (0 or 1). node: our name.
meeting meeting_of(const settings& s, const std::string& node, std::uint16_t above);

}  // namespace holdfast
