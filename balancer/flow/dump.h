// What is carried, as text for a log. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

inline constexpr std::size_t most_dumped = 1024;  // bytes of a piece; of more it says how many

// In hexadecimal digits, "47 45 54"; ascii: as text, with a dot for each byte that is none, and for the quotation mark.
std::string dump_text(std::string_view piece, bool ascii);

}  // namespace holdfast
