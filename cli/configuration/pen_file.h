// The configuration in Pen's own words, as its `write` puts them into a file: a way back. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/settings/settings.h"

namespace holdfast {

// How the process was started, as far as Pen's file repeats it in its comment `# pen ...`.
struct pen_start {
  bool foreground = false;
  std::string user, chroot, pid_file;  // "" = not said
  std::string control;                 // where commands are taken
  std::string file;                    // that is being written
};

// Whether Pen, reading such a file, misunderstands nothing: one service, the unnamed one; numbers for servers and acls;
// a port for each server; whole seconds. Words that Pen does not know are no misunderstanding: it passes them over.
bool is_pens(const settings& s);

// s: is_pens(). All of Pen's words, the defaults too; then what Pen has no words for, where it is not the default. Read
// on top of `base`, what the command line says, it gives s again. Listeners that `base` has are not written, as in Pen.
// when: "2026-01-01 00:00:00".
std::string write_pen_config(const settings& s, const settings& base, const pen_start& how, std::string_view when);

}  // namespace holdfast
