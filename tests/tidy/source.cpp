#include "tests/tidy/source.h"

#include <cctype>
#include <utility>

namespace holdfast::tidy {

namespace {

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Walks over a text once; what is blanked keeps its length and its line breaks.
class blanker {
 public:
  explicit blanker(std::string_view text) : out_(text) {}

  std::string run() {
    while (at_ < out_.size()) step();
    return std::move(out_);
  }

 private:
  bool here(std::string_view what) const { return std::string_view(out_).substr(at_).starts_with(what); }

  void step() {
    if (here("//")) return blank_to(out_.find('\n', at_));
    if (here("/*")) return blank_to(after("*/"));
    if (here("R\"") && !follows_word()) return raw_string();
    if (here("\"")) return literal('"');
    if (here("'") && !follows_word()) return literal('\'');  // after a digit it separates thousands
    ++at_;
  }

  bool follows_word() const { return at_ > 0 && is_word_char(out_[at_ - 1]); }

  std::size_t after(std::string_view end) const {
    const std::size_t found = out_.find(end, at_ + 2);
    return found == std::string::npos ? found : found + end.size();
  }

  void blank_to(std::size_t end) {
    if (end == std::string::npos) end = out_.size();
    for (; at_ < end; ++at_) {
      if (out_[at_] != '\n') out_[at_] = ' ';
    }
  }

  void raw_string() {
    const std::size_t open = out_.find('(', at_);
    if (open == std::string::npos) return blank_to(open);
    blank_to(after(")" + out_.substr(at_ + 2, open - at_ - 2) + "\""));
  }

  void literal(char quote) {
    for (++at_; at_ < out_.size() && out_[at_] != quote && out_[at_] != '\n'; ++at_) {
      if (out_[at_] == '\\' && at_ + 1 < out_.size() && out_[at_ + 1] != '\n') out_[at_++] = ' ';
      out_[at_] = ' ';
    }
    if (at_ < out_.size()) ++at_;
  }

  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

std::string without_comments_and_literals(std::string_view text) { return blanker(text).run(); }

bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_word_char(line[at - 1]) || !is_word_char(word.front());
    const bool ends = end == line.size() || !is_word_char(line[end]) || !is_word_char(word.back());
    if (starts && ends) return true;
  }
  return false;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

source::source(std::string where, std::string what)
    : path(std::move(where)), text(std::move(what)), lines(split_lines(text)) {
  if (is_cpp()) code_lines = split_lines(without_comments_and_literals(text));
}

bool source::is_io() const {
  return is_test() || path.ends_with("_io.h") || path.ends_with("_io.cpp") || file_name() == "main.cpp";
}

std::string source::folder() const { return path.substr(0, std::min(path.rfind('/'), path.size())); }

std::string source::room() const {
  const std::size_t slash = path.find('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string source::file_name() const { return path.substr(path.rfind('/') + 1); }

std::optional<included> include_of(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = trimmed(line.substr(1));
  constexpr std::string_view word = "include";
  if (!line.starts_with(word)) return std::nullopt;
  line = trimmed(line.substr(word.size()));
  if (line.empty()) return std::nullopt;
  const char close = line.front() == '<' ? '>' : '"';
  return included{std::string(line.substr(1, line.find(close, 1) - 1)), close == '>'};
}

}  // namespace holdfast::tidy
