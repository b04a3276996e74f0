#include <array>
#include <cctype>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

constexpr auto npos = std::string_view::npos;

enum class opens { scope, function, value };

std::string_view without_template(std::string_view head) {
  head = trimmed(head);
  while (head.starts_with("template")) {
    std::size_t depth = 0, end = head.find('<');
    for (; end < head.size(); ++end) {
      if (head[end] == '<') ++depth;
      if (head[end] == '>' && --depth == 0) break;
    }
    if (end >= head.size()) return head;
    head = trimmed(head.substr(end + 1));
  }
  return head;
}

// A member's initialiser, `: a_{1}` or `, b_{2}`, stands before its '{' with neither ')' nor nothing between.
bool is_member_initialiser(std::string_view head) {
  const std::string_view rest = trimmed(head.substr(head.rfind(')') + 1));
  return head.rfind(')') != npos && rest.size() > 1 && (rest.front() == ':' || rest.front() == ',');
}

// What stands before a '{' outside of functions says what it opens.
opens what_opens(std::string_view head) {
  head = without_template(head);
  const std::string_view before_paren = head.substr(0, head.find('('));
  for (const char* word : {"namespace", "class", "struct", "union", "enum"}) {
    if (has_word(before_paren, word)) return opens::scope;
  }
  if (before_paren == head) return has_word(head, "extern") ? opens::scope : opens::value;
  if (is_member_initialiser(head)) return opens::value;
  const bool assigned = before_paren.find('=') != npos && !has_word(before_paren, "operator");
  const bool lambda = head.find("](") != npos;
  return assigned && !lambda ? opens::value : opens::function;
}

bool is_access_label(std::string_view head) {
  head = trimmed(head);
  return head == "public" || head == "private" || head == "protected";
}

// Reads code without comments and literals, finds the functions at namespace and class level and counts their lines,
// from the first of the declaration to the closing brace.
class counter {
 public:
  counter(const source& s, findings& out) : source_(s), out_(out) {}

  void run() {
    for (line_ = 0; line_ < source_.code_lines.size(); ++line_) {
      const std::string& text = source_.code_lines[line_];
      if (trimmed(text).starts_with('#')) continue;
      for (const char c : text) take(c);
      if (inside_ == 0) head_ += ' ';
    }
  }

 private:
  void take(char c) {
    if (c == '{') return open();
    if (c == '}') return close();
    if (inside_ > 0) return;
    if (c == ';' || (c == ':' && is_access_label(head_))) return head_.clear();
    if (trimmed(head_).empty()) {
      if (c == ' ') return;
      begin_ = line_;
    }
    head_ += c;
  }

  void open() {
    if (inside_ == 0) now_in_ = what_opens(head_);
    if (now_in_ == opens::scope) return head_.clear();
    ++inside_;
  }

  void close() {
    if (inside_ == 0) return head_.clear();  // the end of a scope
    if (--inside_ > 0) return;
    if (now_in_ == opens::function) {
      report();
      head_.clear();
    } else if (is_member_initialiser(head_)) {
      head_.resize(head_.rfind(')') + 1);  // forget it: what follows belongs to the constructor's head
    }
  }

  void report() {
    const std::size_t lines = line_ - begin_ + 1;
    if (lines <= max_function_lines) return;
    out_.push_back(
        {source_.path, begin_ + 1,
         "a function of " + std::to_string(lines) + " lines; at most " + std::to_string(max_function_lines)});
  }

  const source& source_;
  findings& out_;
  std::string head_;  // since the last ';' or brace at this level
  opens now_in_ = opens::scope;
  std::size_t line_ = 0;
  std::size_t begin_ = 0;   // line on which the head began
  std::size_t inside_ = 0;  // depth of braces inside a function or value
};

}  // namespace

findings check_function_length(const source& s) {
  findings out;
  if (s.is_cpp()) counter(s, out).run();
  return out;
}

}  // namespace holdfast::tidy
