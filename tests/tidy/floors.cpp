#include "tests/tidy/floors.h"

#include <queue>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace holdfast::tidy {

namespace {

bool is_asked(const source& s) { return s.is_cpp() && !s.is_test() && s.file_name() != "main.cpp"; }

// The folders from which a file includes.
std::map<std::size_t, std::string> folders_in(const source& s) {
  std::map<std::size_t, std::string> by_line;
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    const auto what = include_of(s.lines[i]);
    if (what && !what->angled) by_line[i + 1] = source(what->path, "").folder();
  }
  return by_line;
}

using graph = std::map<std::string, std::set<std::string>>;

// Breadth first; empty: no way.
std::vector<std::string> way_back(const graph& all, const std::string& start) {
  std::map<std::string, std::string> came_from;
  std::queue<std::string> next({start});
  while (!next.empty()) {
    const std::string at = next.front();
    next.pop();
    const auto out = all.find(at);
    if (out == all.end()) continue;
    for (const std::string& to : out->second) {
      if (to == start) {
        std::vector<std::string> way{start};
        for (std::string back = at; back != start; back = came_from.at(back)) way.insert(way.begin(), back);
        way.insert(way.begin(), start);
        return way;
      }
      if (came_from.emplace(to, at).second) next.push(to);
    }
  }
  return {};
}

}  // namespace

floors read_floors(std::string_view cmake) {
  static const std::regex line(R"(\nfloor\(([a-z/]+)([^)]*)\))");
  const std::string text(cmake);
  floors all;
  for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
    const std::string folder = (*at)[1];
    std::set<std::string> knows{folder};
    std::istringstream words((*at)[2]);
    bool counts = false;
    for (std::string word; words >> word;) {
      if (word == "KNOWS" || word == "USES") {
        counts = word == "KNOWS";
      } else if (counts) {
        const auto below = all.find(word);
        if (below == all.end()) throw std::runtime_error(folder + " knows " + word + ", which does not stand above it");
        knows.insert(below->second.begin(), below->second.end());
      }
    }
    all[folder] = std::move(knows);
  }
  return all;
}

findings check_floors(const source& s, const floors& all) {
  findings out;
  if (!is_asked(s)) return out;
  const auto own = all.find(s.folder());
  if (own == all.end()) return {{s.path, 0, s.folder() + " is no floor of the top CMakeLists.txt"}};
  for (const auto& [line, folder] : folders_in(s)) {
    if (!own->second.contains(folder)) out.push_back({s.path, line, s.folder() + " may not know " + folder});
  }
  return out;
}

std::vector<std::string> shortest_cycle(const std::vector<source>& sources) {
  graph all;
  for (const source& s : sources) {
    if (!is_asked(s)) continue;
    for (const auto& [line, folder] : folders_in(s)) {
      if (folder != s.folder()) all[s.folder()].insert(folder);
    }
  }
  std::vector<std::string> shortest;
  for (const auto& [folder, others] : all) {
    const auto way = way_back(all, folder);
    if (!way.empty() && (shortest.empty() || way.size() < shortest.size())) shortest = way;
  }
  return shortest;
}

}  // namespace holdfast::tidy
