// Where the access log goes once its host is an address.
#pragma once

#include <optional>

#include "balancer/names/resolver.h"
#include "cli/settings/settings.h"

namespace holdfast {

// As said, where it is a file, no place at all, or one that makes no sense (opening it will say so); none while the
// name of its host is not known.
std::optional<place> log_place(const std::optional<place>& said, const resolver& names);

}  // namespace holdfast
