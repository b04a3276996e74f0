#include "tests/places.h"

namespace holdfast {

std::string own_build() { return OWN_BUILD; }
std::string own_sources() { return OWN_SOURCES; }

}  // namespace holdfast
