// Numbers and strings as a person reads them on a terminal. Knows no tables.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

std::string human_bytes(double bytes);       // "0 B", "1023 B", "1.5 KiB", "312 MiB"
std::string human_duration(double seconds);  // "0s", "350ms", "42s", "3m 12s", "5h 2m", "12d 7h"
std::string human_number(double number);     // "7", "1200"; "0.5" when below ten and not whole

// '?' in place of each byte that is not part of valid UTF-8, and of each control character (a tab becomes a blank):
// what strangers wrote must not steer the terminal. keep_controls: only the first.
std::string printable(std::string_view text, bool keep_controls = false);

// Columns of printable text on a terminal: code points, wide characters counted as one.
std::size_t columns_of(std::string_view text);
std::string_view first_columns(std::string_view text, std::size_t columns);

}  // namespace holdfast
