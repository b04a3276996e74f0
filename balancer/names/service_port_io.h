// Names of ports, as the file of the system has them (/etc/services).
#pragma once

#include "balancer/names/resolver.h"

namespace holdfast {

// Of a TCP service. None: it isn't there.
std::optional<std::uint16_t> service_port(const std::string& name);

}  // namespace holdfast
