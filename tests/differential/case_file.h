// A case: what is done to a balancer, step by step, and what Pen answered. Knows no process and no socket.
//
//   # what the case is about
//   run -r 8080 127.0.0.1:7001 127.0.0.1:7002
//   ask 127.0.0.5
//   pen| a
//   ctl bogus
//   pen| do_cmd: ignoring command starting with 'bogus'
//   ours| error: ...
//   why| errors
//
// The lines below a step, marked `|`, belong to it: its text (file), Pen's recorded answer (pen), ours where it is
// meant to differ (ours), and the section of docs/PEN-DIFFERENCES.md that says why (why). See README.md for the steps.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::differential {

struct step {
  std::string verb;
  std::vector<std::string> words;
  std::string source;                // the line as written
  std::vector<std::string> text;     // of a file
  std::string pen;                   // lines, each ended by '\n'
  std::string ours;                  // only with why
  std::string why;                   // "" = ours is pen's
  std::vector<std::string> remarks;  // comment and empty lines above it

  const std::string& wanted_of_ours() const { return why.empty() ? pen : ours; }
};

struct case_file {
  std::vector<step> steps;
  std::vector<std::string> tail;  // comment and empty lines at the end
};

// Throws std::runtime_error naming the line.
case_file parse_case(std::string_view text);
std::string print_case(const case_file& c);  // parse_case's inverse

}  // namespace holdfast::differential
