// Whether a node is fit to be active, as it judges itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

// fit: serve. degraded: serve if nobody fit can. fault: do not serve.
enum class fitness : std::uint8_t { fit, degraded, fault };
std::string_view name_of(fitness f);

}  // namespace holdfast
