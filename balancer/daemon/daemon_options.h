// What the command line gives the balancer, and what the configuration file makes of it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/machine.h"
#include "base/result.h"
#include "cli/configuration/config.h"
#include "cli/configuration/difference.h"
#include "cli/configuration/pen_file.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct daemon_options {
  settings base;                 // what the command line says; the file comes on top
  std::string config_file;       // "" = none
  std::string node;              // our name among the `node` lines
  std::string socket;            // our control socket, and beside it the agents'; "" = neither
  bool socket_required = false;  // a start without them is no start
  std::string control_path;      // a second one, by -C; "" = none
  std::string user;              // who we are once all sockets are open; "" = who we were
  std::string jail;              // all that we see of the file system from then on; "" = all of it
  bool pen = false;              // a reload adds the file to what is, and the file may be missing
  std::string state_dir;         // where client tables outlive the process; "" = nowhere
  duration drain = 0s;           // how long connections may run on after TERM
  pen_start started;             // how, as Pen's file repeats it; without control and file
};

// What a configuration file says, or one sentence with file, line and column. read: the text of a file. text: as if it
// stood in ours.
result<settings, std::string> config_of(const daemon_options& options, const file_reader& read,
                                        const std::optional<std::string>& text = {});

// The settings that a reload is about, and what of them the file says. As Pen: `running` with the file added, which is
// both; else the file with what operators have said of its servers since it was read (`before`; see farm/orders.h).
struct reread {
  settings wanted, file;
};
result<reread, std::string> config_again(const daemon_options& options, const settings& before, const settings& running,
                                         const file_reader& read);

// What our file says to each node that can read it; nothing without a file.
std::map<std::string, config_lines> lines_for_nodes(const daemon_options& options, const settings& loaded,
                                                    const file_reader& read);

// How many workers: as said, or one for each core.
unsigned workers_of(const settings& s, unsigned cores);

}  // namespace holdfast
