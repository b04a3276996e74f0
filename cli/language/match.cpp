#include "cli/language/match.h"

#include <algorithm>

namespace holdfast {

namespace {

constexpr std::string_view blanks = " \t\r\n";

// One row against the words: goes along both until one of them ends.
class matcher {
 public:
  matcher(const row& r, const std::vector<word_at>& words, std::size_t from) : words_(words), at_(from) {
    made_.of = &r;
    made_.made = r.unfilled;
  }

  attempt run() {
    for (const element& e : made_.of->fixed) {
      if (!take(e)) return std::move(made_);
    }
    std::vector<bool> used(made_.of->optional.size());
    while (at_ < words_.size()) {
      if (!take_optional(used)) return std::move(made_);
    }
    made_.complete = true;
    expect_rest(used);
    return std::move(made_);
  }

 private:
  // False: the word at hand is not what `e` wants; then `expected` says so.
  bool take(const element& e) {
    if (!fits(e)) {
      made_.expected = {&e};
      return false;
    }
    return true;
  }

  bool fits(const element& e) {
    if (at_ >= words_.size()) return false;
    const std::string_view word = words_[at_].text;
    const bool literal = std::find(e.literals.begin(), e.literals.end(), word) != e.literals.end();
    if (!e.literals.empty() && !literal) return false;
    if (e.fills) {
      const argument& h = made_.of->arguments[*e.fills];
      if (h.takes == word_kind::rest || h.takes == word_kind::whole_command) return take_rest(h);
      if (!h.read(word, made_.made)) return false;
    }
    made_.fit += literal ? 'w' : 'h';
    ++at_;
    return true;
  }

  bool take_rest(const argument& h) {
    std::string rest;
    for (std::size_t at = at_; at < words_.size(); ++at) {
      if (!rest.empty()) rest += ' ';
      rest += words_[at].text;
    }
    if (!h.read(rest, made_.made)) return false;
    made_.fit.append(words_.size() - at_, 'h');
    at_ = words_.size();
    return true;
  }

  // One optional part: a keyword decides; a part without one takes what is left over.
  bool take_optional(std::vector<bool>& used) {
    const auto& parts = made_.of->optional;
    for (const bool keyword : {true, false}) {
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (used[i] || parts[i].front().literals.empty() == keyword || !fits(parts[i].front())) continue;
        used[i] = true;
        return std::all_of(parts[i].begin() + 1, parts[i].end(), [this](const element& e) { return take(e); });
      }
    }
    expect_rest(used);
    return false;
  }

  void expect_rest(const std::vector<bool>& used) {
    made_.end_expected = true;
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) made_.expected.push_back(&made_.of->optional[i].front());
    }
  }

  const std::vector<word_at>& words_;
  std::size_t at_;
  attempt made_;
};

}  // namespace

std::vector<word_at> split(std::string_view line) {
  std::vector<word_at> words;
  std::size_t at = line.find_first_not_of(blanks);
  while (at != line.npos && line[at] != '#') {
    // Pen writes these words for a slot without an address; to us they are one.
    const bool none = line.substr(at, pen_no_address.size()) == pen_no_address;
    const std::size_t end = std::min(line.find_first_of(blanks, none ? at + pen_no_address.size() : at), line.size());
    words.push_back({line.substr(at, end - at), at + 1});
    at = line.find_first_not_of(blanks, end);
  }
  return words;
}

attempt match(const row& r, const std::vector<word_at>& words, std::size_t from) {
  return matcher(r, words, from).run();
}

namespace {

bool begins_with(const row& r, std::string_view word) {
  const auto& first = r.fixed.front().literals;
  return std::find(first.begin(), first.end(), word) != first.end();
}

}  // namespace

std::vector<attempt> best_matches(const std::vector<word_at>& words, std::size_t from) {
  std::vector<attempt> best;
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      if (words.size() > from && !begins_with(r, words[from].text)) continue;
      attempt tried = match(r, words, from);
      if (!best.empty() && tried.fit < best.front().fit) continue;
      if (!best.empty() && tried.fit > best.front().fit) best.clear();
      best.push_back(std::move(tried));
    }
  }
  return best;
}

prefixes take_prefixes(const std::vector<word_at>& words) {
  prefixes found;
  if (words.size() > 2 && words[0].text == "on") {
    found.node = words[1].text;
    found.taken = 2;
  }
  if (words.size() > found.taken + 2 && words[found.taken].text == "service") {
    found.service_at = found.taken;
    found.service = words[found.taken + 1].text;
    found.taken += 2;
  }
  return found;
}

}  // namespace holdfast
