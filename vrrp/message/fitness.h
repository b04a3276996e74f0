// Whether a node is fit to be active, as it judges itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

// fit: serve. degraded: serve if nobody fit can. fault: do not serve.
enum class fitness : std::uint8_t { fit, degraded, fault };
std::string_view name_of(fitness f);

// What is known of the front network, as long as somebody doubts it. proven: the watched address answers there; failed:
// it doesn't.
enum class front_proof : std::uint8_t { untried, failed, proven };

// What a node says of its own way to the quick rhythm. unsaid: it is older, or its interval is given.
enum class pace : std::uint8_t { unsaid, steady, unsteady };

}  // namespace holdfast
