// What may come next in a command line that is not finished: for the shell and for `?`. Pure: names come from settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/settings/settings.h"

namespace holdfast {

// The words that may stand at the end of `line` in place of its last, unfinished word (of a new one, if the line ends
// in a blank or is empty); sorted, each once. live: whose services, servers, acls and nodes are offered. Empty where a
// file, a number or the like is wanted, and after words that begin no command.
std::vector<std::string> complete(std::string_view line, const settings& live);

struct follower {
  std::string word;   // "every", or an argument: "<time>"
  std::string means;  // "a duration such as 30, 2s or 100ms"
};

// What may follow the whole words of `line`, explained; a follower without a word: the line may end here.
std::vector<follower> what_follows(std::string_view line);
std::string print(const std::vector<follower>& all);  // a line each, aligned

}  // namespace holdfast
