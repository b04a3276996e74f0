// What is on this box before the agent begins: addresses and interfaces that an earlier life has left, and virtual
// addresses that are the box's own. Decides nothing.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

class netlink;

// Takes what an earlier life has left off this node: addresses, see leftovers_of, and virtual interfaces. for_good:
// connections to those addresses are ended. Gives how many addresses there were. The error is a sentence.
result<std::size_t, std::string> release_all(netlink& kernel, const settings& s, bool for_good);

// What only the box itself can know of these settings, as sentences. None when the kernel doesn't tell.
std::vector<std::string> warnings_about_box(netlink& kernel, const settings& s);

}  // namespace holdfast
