// The table as help on a terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/language/grammar.h"
#include "cli/language/table.h"

namespace holdfast {

// Those that are said every day, a line each; and how to see the rest.
std::string help_daily();

// A word of ours that answers, logs and documents use; commands explain themselves.
struct term {
  std::string_view word, meaning;
};
const std::vector<term>& glossary();  // sorted by word

// All commands that may be said there, a line each, by topic; without those that only show or undo what another sets.
std::string help_overview(source where);

// The commands that have `word` among their words: pattern, meaning, what goes into the arguments; and what it means,
// if it is one of ours. "" = nothing has it.
std::string help_on(std::string_view word);

// What `help [WORD]` answers; "" = nothing has that word. "all": every command.
std::string help_text(const std::optional<std::string>& word);

// What a row means; for a row that undoes or shows what the row before it set: that.
std::string_view meaning(const row& r);

// Up to and with the first full stop.
std::string_view first_sentence(std::string_view text);

// Breaks text into lines of at most `width` columns, each after `indent` blanks and ended by '\n'.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace holdfast
