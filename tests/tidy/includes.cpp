#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

const std::map<std::string, std::set<std::string>>& may_know() {
  static const std::map<std::string, std::set<std::string>> rooms = {
      {"base", {"base"}},
      {"cli", {"cli", "base"}},
      {"protocols", {"protocols", "base"}},
      {"peers", {"peers", "base"}},
      {"sync", {"sync", "peers", "base"}},
      {"balancer", {"balancer", "cli", "protocols", "sync", "peers", "base"}},
      {"vrrp", {"vrrp", "cli", "peers", "base"}},
      {"penlog", {"penlog", "cli", "protocols", "base"}},
  };
  return rooms;
}

int rule_about(const std::string& room) {
  if (room == "base") return 1;
  return room == "balancer" || room == "vrrp" || room == "penlog" ? 3 : 2;
}

// Headers of the standard library that a pure file has no business with.
constexpr std::array machine_standard = {"fstream", "filesystem", "random",  "iostream",
                                         "thread",  "future",     "csignal", "ctime"};
// Parts of Boost that reach the machine.
constexpr std::array machine_boost = {"asio",    "beast",  "filesystem", "iostreams", "interprocess",
                                      "process", "thread", "random",     "mysql",     "log"};

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_standard(std::string_view path) {
  return path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

bool allowed_in_pure(std::string_view path) {
  if (path == "arpa/inet.h") return true;  // inet_pton and inet_ntop: arithmetic
  constexpr std::string_view boost = "boost/";
  if (path.starts_with(boost)) {
    const std::string_view rest = path.substr(boost.size());
    return !contains(machine_boost, rest.substr(0, rest.find_first_of("/.")));
  }
  return is_standard(path) && !contains(machine_standard, path);
}

std::string why_not_angled(const source& s, const std::string& path) {
  if (s.room() == "base" && s.is_pure() && !is_standard(path) && !path.starts_with("boost/") &&
      !allowed_in_pure(path)) {
    return "rule 1: base knows only the standard library and header-only Boost values, not <" + path + ">";
  }
  if (s.is_pure() && !allowed_in_pure(path)) {
    return "rule 4: only *_io files and main.cpp reach the machine; a pure file may not include <" + path + ">";
  }
  return {};
}

std::string why_not_quoted(const source& s, const std::string& path) {
  const source other(path, "");
  const auto known = may_know().find(s.room());
  if (!known->second.contains(other.room())) {
    return "rule " + std::to_string(rule_about(s.room())) + ": " + s.room() + " may not know \"" + path + "\"";
  }
  if (s.is_pure() && other.is_io()) return "rule 4: a pure file may not include the _io file \"" + path + "\"";
  return {};
}

}  // namespace

bool reaches_machine(std::string_view path) {
  constexpr std::array more = {"mutex", "condition_variable", "shared_mutex", "cstdio"};
  return !allowed_in_pure(path) || contains(more, path);
}

findings check_dependencies(const source& s) {
  findings out;
  if (!s.is_cpp() || !may_know().contains(s.room())) return out;
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    const auto what = include_of(s.lines[i]);
    if (!what) continue;
    const std::string why = what->angled ? why_not_angled(s, what->path) : why_not_quoted(s, what->path);
    if (!why.empty()) out.push_back({s.path, i + 1, why});
  }
  return out;
}

}  // namespace holdfast::tidy
