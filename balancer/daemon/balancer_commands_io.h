// Carries out what operators say on a control socket: parse, permission, settings or daemon, answer.
#pragma once

#include <string_view>

#include "cli/control/control_io.h"

namespace holdfast {

class daemon;

void carry_out(daemon& on, const caller& who, std::string_view line, control_server::respond_type respond);

}  // namespace holdfast
