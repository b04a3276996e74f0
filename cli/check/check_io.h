// `--check FILE` of both programs: says on standard error all that is wrong with a file, and what can hardly be meant.
#pragma once

#include <functional>
#include <string>

#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

// EX_CONFIG of sysexits.h: what a program was told is wrong, and a start that comes again at once changes nothing.
inline constexpr int exit_misconfigured = 78;

// own: what that program would refuse at its start, and doubts. 0, or 1 if a start would fail.
int check_file(const std::string& path, const std::string& node, const settings& base,
               const std::function<findings(const settings&)>& own);

}  // namespace holdfast
