#include "cli/language/complete.h"

#include <algorithm>
#include <set>

#include "cli/language/grammar.h"
#include "cli/language/help.h"
#include "cli/language/match.h"

namespace holdfast {

namespace {

struct continuation {
  prefixes front;
  bool wants_node = false;  // after a lone `on`
  std::vector<attempt> ways;
};

// What does nothing is understood, but not offered.
bool does_something(const command& c) {
  const auto* change = std::get_if<say::change>(&c);
  return change == nullptr ||
         (!std::holds_alternative<say::idlers>(*change) && !std::holds_alternative<say::without_effect>(*change) &&
          !std::holds_alternative<say::no_without_effect>(*change) && !std::holds_alternative<say::not_built>(*change));
}

bool may_follow(const attempt& a, const prefixes& front, bool to_all) {
  return a.of->where != said::file && (front.service.empty() || a.of->of == about::service) && does_something(a.made) &&
         (!to_all || may_be_said_to_all(a.made));
}

// Which rows the whole words may be the beginning of. to_all: they stand after `cluster`.
continuation continue_from(std::vector<word_at> words, bool to_all = false) {
  continuation found;
  found.wants_node = words.size() == 1 && words[0].text == "on";
  words.push_back({});  // the word that is wanted: prefixes count only if something follows them
  found.front = take_prefixes(words);
  words.pop_back();
  found.ways = best_matches(words, found.front.taken);
  std::erase_if(found.ways, [&](const attempt& a) {
    return a.fit.size() != words.size() - found.front.taken || !may_follow(a, found.front, to_all);
  });
  return found;
}

// The same, and whichever commands for all nodes begin so.
std::vector<continuation> ways_from(const std::vector<word_at>& words) {
  std::vector<continuation> all{continue_from(words)};
  const std::size_t before = words.size() > 2 && words[0].text == "on" ? 2 : 0;
  if (words.size() <= before || words[before].text != word_for_all) return all;
  const std::vector<word_at> behind(words.begin() + static_cast<std::ptrdiff_t>(before) + 1, words.end());
  all.push_back(continue_from(behind, true));
  return all;
}

template <class Map>
void add_keys(const Map& map, std::set<std::string>& to) {
  for (const auto& [name, value] : map) to.insert(name);
}

void add_names(word_kind kind, std::string_view of_service, const settings& live, std::set<std::string>& to) {
  switch (kind) {
    case word_kind::service: return add_keys(live.services, to);
    case word_kind::acl: return add_keys(live.acls, to);
    case word_kind::group: return add_keys(live.vrrp, to);
    case word_kind::node:
      for (const node_settings& n : live.nodes) to.insert(n.name);
      return;
    case word_kind::server:
      for (const auto& [name, service] : live.services) {
        if (!of_service.empty() && of_service != name) continue;
        for (const server_settings& s : service.servers) to.insert(s.name);
      }
      return;
    default: return;  // nobody can list them
  }
}

void add_followers(const continuation& next, std::vector<follower>& to) {
  const auto add = [&](std::string word, std::string means) {
    const bool known = std::any_of(to.begin(), to.end(), [&](const follower& f) { return f.word == word; });
    if (!known) to.push_back({std::move(word), std::move(means)});
  };
  if (next.wants_node) add("<node>", expects::node);
  for (const attempt& way : next.ways) {
    for (const element* e : way.expected) {
      if (e->literals.empty()) add(e->shown, way.of->arguments[*e->fills].expects());
      for (const std::string& word : e->literals) add(word, std::string(first_sentence(meaning(*way.of))));
    }
    if (way.complete) add("", "the end of the line");
  }
}

}  // namespace

std::vector<std::string> complete(std::string_view line, const settings& live) {
  if (line.size() > max_line) return {};
  auto words = split(line);
  std::string_view unfinished;
  if (!words.empty() && line.back() != ' ' && line.back() != '\t') {
    unfinished = words.back().text;
    words.pop_back();
  }
  std::set<std::string> offers;
  if (words.empty()) offers.insert("on");
  for (const continuation& next : ways_from(words)) {
    if (next.wants_node) add_names(word_kind::node, {}, live, offers);
    for (const attempt& way : next.ways) {
      for (const element* e : way.expected) {
        offers.insert(e->literals.begin(), e->literals.end());
        if (e->literals.empty()) add_names(way.of->arguments[*e->fills].takes, next.front.service, live, offers);
      }
    }
  }
  std::vector<std::string> fitting;
  std::copy_if(offers.begin(), offers.end(), std::back_inserter(fitting),
               [&](const std::string& offer) { return offer.starts_with(unfinished); });
  return fitting;
}

std::vector<follower> what_follows(std::string_view line) {
  if (line.size() > max_line) return {};
  std::vector<follower> all;
  for (const continuation& next : ways_from(split(line))) add_followers(next, all);
  return all;
}

std::string print(const std::vector<follower>& all) {
  constexpr std::size_t column = 20;
  std::string text;
  for (const follower& f : all) {
    std::string line = "  " + f.word;
    line.append(line.size() + 1 < column ? column - line.size() : 1, ' ');
    text += line + f.means + '\n';
  }
  return text;
}

}  // namespace holdfast
