// One text of the repository as the rules see it. Knows C++ only as far as comments, strings and braces.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::tidy {

struct source {
  std::string path;  // relative to the top of the repository, with '/'
  std::string text;
  std::vector<std::string> lines;       // without their '\n'
  std::vector<std::string> code_lines;  // C++ only: comments and the insides of literals are blanks; same lengths

  source(std::string where, std::string what);

  bool is_header() const { return path.ends_with(".h"); }
  bool is_cpp() const { return is_header() || path.ends_with(".cpp"); }
  bool is_test() const { return path.starts_with("tests/"); }
  bool is_markdown() const { return path.ends_with(".md"); }

  // May reach the machine (house rule 4): *_io files, main.cpp and tests.
  bool is_io() const;
  bool is_pure() const { return is_cpp() && !is_io(); }

  std::string room() const;       // first folder of the path, "" at the top
  std::string folder() const;     // the path without the last part
  std::string file_name() const;  // last part of the path
};

// What a line includes; none: it is another line.
struct included {
  std::string path;
  bool angled = false;
};
std::optional<included> include_of(std::string_view line);

// What a rule found, at a line counted from 1 (0: the file as a whole).
struct finding {
  std::string path;
  std::size_t line = 0;
  std::string what;
};
using findings = std::vector<finding>;

// The text with comments and the insides of string and character literals blanked; line breaks stay where they are.
std::string without_comments_and_literals(std::string_view text);

// Where `word` stands in `line` with no letter, digit or '_' on either side.
bool has_word(std::string_view line, std::string_view word);

std::vector<std::string> split_lines(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace holdfast::tidy
