// What documents name in `code`: files and folders, functions and tests.
#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

std::vector<std::string> spans_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t from = line.find('`'); from != std::string::npos;) {
    const std::size_t to = line.find('`', from + 1);
    if (to == std::string::npos) break;
    out.push_back(line.substr(from + 1, to - from - 1));
    from = line.find('`', to + 1);
  }
  return out;
}

// Those of its words that begin with a folder of the repository. build/ is none.
std::vector<std::string> paths_in(const std::string& span, const named& known) {
  static const std::regex path(R"([\w.*-]+(/[\w.*-]+)+)");
  std::vector<std::string> out;
  for (std::sregex_iterator at(span.begin(), span.end(), path), end; at != end; ++at) {
    const std::string whole = at->str();
    const bool absolute = at->position() > 0 && span[static_cast<std::size_t>(at->position()) - 1] == '/';
    if (!absolute && known.folders.contains(whole.substr(0, whole.find('/')))) out.push_back(whole);
  }
  return out;
}

bool is_there(const std::set<std::string>& all, const std::string& name) {
  const std::size_t star = name.find('*');
  if (star == std::string::npos) return all.contains(name);
  const std::string before = name.substr(0, star);
  const auto first = all.lower_bound(before);
  return first != all.end() && first->starts_with(before);
}

// "watch=answers|silent" of a log's line: each must be said somewhere; a value that is no word stands for one.
std::string note_not_said(const std::string& span, const named& known) {
  static const std::regex note(R"(([a-z_]+)=([a-z_|]+|[A-Z]+)( .*)?)");
  std::smatch parts;
  if (!std::regex_match(span, parts, note)) return {};
  const std::string key = parts[1].str() + '=';
  if (known.notes.contains(key + '{') || known.notes.contains(key + '"')) return {};  // the value is made elsewhere
  std::istringstream values(parts[2]);
  for (std::string value; std::getline(values, value, '|');) {
    const bool is_word = std::islower(value[0]) != 0;
    const auto said = known.notes.lower_bound(is_word ? key + value : key);
    const bool there = said != known.notes.end() && (is_word ? *said == key + value : said->starts_with(key));
    if (!there) return std::string("nothing says ").append(key).append(value);
  }
  return {};
}

std::string why_not(const std::string& span, const named& known) {
  for (const std::string& path : paths_in(span, known)) {
    if (!is_there(known.files, path) && !is_there(known.folders, path)) return "no file or folder " + path;
  }
  static const std::regex function(R"(((?:[a-z_]\w*::)+)([a-z_]\w*)(\(.*\))?)"),
      test(R"([A-Z][A-Za-z]+\.[A-Z*][\w*]*)");
  std::smatch parts;
  if (std::regex_match(span, parts, function) && !known.words.contains(parts[2])) return "nothing is called " + span;
  if (std::regex_match(span, test) && !is_there(known.tests, span)) return "no test " + span;
  return note_not_said(span, known);
}

}  // namespace

named names_of(const std::vector<source>& sources) {
  static const std::regex word(R"([A-Za-z_]\w*)"), note(R"(\b[a-z_]+=(["{]|[a-z_]*))"),
      test(R"(TEST(?:_F|_P)?\((\w+),\s*(\w+)\)|NAME ([A-Z]\w+\.\w+))");
  named all;
  for (const source& s : sources) {
    all.files.insert(s.path);
    for (std::size_t at = s.path.find('/'); at != std::string::npos; at = s.path.find('/', at + 1)) {
      all.folders.insert(s.path.substr(0, at));
    }
    if (s.is_markdown()) continue;
    for (std::sregex_iterator at(s.text.begin(), s.text.end(), word), end; at != end; ++at) all.words.insert(at->str());
    for (std::sregex_iterator at(s.text.begin(), s.text.end(), note), end; at != end && !s.is_test(); ++at) {
      all.notes.insert(at->str());
    }
    for (std::sregex_iterator at(s.text.begin(), s.text.end(), test), end; at != end; ++at) {
      all.tests.insert((*at)[3].matched ? (*at)[3].str() : (*at)[1].str() + '.' + (*at)[2].str());
    }
  }
  return all;
}

findings check_names(const source& s, const named& known) {
  findings out;
  const bool asked = s.is_markdown() && !s.path.starts_with("docs/decisions/");
  for (std::size_t i = 0; asked && i < s.lines.size(); ++i) {
    for (const std::string& span : spans_of(s.lines[i])) {
      const std::string why = why_not(span, known);
      if (!why.empty()) out.push_back({s.path, i + 1, why});
    }
  }
  return out;
}

}  // namespace holdfast::tidy
