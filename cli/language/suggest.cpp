#include "cli/language/suggest.h"

#include <algorithm>
#include <numeric>

#include "cli/language/table.h"

namespace holdfast {

namespace {

constexpr std::size_t longest = 40;  // longer words are not compared

constexpr std::size_t shortest_prefix = 2;
constexpr std::size_t most_suggested = 8;

// Letters to insert, drop or change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = std::exchange(above[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = std::exchange(above[j], std::min({changed, above[j] + 1, above[j - 1] + 1}));
    }
  }
  return above[b.size()];
}

// Who is used to short forms: `stat`, `cl`.
std::string beginning_so(std::string_view said, const std::vector<std::string>& known) {
  if (said.size() < shortest_prefix) return {};
  std::string all;
  std::size_t count = 0;
  for (const std::string& word : known) {
    if (!word.starts_with(said) || word == said) continue;
    all += (all.empty() ? "`" : ", `") + word + '`';
    ++count;
  }
  if (count == 0 || count > most_suggested) return {};
  return (count == 1 ? "; did you mean " : "; did you mean one of ") + all + '?';
}

}  // namespace

const std::vector<std::string>& first_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all{"on"};
    for (const topic& t : table()) {
      for (const row& r : t.rows) {
        all.insert(all.end(), r.fixed.front().literals.begin(), r.fixed.front().literals.end());
      }
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }();
  return words;
}

std::string did_you_mean(std::string_view said, const std::vector<std::string>& known) {
  if (said.size() > longest) return {};
  if (const std::string longer = beginning_so(said, known); !longer.empty()) return longer;
  std::size_t best = std::max<std::size_t>(said.size() / 3, 1) + 1;  // a third of the letters may be wrong
  const std::string* nearest = nullptr;
  for (const std::string& word : known) {
    const std::size_t far = distance(said, word);
    if (far >= best) continue;
    best = far;
    nearest = &word;
  }
  return nearest == nullptr ? std::string() : "; did you mean `" + *nearest + "`?";
}

}  // namespace holdfast
