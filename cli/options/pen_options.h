// The command line of holdfast-balancer, which is Pen's and more. Pure: from words to values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/machine.h"
#include "base/result.h"
#include "cli/configuration/config.h"
#include "cli/options/options.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct pen_options {
  settings base;                     // what options and arguments say of settings; the configuration file comes on top
  std::string config_file;           // -F
  std::string check_file;            // --check: say what is wrong with this file, and end
  std::string pid_file;              // -p
  std::string user;                  // -u; "" = stay who we are
  std::string chroot;                // -j
  std::string control_path;          // -C with a path; with a port it is base.control_tcp
  std::string node;                  // --node; "" = the hostname
  std::string run_dir;               // --run-dir; "" = the built-in place
  std::string state_dir;             // --state-dir; "" = as systemd says, or none
  std::optional<duration> drain;     // --drain
  bool pen = false;                  // --pen, or called so: HUP adds the file to what is; no sockets of our own unasked
  bool foreground = false;           // -f
  bool help = false;                 // --help
  bool version = false;              // --version
  std::vector<std::string> notices;  // a line for each thing that was accepted without effect; each once
};

// What words mean depends on.
struct surroundings {
  bool called_pen = false;  // the program has that name
  std::string host = {};    // our name among the `node` lines unless --node says another
  file_reader read = {};    // of `-O "include FILE"`; none: there are no files
};

// arguments: without the program's name. The error is one sentence.
result<pen_options, std::string> parse_pen_options(const std::vector<std::string>& arguments,
                                                   const surroundings& with = {});

bool listens(const settings& s);  // anywhere

std::vector<option_row> pen_option_rows();

// What --help prints.
std::string pen_options_help(std::string_view program = "holdfast-balancer");

}  // namespace holdfast
