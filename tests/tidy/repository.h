// The texts of the repository, read from the disk once.
#pragma once

#include <filesystem>
#include <map>

#include "tests/tidy/source.h"

namespace holdfast::tidy {

// Everything a person wrote: not build trees, not dot folders but .ci, not binary files, not data that must be exact to
// the byte (golden answers, fuzz corpora), not the licence.
std::vector<source> read_repository(const std::filesystem::path& top);

// How many files each folder of a room holds.
std::map<std::string, std::size_t> files_per_folder(const std::vector<source>& sources);

}  // namespace holdfast::tidy
