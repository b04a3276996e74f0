// Where this build and its sources are. Only the object behind this header knows: all others are the same wherever the
// tree stands, and come from the compiler's cache.
#pragma once

#include <string>

namespace holdfast {

std::string own_build();
std::string own_sources();

}  // namespace holdfast
