// What an operator may have meant by a word that is none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

// The words with which commands begin, sorted, each once.
const std::vector<std::string>& first_words();

// "; did you mean `servers`?", or "" when none is near; "; did you mean one of ..." when several begin so.
std::string did_you_mean(std::string_view said, const std::vector<std::string>& known);

}  // namespace holdfast
