// A server as an argument of Pen's command line: HOST[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]].
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/language/command.h"

namespace holdfast {

// IPv6 addresses stand in brackets; a path of a UNIX socket stands alone; an empty field is not given. The error says
// what was expected.
result<say::change_server, std::string> read_server_argument(std::string name, std::string_view text);

}  // namespace holdfast
