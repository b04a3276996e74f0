// What settings say that is allowed, yet can hardly be meant.
#pragma once

#include <string>
#include <vector>

#include "cli/configuration/settings.h"

namespace holdfast {

// A sentence for each; none: all is well.
std::vector<std::string> doubts(const settings& said);

}  // namespace holdfast
