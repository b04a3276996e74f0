// What differs between two configurations, line by line. Pure.
#pragma once

#include <set>
#include <string>

#include "cli/settings/settings.h"

namespace holdfast {

// A configuration as a set of lines; those of a service have its name in front, so that each says all of itself.
using config_lines = std::set<std::string>;
config_lines lines_of(const std::string& config);

// For who has changed one into the other: "no change", or "+ LINE" and "- LINE", a line each, at most some twenty.
std::string difference_of(const settings& before, const settings& after);

}  // namespace holdfast
