// What hfctl makes of bare words that Pen takes for a change: of a person they are a question. Nobody who asks `hfctl
// dummy` wants his service to answer for itself. Pen's forms stay in files and for penctl. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/language/grammar.h"

namespace holdfast {

// The line to say to the daemon: as it is; or, for the bare word of a setting that is on or off, `show` and that word;
// or what is missing. said: what the line means; also after `cluster`.
result<std::string, misunderstanding> spelled_out(std::string_view line, const sentence& said);

}  // namespace holdfast
