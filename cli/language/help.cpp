#include "cli/language/help.h"

#include <algorithm>

#include "cli/language/table.h"

namespace holdfast {

namespace {

constexpr std::size_t pattern_width = 34;

bool may_be_said(const row& r, source where) {
  return r.where == said::both || (r.where == said::file) == (where == source::file);
}

bool has_word(const row& r, std::string_view word) {
  const auto has = [&](const element& e) {
    return std::find(e.literals.begin(), e.literals.end(), word) != e.literals.end();
  };
  return std::any_of(r.fixed.begin(), r.fixed.end(), has) ||
         std::any_of(r.optional.begin(), r.optional.end(), [&](const auto& part) { return has(part.front()); });
}

// "  <acl>: the number or name of an acl" for each hole, each once.
std::string explain_holes(const row& r) {
  std::string text;
  const auto explain = [&](const element& e) {
    if (!e.fills || !e.literals.empty()) return;
    const std::string line = wrapped(e.shown + ": " + r.holes[*e.fills].expects(), 6);
    if (text.find(line) == text.npos) text += line;
  };
  for (const element& e : r.fixed) explain(e);
  for (const auto& part : r.optional) std::for_each(part.begin(), part.end(), explain);
  return text;
}

std::string overview_line(const row& r) {
  std::string line = "  " + r.pattern;
  const std::string_view means = first_sentence(meaning(r));
  if (line.size() + 2 > pattern_width) return line + '\n' + wrapped(means, pattern_width);
  return line + wrapped(means, pattern_width).substr(line.size());
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > 0 && column + 1 + word.size() > width) {
      lines += '\n';
      column = 0;
    }
    const std::size_t gap = column == 0 ? indent : 1;
    lines.append(gap, ' ');
    lines += word;
    column += gap + word.size();
  }
  return lines + '\n';
}

std::string_view first_sentence(std::string_view text) {
  const auto stop = text.find(". ");
  return stop == text.npos ? text : text.substr(0, stop + 1);
}

std::string_view meaning(const row& r) {
  if (!r.sentence.empty()) return r.sentence;
  return r.needs == access::read ? "Show it." : "Undo it.";
}

std::string help_overview(source where) {
  std::string text;
  for (const topic& t : table()) {
    std::string lines;
    for (const row& r : t.rows) {
      if (may_be_said(r, where)) lines += overview_line(r);
    }
    if (!lines.empty()) text += (text.empty() ? "" : "\n") + std::string(t.title) + '\n' + lines;
  }
  return text;
}

std::string help_on(std::string_view word) {
  std::string text;
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      if (!has_word(r, word)) continue;
      text += (text.empty() ? "" : "\n") + wrapped(r.pattern, 0);
      text += wrapped(meaning(r), 4);
      text += explain_holes(r);
    }
  }
  return text;
}

}  // namespace holdfast
