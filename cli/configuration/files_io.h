// Whole files, as the daemons read and write their configuration.
#pragma once

#include <string>

#include "base/result.h"

namespace holdfast {

// The text of a regular file of at most max_file bytes; the error is a sentence. A file_reader for load_config().
result<std::string, std::string> read_whole_file(const std::string& path);

// All of it or nothing: written beside the file, then renamed over it. The error is a sentence.
result<void, std::string> replace_file(const std::string& path, const std::string& text);

// The same in two steps, or none: into PATH.new, from there over the file.
result<void, std::string> write_beside(const std::string& path, const std::string& text);
result<void, std::string> put_in_place(const std::string& path);
void remove_beside(const std::string& path);

// Writes a configuration, but not over a file with lines that would be lost: see first_unwritable() of
// cli/configuration/config.h.
result<void, std::string> save_config(const std::string& path, const std::string& text);

}  // namespace holdfast
