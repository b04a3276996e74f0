#include <algorithm>
#include <cctype>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

bool is_code(const source& s) {
  const std::string name = s.file_name();
  return s.is_cpp() || name == "CMakeLists.txt" || s.path.starts_with("scripts/") || name.ends_with(".py") ||
         name.ends_with(".sh") || name.ends_with(".cmake");
}

std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0)
      words.emplace_back();
    else
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words;
}

// "docs/a/../b/./c" -> "docs/b/c"; a path that leaves the repository keeps its "..".
std::string normal(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    at = end + 1;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (!part.empty() && part != ".")
      parts.push_back(part);
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "/") + part;
  return out;
}

bool leads_elsewhere(std::string_view target) {
  return target.empty() || target.front() == '#' || target.find("://") != std::string_view::npos ||
         target.starts_with("mailto:");
}

void check_link(const source& s, std::size_t line, std::string target,
                const std::function<bool(const std::string&)>& exists, findings& out) {
  if (leads_elsewhere(target)) return;
  target.resize(std::min(target.find('#'), target.size()));
  const std::string folder = s.path.substr(0, s.path.rfind('/') + 1);
  const std::string path = normal(s.path.find('/') == std::string::npos ? target : folder + target);
  if (!path.empty() && !exists(path)) out.push_back({s.path, line, "dead link to " + target});
}

}  // namespace

findings check_file_length(const source& s) {
  if (!is_code(s) || s.lines.size() <= max_file_lines) return {};
  return {{s.path, 0, std::to_string(s.lines.size()) + " lines; at most " + std::to_string(max_file_lines)}};
}

findings check_file_name(const source& s) {
  static const std::set<std::string> forbidden = {"manager", "helper", "util",    "common",  "misc",     "managers",
                                                  "helpers", "utils",  "commons", "utility", "utilities"};
  findings out;
  for (const std::string& word : words_of(s.path)) {
    if (forbidden.contains(word)) out.push_back({s.path, 0, "'" + word + "' says nothing: name what it holds"});
  }
  return out;
}

findings check_header_shape(const source& s) {
  if (!s.is_header()) return {};
  findings out;
  if (s.lines.empty() || !s.lines.front().starts_with("// ")) {
    out.push_back({s.path, 1, "a header opens with a comment: what lives here and what it does not know"});
  }
  if (std::count(s.lines.begin(), s.lines.end(), "#pragma once") != 1) {
    out.push_back({s.path, 0, "a header has one `#pragma once`"});
  }
  return out;
}

findings check_whitespace(const source& s) {
  findings out;
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    const std::string& line = s.lines[i];
    if (line.find('\t') != std::string::npos) out.push_back({s.path, i + 1, "a tab"});
    if (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
      out.push_back({s.path, i + 1, "blanks at the end"});
  }
  if (!s.text.empty() && s.text.back() != '\n') out.push_back({s.path, s.lines.size(), "no newline at the end"});
  if (s.text.ends_with("\n\n")) out.push_back({s.path, s.lines.size(), "empty lines at the end"});
  return out;
}

findings check_links(const source& s, const std::function<bool(const std::string&)>& exists) {
  findings out;
  if (!s.is_markdown()) return out;
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    const std::string& line = s.lines[i];
    for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 2)) {
      const std::size_t end = line.find_first_of(") ", at + 2);
      if (end != std::string::npos) check_link(s, i + 1, line.substr(at + 2, end - at - 2), exists, out);
    }
  }
  return out;
}

}  // namespace holdfast::tidy
