// What settings say of services that is allowed, yet can hardly be meant. Pure.
#pragma once

#include <set>
#include <string>

#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Warnings, in the order of the services; none: all is well.
findings warnings(const settings& said);

// A warning for each server, and the like, at a host whose name does not resolve.
findings warnings_of_names(const settings& said, const std::set<std::string>& unknown);

}  // namespace holdfast
