// The options of holdfast-balancer: what each is called and does. Included by pen_options.cpp and the table alone.
#pragma once

#include <span>
#include <utility>

#include "cli/options/pen_options.h"

namespace holdfast {

// A command line, half read.
struct reading {
  pen_options made;
  // The option, and the command it stands for. They wait until the servers exist: -O may be about them.
  std::vector<std::pair<std::string, std::string>> said;
  std::vector<std::string> positional;
  unsigned debug = 0;

  void note(std::string text);  // once
};

enum class effect : std::uint8_t { says, keeps, ignored, refused, own };

struct option {
  option_row row;
  effect does = effect::says;
  std::string_view text = {};                  // says: the command, its argument follows; refused: why
  std::string pen_options::* keeps = nullptr;  // keeps: where
  mishap (*own)(reading&, const std::string& argument) = nullptr;
};

std::span<const option> pen_option_table();

}  // namespace holdfast
