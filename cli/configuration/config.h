// Configuration files: commands, one a line. Pure: the text comes from a reader that is passed in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct config_error {
  std::string file;
  std::size_t line = 0;                              // 1-based; 0 = the file as a whole
  std::size_t column = 0;                            // 1-based; 0 = the line as a whole
  std::string why = {};                              // "expected a number from 1 to 65535"
  std::string text(std::string_view is = {}) const;  // "FILE:LINE:COLUMN: WHY"; is: goes before why: "warning: "
  bool operator==(const config_error&) const = default;
};

// All that is wrong, in the order in which it was found: never empty, and at most most_config_errors, of which then the
// last one says so.
struct config_errors {
  std::vector<config_error> all;
  settings rest = {};        // what the lines give with which nothing is wrong
  std::string text() const;  // a line each, without the end of the last
};

inline constexpr std::size_t most_config_errors = 100;

// The text of a file, or why it can't be had.
using file_reader = std::function<result<std::string, std::string>(const std::string& path)>;

inline constexpr std::size_t max_include_depth = 8;
inline constexpr std::size_t max_file = 64 << 20;  // bytes

// The settings that `base` (what the command line said) and then the whole file give; or all that is wrong with it: of
// each line, and what check_vrrp() refuses, found at the last line about that group. What follows from a refused line
// is said once. A byte order mark is skipped. Lines `on NODE` of other nodes are parsed but not applied. `include FILE`
// is relative to the including file.
using loaded_config = result<settings, config_errors>;
loaded_config load_config(const std::string& path, std::string_view node_name, const file_reader& read,
                          const settings& base = {});

// The file read again as Pen does: added to the settings that are. What an access list has already is not added once
// more; see known_rules.h.
loaded_config add_config(const std::string& path, std::string_view node_name, const file_reader& read,
                         const settings& present);

// As if `text` stood in a file called `path`; not checked as a whole, for it may be a part.
loaded_config load_config_text(std::string_view text, const std::string& path, std::string_view node_name,
                               const file_reader& read, const settings& base = {});

// What a file says to each node of the cluster, or why that would refuse it; load_config() gave `loaded` to ours.
std::map<std::string, loaded_config> load_for_nodes(const settings& loaded, const std::string& path,
                                                    std::string_view node_name, const file_reader& read,
                                                    const settings& base = {});

// What people should hear of such a file: `more`, what check_vrrp() and check_cluster() warn of, what a line says that
// is hardly meant, and where the other nodes would refuse it. Each at the last line that it is about.
// Of a file with errors: of what is left of it.
std::vector<config_error> warnings_about(const settings& loaded, const findings& more, const std::string& path,
                                         std::string_view node_name, const file_reader& read,
                                         const settings& base = {});

// The same findings, each at the last line of the file that it is about.
std::vector<config_error> located(const findings& all, const std::string& path, std::string_view node_name,
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
