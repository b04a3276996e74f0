// The table as help on a terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/language/grammar.h"
#include "cli/language/table.h"

namespace holdfast {

// All commands that may be said there, a line each, by topic.
std::string help_overview(source where);

// The commands that have `word` among their words: pattern, meaning, what goes into the holes. "" = there is none.
std::string help_on(std::string_view word);

// What a row means; for a row that undoes or shows what the row before it set: that.
std::string_view meaning(const row& r);

// Up to and with the first full stop.
std::string_view first_sentence(std::string_view text);

// Breaks text into lines of at most `width` columns, each after `indent` blanks and ended by '\n'.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace holdfast
