// What operators have said of servers outlives a reload: until `undo` or `write`, or until the file says something new
// about the same. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/settings/settings.h"

namespace holdfast {

// The file as it is read again, with what operators have said of its servers (drain, weight, prio, max, hard) since it
// was read last. before: as it was read then; running: the settings now.
settings with_orders(settings again, const settings& before, const settings& running);

// The servers that run otherwise than the file says: "web/1".
std::vector<std::string> ordered_servers(const settings& file, const settings& running);

}  // namespace holdfast
