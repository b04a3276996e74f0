// The command line of holdfast-vrrp. Pure: from words to values.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options/options.h"

namespace holdfast {

struct vrrp_options {
  std::string config_file;  // -F
  std::string check_file;   // --check: say what is wrong with this file, and end
  std::string node;         // --node; "" = the hostname
  std::string run_dir;      // --run-dir; "" = the built-in place
  bool release = false;     // --release: take our addresses off this node, and end
  bool help = false;        // --help
  bool version = false;     // --version
};

// arguments: without the program's name. The error is one sentence. Without --help, --version, --release and --check
// there is a configuration file.
result<vrrp_options, std::string> parse_vrrp_options(const std::vector<std::string>& arguments);

std::vector<option_row> vrrp_option_rows();

// What --help prints.
std::string vrrp_options_help();

}  // namespace holdfast
