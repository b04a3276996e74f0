// Command lines of the daemons: options taken apart as getopt does, and their help. Knows no option. Pure.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

struct option_row {
  char letter = 0;            // 0 = has only a name
  std::string_view name;      // of --name; "" = has only a letter
  std::string_view argument;  // what it takes; "" = nothing
  std::string_view means;
};

std::string shown(const option_row& row);  // "-F", "--node"

// "  -F FILE    What it means.", a line or more each.
std::string options_text(std::span<const option_row> rows);

using mishap = std::optional<std::string>;  // a sentence that says why not, or none

// What is done with each thing that a command line has.
struct option_taker {
  std::function<mishap(std::size_t row, const std::string& argument)> option;
  std::function<mishap(const std::string& word)> other;  // a word that is no option
};

// Clusters (-fdr), arguments attached or apart (-F x, -Fx, --node=x), options and others in any order, `--`. The first
// mishap ends it.
mishap take_options(const std::vector<std::string>& words, std::span<const option_row> rows, const option_taker& taker);

}  // namespace holdfast
