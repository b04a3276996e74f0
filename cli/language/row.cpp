#include "cli/language/row.h"

#include "base/ensure.h"

namespace holdfast {

namespace {

// "server <server> [acl <acl>]" -> "server", "<server>", "[", "acl", "<acl>", "]"
std::vector<std::string> pieces_of(std::string_view pattern) {
  std::vector<std::string> pieces;
  bool within = false;
  for (const char c : pattern) {
    if (c == '[' || c == ']') {
      pieces.emplace_back(1, c);
      within = false;
    } else if (c == ' ') {
      within = false;
    } else {
      if (!within) pieces.emplace_back();
      pieces.back() += c;
      within = true;
    }
  }
  return pieces;
}

element element_of(const std::string& piece, std::size_t& holes) {
  element made{.shown = piece, .literals = {}, .fills = {}};
  if (piece.front() == '<') {
    made.fills = holes++;
    return made;
  }
  for (std::size_t from = 0; from <= piece.size();) {
    const std::size_t bar = std::min(piece.find('|', from), piece.size());
    made.literals.push_back(piece.substr(from, bar - from));
    from = bar + 1;
  }
  if (made.literals.size() > 1) made.fills = holes++;
  return made;
}

}  // namespace

row make_row(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<hole> holes,
             command (*make)()) {
  row made;
  made.pattern = pattern;
  made.sentence = sentence;
  made.where = traits.where;
  made.needs = traits.needs;
  made.of = traits.of;
  made.owns = traits.owns;
  made.holes = std::move(holes);
  made.make = make;
  made.alternative = alternative_of(make());
  std::size_t used = 0;
  bool open = false;
  for (const std::string& piece : pieces_of(pattern)) {
    if (piece == "[") {
      made.optional.emplace_back();
      open = true;
    } else if (piece == "]") {
      open = false;
    } else {
      ensure(open || made.optional.empty());
      (open ? made.optional.back() : made.fixed).push_back(element_of(piece, used));
    }
  }
  ensure(!open && used == made.holes.size() && !made.fixed.empty());
  return made;
}

}  // namespace holdfast
