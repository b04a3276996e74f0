// What hfctl and penctl are asked to do, taken from their arguments. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/paths.h"
#include "base/result.h"

namespace holdfast {

enum class task : std::uint8_t { one_command, live_screen, completion, usage_text, version_text };

struct invocation {
  task what = task::one_command;
  bool json = false;
  sockets at;
  std::string
      line;  // task::one_command: the words joined by blanks; task::completion: the line so far, without options
  std::optional<std::chrono::milliseconds> patience = {};  // with an answer; none: as the command deserves
  std::uint32_t count = 0;                                 // task::live_screen: screens to draw, 0 = until told to stop
};

// The options that begin so; for completion.
std::vector<std::string> options_beginning(std::string_view word);

// arguments: without the program's name. Options may stand anywhere before a `--`. The error is a sentence.
result<invocation, std::string> parse_invocation(const std::vector<std::string_view>& arguments);

std::string_view usage();  // of hfctl

// A line and a mark under its column (1-based, in bytes): "LINE\n   ^ WHY".
std::string marked(std::string_view line, std::size_t column, std::string_view why);

}  // namespace holdfast
