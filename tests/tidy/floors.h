// The floors of the house: which folder may include from which, as the top CMakeLists.txt says, and whether what is
// included goes in a circle.
#pragma once

#include <map>
#include <set>

#include "tests/tidy/source.h"

namespace holdfast::tidy {

// Of each folder: itself, those that it KNOWS, and those that these know.
using floors = std::map<std::string, std::set<std::string>>;

// Throws where a folder knows one that does not stand above it: so no circle can be meant.
floors read_floors(std::string_view cmake);

// What a file includes from beyond its own folder and those below. main.cpp stands above all; tests are not asked.
findings check_floors(const source& s, const floors& all);

// The shortest way from a folder back to itself, by what the files include: {"a", "b", "a"}. Empty: there is none.
std::vector<std::string> shortest_cycle(const std::vector<source>& sources);

}  // namespace holdfast::tidy
