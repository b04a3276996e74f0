// How words meet rows: shared by the parser and by completion.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/language/table.h"

namespace holdfast {

inline constexpr std::string_view word_for_all = "cluster";  // in front of a command for all nodes

struct word_at {
  std::string_view text;
  std::size_t column = 1;  // 1-based
};

// The words of a line, up to a word that begins with '#'.
std::vector<word_at> split(std::string_view line);

// What one row makes of some words. How well it fits is told by `fit`: 'w' for a word that is the row's own, 'h' for
// one that an argument took; the lexically greatest fit of all rows is the one meant (`log format` is not a file named
// "format").
struct attempt {
  const row* of = nullptr;
  std::string fit;
  bool complete = false;  // the words are a whole command: `made`
  command made;
  std::vector<const element*> expected;  // what could have stood at the word after fit.size()
  bool end_expected = false;             // or nothing at all
};

attempt match(const row& r, const std::vector<word_at>& words, std::size_t from);

// Of all rows, those that fit best; none if no command begins with the first word.
std::vector<attempt> best_matches(const std::vector<word_at>& words, std::size_t from);

// Takes `on NODE` and `service NAME` off the front, when something follows them.
struct prefixes {
  std::string_view node, service;
  std::size_t taken = 0;       // words
  std::size_t service_at = 0;  // index of the word `service`
};
prefixes take_prefixes(const std::vector<word_at>& words);

}  // namespace holdfast
