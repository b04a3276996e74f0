// How a MaxMind DB file is laid out, as it says itself: read here with suspicion, because the library that reads the
// rest believes it. Format: MaxMind DB File Format Specification 2.0. Knows no file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

struct country_layout {
  std::uint64_t nodes = 0;       // of the search tree
  std::uint64_t node_bytes = 0;  // 6, 7 or 8
};

// None unless the metadata can be read and the search tree lies within the file before them.
std::optional<country_layout> read_country_layout(std::string_view file);

}  // namespace holdfast
