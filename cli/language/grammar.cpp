#include "cli/language/grammar.h"

#include <algorithm>

#include "cli/language/match.h"
#include "cli/language/suggest.h"
#include "cli/language/table.h"

namespace holdfast {

namespace {

// "a, b or c"
std::string any_of(const std::vector<std::string>& things) {
  std::string text;
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (i > 0) text += i + 1 == things.size() ? " or " : ", ";
    text += things[i];
  }
  return text;
}

constexpr std::size_t most_named = 12;  // more alternatives are not listed

std::string expectation(const std::vector<attempt>& attempts, std::string_view instead) {
  std::vector<std::string> wanted;
  bool end = false;
  for (const attempt& a : attempts) {
    end |= a.end_expected;
    for (const element* e : a.expected) {
      if (e->literals.empty()) {
        wanted.push_back(a.of->arguments[*e->fills].expects());
      } else {
        wanted.insert(wanted.end(), e->literals.begin(), e->literals.end());
      }
    }
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  if (wanted.size() > most_named) return "the rest of a command" + did_you_mean(instead, wanted);
  if (end) wanted.emplace_back("the end of the line");
  return any_of(wanted);
}

// A line that is too long, or has bytes that are no text.
std::optional<misunderstanding> unreadable(std::string_view line) {
  if (line.size() > max_line) return misunderstanding{max_line + 1, "at most " + std::to_string(max_line) + " bytes"};
  const auto bad = std::find_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7f';
  });
  if (bad == line.end()) return std::nullopt;
  return misunderstanding{static_cast<std::size_t>(bad - line.begin()) + 1, "no control characters"};
}

bool may_be_said(const attempt& a, source from) {
  return a.of->where == said::both || (a.of->where == said::file) == (from == source::file);
}

// May what these words mean be said here, with these prefixes?
std::optional<misunderstanding> misplaced(const row& r, const sentence& said_so_far, std::size_t column, source from) {
  if (r.where == said::file && from == source::control) {
    return misunderstanding{column, "a command for a running daemon: `" + r.pattern + "` stands in files only"};
  }
  if (r.where == said::control && from == source::file) {
    return misunderstanding{column, "a command for a file: `" + r.pattern + "` is for a running daemon"};
  }
  if (r.of == about::daemon && !said_so_far.service.empty()) {
    return misunderstanding{column, "a command about a service: `" + r.pattern + "` is about all of the daemon"};
  }
  const auto* change = std::get_if<say::change>(&said_so_far.what);
  if (change != nullptr && std::holds_alternative<say::begin_service>(*change) && !said_so_far.node.empty()) {
    return misunderstanding{column, "a command after `" + r.pattern + '`'};
  }
  return std::nullopt;
}

// What is wrong with words that are no whole command, told from the rows that fit best.
misunderstanding unfinished(const std::vector<attempt>& attempts, const std::vector<word_at>& words, std::size_t from) {
  if (attempts.empty()) {
    const word_at& first = words[from];
    return {first.column, "a command" + did_you_mean(first.text, first_words())};
  }
  const std::size_t at = from + attempts.front().fit.size();
  const bool ended = at >= words.size();
  const std::size_t column = ended ? words.back().column + words.back().text.size() + 1 : words[at].column;
  return {column, expectation(attempts, ended ? "" : words[at].text)};
}

// What the table alone makes of a line: a command after `cluster` stays a text.
result<sentence, misunderstanding> look_up(std::string_view line, source from) {
  if (const auto bad = unreadable(line)) return *bad;
  const auto words = split(line);
  if (words.empty()) return misunderstanding{1, "a command"};
  const prefixes front = take_prefixes(words);
  if (front.taken > 0 && !front.node.empty() && !is_name(front.node)) {
    return misunderstanding{words[1].column, expects::node};
  }
  if (!front.service.empty() && !is_name(front.service)) {
    return misunderstanding{words[front.service_at + 1].column, expects::service};
  }
  sentence made{std::string(front.service), std::string(front.node), {}};

  auto attempts = best_matches(words, front.taken);
  const auto elsewhere =
      std::stable_partition(attempts.begin(), attempts.end(), [&](const attempt& a) { return may_be_said(a, from); });
  if (elsewhere != attempts.begin()) attempts.erase(elsewhere, attempts.end());
  const auto whole = std::find_if(attempts.begin(), attempts.end(), [](const attempt& a) { return a.complete; });
  if (whole == attempts.end()) return unfinished(attempts, words, front.taken);
  made.what = std::move(whole->made);
  if (const auto why = misplaced(*whole->of, made, words[front.taken].column, from)) return *why;
  return made;
}

const say::on_all_nodes* said_to_all(const command& c) {
  const auto* request = std::get_if<say::cluster_request>(&c);
  return request == nullptr ? nullptr : std::get_if<say::on_all_nodes>(request);
}

// Where a command for all nodes begins in a line: behind `cluster`. 0: nowhere.
std::size_t command_for_all(std::string_view line) {
  const auto words = split(line);
  const prefixes front = take_prefixes(words);
  const bool begun = words.size() > front.taken + 1 && words[front.taken].text == word_for_all;
  return begun && front.service.empty() ? words[front.taken + 1].column : 0;
}

}  // namespace

std::string misunderstanding::text() const { return "column " + std::to_string(column) + ": expected " + expected; }

bool says_nothing(std::string_view line) { return split(line).empty(); }

// What the table has after `cluster` goes before a command for all nodes. If it is neither, whichever reading got
// further says what was expected.
result<sentence, misunderstanding> parse(std::string_view line, source from) {
  auto said = look_up(line, from);
  if (said && said_to_all(said->what) == nullptr) return said;
  const std::size_t column = from == source::control && line.size() <= max_line ? command_for_all(line) : 0;
  if (column == 0) return said;
  const auto inner = look_up(line.substr(column - 1), source::control);
  if (!inner) {
    const misunderstanding why{inner.error().column + column - 1, inner.error().expected};
    return !said && said.error().column >= why.column ? said.error() : why;
  }
  if (!may_be_said_to_all(inner->what)) return misunderstanding{column, "a command that is holdfast-balancer's alone"};
  const prefixes front = take_prefixes(split(line));
  return sentence{{}, std::string(front.node), say::cluster_request(say::on_all_nodes{print(*inner)})};
}

std::string print(const command& c) {
  const row& r = row_of(c);
  std::string line;
  const auto add = [&](std::string_view word) {
    if (!line.empty()) line += ' ';
    line += word;
  };
  const auto text_of = [&](const element& e) -> std::optional<std::string> {
    return e.fills ? r.arguments[*e.fills].print(c) : std::optional(e.shown);
  };
  for (const element& e : r.fixed) add(text_of(e).value());
  for (const auto& part : r.optional) {
    const auto& last = part.back();  // a part without its last word is not said
    if (!text_of(last)) continue;
    for (const element& e : part) add(text_of(e).value());
  }
  return line;
}

std::string print(const sentence& s) {
  std::string line;
  if (!s.node.empty()) line += "on " + s.node + ' ';
  if (!s.service.empty()) line += "service " + s.service + ' ';
  return line + print(s.what);
}

bool may_be_said_to_all(const command& c) {
  const row& r = row_of(c);
  return r.owns == owner::balancer && r.where != said::file && !std::holds_alternative<say::cluster_request>(c);
}

access needed(const command& c) {
  if (const auto* all = said_to_all(c)) {
    const auto inner = parse(all->text, source::control);
    if (inner) return needed(inner->what);
  }
  return row_of(c).needs;
}
owner owned_by(const command& c) { return row_of(c).owns; }

}  // namespace holdfast
