// Configuration files: commands, one a line. Pure: the text comes from a reader that is passed in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/configuration/settings.h"

namespace holdfast {

struct config_error {
  std::string file;
  std::size_t line = 0;      // 1-based; 0 = the file as a whole
  std::size_t column = 0;    // 1-based; 0 = the line as a whole
  std::string why = {};      // "expected a number from 1 to 65535"
  std::string text() const;  // "FILE:LINE:COLUMN: WHY"
};

// The text of a file, or why it can't be had.
using file_reader = std::function<result<std::string, std::string>(const std::string& path)>;

inline constexpr std::size_t max_include_depth = 8;
inline constexpr std::size_t max_file = 64 << 20;  // bytes

// The settings that `base` (what the command line said) and then the whole file give; on any error nothing but the
// first error: of a line, or what check_vrrp() refuses, found at the last line about that group. A byte order mark is
// skipped. Lines `on NODE` of other nodes are parsed but not applied. `include FILE` is relative to the including file.
result<settings, config_error> load_config(const std::string& path, std::string_view node_name, const file_reader& read,
                                           const settings& base = {});

// As if `text` stood in a file called `path`; not checked as a whole, for it may be a part.
result<settings, config_error> load_config_text(std::string_view text, const std::string& path,
                                                std::string_view node_name, const file_reader& read,
                                                const settings& base = {});

// What a file says to each node of the cluster, or why that would refuse it; load_config() gave `loaded` to ours.
std::map<std::string, result<settings, config_error>> load_for_nodes(const settings& loaded, const std::string& path,
                                                                     std::string_view node_name,
                                                                     const file_reader& read,
                                                                     const settings& base = {});

// What people should hear of such a file, a sentence each: what check_vrrp() and check_cluster() warn of, and where the
// other nodes would refuse it.
std::vector<std::string> warnings_about(const settings& loaded, const std::string& path, std::string_view node_name,
                                        const file_reader& read, const settings& base = {});

// What differs from the defaults, one command a line, in an order that loads back to an equal value.
std::string write_config(const settings& s);

// A line of a file that settings do not hold, so that writing them over it would lose it: `on NODE ...`, `include
// FILE`.
struct unwritable_line {
  std::size_t line = 0;  // 1-based
  std::string text;      // "on lb2"
};
std::optional<unwritable_line> first_unwritable(std::string_view file_text);

}  // namespace holdfast
