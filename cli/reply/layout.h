// A table of an answer as lines on a terminal: aligned columns, units, coloured states. Knows no terminal.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "cli/reply/reply.h"

namespace holdfast {

struct page {
  bool colour = false;
  std::size_t width = std::numeric_limits<std::size_t>::max();  // columns; what does not fit is cut off
};

// A line of headings, then one a row, without line ends.
std::vector<std::string> lay_out(const reply_table& table, const page& on);

// One line a column: its name, its value in the first row.
std::vector<std::string> lay_upright(const reply_table& table, const page& on);

}  // namespace holdfast
