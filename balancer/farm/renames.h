// Which servers of a service have another name than before, and are the same all the same.
#pragma once

#include <string>
#include <vector>

#include "cli/settings/settings.h"

namespace holdfast {

struct rename {
  std::string from, to;  // identities
  bool operator==(const rename&) const = default;
};

// A server has gone and another has come, they are at one place, and nobody else is there, neither before nor now.
std::vector<rename> renames(const service_settings& former, const service_settings& wanted);

}  // namespace holdfast
