// Rules about all files together: who has a test of his name, who shares a name, and how much may reach the machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/tidy/source.h"

namespace holdfast::tidy {

// By path without "_io" and extension, why it has no test of its name.
using excused = std::map<std::string, std::string>;

// Sources (.cpp, but main.cpp) without a test of their name: x.cpp and x_io.cpp want an x_test.cpp or x_io_test.cpp
// somewhere below tests/.
findings check_tests(const std::vector<source>& all, const excused& because);

// Files of one name in two folders.
findings check_namesakes(const std::vector<source>& all);

// x_io.h and x_io.cpp that include nothing which reaches the machine, and no other _io file: they may lose the suffix.
findings check_io_names(const std::vector<source>& all);

// How many lines of a room's code are in _io files, of how many.
struct io_share {
  std::size_t io = 0, all = 0;
  double percent() const { return all == 0 ? 0 : 100 * static_cast<double>(io) / static_cast<double>(all); }
};
io_share share_of(const std::vector<source>& all, const std::string& room);

}  // namespace holdfast::tidy
