// Carries out what operators say on the agent's control socket: parse, permission, settings or agent, answer.
#pragma once

#include <string_view>

#include "cli/control/control_io.h"

namespace holdfast {

class agent;

void carry_out(agent& on, const caller& who, std::string_view line, control_server::respond_type respond);

}  // namespace holdfast
