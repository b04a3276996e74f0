#include "cli/options/options.h"

#include <algorithm>

#include "cli/language/help.h"

namespace holdfast {

namespace {

class walker {
 public:
  walker(const std::vector<std::string>& words, std::span<const option_row> rows, const option_taker& taker)
      : words_(words), rows_(rows), taker_(taker) {}

  mishap run() {
    bool others_only = false;
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      mishap wrong;
      if (!others_only && word == "--")
        others_only = true;
      else if (!others_only && word.starts_with("--"))
        wrong = take_name(word.substr(2));
      else if (!others_only && word.size() > 1 && word[0] == '-')
        wrong = take_letters(word);
      else
        wrong = taker_.other(word);
      if (wrong) return wrong;
    }
    return {};
  }

 private:
  template <class Which>
  std::size_t find(Which which) const {
    return static_cast<std::size_t>(std::find_if(rows_.begin(), rows_.end(), which) - rows_.begin());
  }

  mishap take_name(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto found = find([&](const option_row& r) { return r.letter == 0 && r.name == name; });
    if (found == rows_.size()) return "expected an option: --" + name + " is none (see --help)";
    if (equals == word.npos) return take_argument(found, "");
    if (rows_[found].argument.empty()) return "--" + name + " takes no argument";
    return taker_.option(found, word.substr(equals + 1));
  }

  mishap take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const auto found = find([&](const option_row& r) { return r.letter == word[i]; });
      if (found == rows_.size()) return std::string("expected an option: -") + word[i] + " is none (see --help)";
      if (!rows_[found].argument.empty()) return take_argument(found, word.substr(i + 1));
      if (auto wrong = taker_.option(found, "")) return wrong;
    }
    return {};
  }

  // attached: what stands in the same word; if nothing, the next word is the argument.
  mishap take_argument(std::size_t row, const std::string& attached) {
    if (rows_[row].argument.empty() || !attached.empty()) return taker_.option(row, attached);
    if (at_ + 1 >= words_.size()) return shown(rows_[row]) + ": expected " + std::string(rows_[row].argument);
    return taker_.option(row, words_[++at_]);
  }

  const std::vector<std::string>& words_;
  std::span<const option_row> rows_;
  const option_taker& taker_;
  std::size_t at_ = 0;
};

}  // namespace

std::string shown(const option_row& row) {
  return row.letter != 0 ? std::string("-") + row.letter : "--" + std::string(row.name);
}

std::string options_text(std::span<const option_row> rows) {
  constexpr std::size_t column = 28;
  std::string text;
  for (const option_row& row : rows) {
    std::string line = "  " + shown(row);
    if (!row.argument.empty()) line += ' ' + std::string(row.argument);
    const std::string means = wrapped(row.means, column);
    text += line.size() + 2 > column ? line + '\n' + means : line + means.substr(line.size());
  }
  return text;
}

mishap take_options(const std::vector<std::string>& words, std::span<const option_row> rows,
                    const option_taker& taker) {
  return walker(words, rows, taker).run();
}

}  // namespace holdfast
