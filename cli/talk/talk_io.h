// hfctl's talk with the daemons: one command, said to whom it concerns, and the answer of all of them.
#pragma once

#include "base/paths.h"
#include "cli/talk/ask_io.h"
#include "cli/talk/route.h"

namespace holdfast {

// What the daemon at this socket answers to a line.
result<reply, no_answer> ask_reply(const std::string& socket, std::string_view line,
                                   std::chrono::milliseconds patience);

// The same of those to whom the route leads. No answer: nobody runs who could give it. A daemon that runs and can't be
// heard counts as one that refuses when others were asked, too.
result<reply, no_answer> ask_along(const route& along, const sockets& at, std::string_view line,
                                   std::chrono::milliseconds patience);

}  // namespace holdfast
