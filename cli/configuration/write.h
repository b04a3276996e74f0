// From settings back to commands: what differs from the defaults.
#pragma once

#include <vector>

#include "cli/language/command.h"

namespace holdfast {

// Applied in order to nothing, each in its service, they give equal settings.
std::vector<command> commands_for(const settings& s);          // all but the services and groups
std::vector<command> commands_for(const service_settings& s);  // all but the service's name
std::vector<command> commands_for(const vrrp_settings& s);
command command_for(const check_settings& s);

}  // namespace holdfast
