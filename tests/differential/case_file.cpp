#include "tests/differential/case_file.h"

#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace holdfast::differential {
namespace {

// "so quoted" is one word.
std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> std::quoted(word);) words.push_back(word);
  return words;
}

// "pen| text" is {"pen", "text"}; the verb is empty for lines of a file: "| text".
std::optional<std::pair<std::string, std::string>> marked(const std::string& line) {
  for (const char* mark : {"", "pen", "ours", "why"}) {
    const std::string head = std::string(mark) + '|';
    if (line == head) return std::pair{std::string(mark), std::string()};
    if (line.starts_with(head + ' ')) return std::pair{std::string(mark), line.substr(head.size() + 1)};
  }
  return std::nullopt;
}

void attach(step& to, const std::string& mark, const std::string& text) {
  if (mark == "pen")
    to.pen += text + '\n';
  else if (mark == "ours")
    to.ours += text + '\n';
  else if (mark == "why")
    to.why = text;
  else
    to.text.push_back(text);
}

void print_marked(std::ostream& out, const char* mark, const std::string& lines) {
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) out << mark << (line.empty() ? "|" : "| ") << line << '\n';
}

}  // namespace

case_file parse_case(std::string_view text) {
  case_file c;
  std::istringstream in{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto mark = marked(line);
    if (mark && (c.steps.empty() || !c.tail.empty()))
      throw std::runtime_error("line " + std::to_string(number) + ": it belongs to no step");
    if (mark) {
      attach(c.steps.back(), mark->first, mark->second);
    } else if (line.empty() || line[0] == '#') {
      c.tail.push_back(line);
    } else {
      step s;
      s.words = words_of(line);
      s.verb = s.words.front();
      s.words.erase(s.words.begin());
      s.source = line;
      s.remarks = std::exchange(c.tail, {});
      c.steps.push_back(std::move(s));
    }
  }
  for (const step& s : c.steps)
    if (!s.why.empty() && s.ours == s.pen) throw std::runtime_error("'" + s.source + "' says why, but does not differ");
  return c;
}

std::string print_case(const case_file& c) {
  std::ostringstream out;
  const auto remarks = [&out](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) out << line << '\n';
  };
  for (const step& s : c.steps) {
    remarks(s.remarks);
    out << s.source << '\n';
    for (const std::string& line : s.text) print_marked(out, "", line + '\n');
    print_marked(out, "pen", s.pen);
    if (s.why.empty()) continue;
    print_marked(out, "ours", s.ours);
    out << "why| " << s.why << '\n';
  }
  remarks(c.tail);
  return out.str();
}

}  // namespace holdfast::differential
