#include "tests/tidy/company.h"

#include <set>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

const std::set<std::string> rooms = {"balancer", "base", "cli", "peers", "penlog", "protocols", "sync", "vrrp"};

bool is_product(const source& s) { return s.is_cpp() && rooms.contains(s.room()) && s.file_name() != "main.cpp"; }

std::string without(std::string text, std::string_view end) {
  if (text.ends_with(end)) text.resize(text.size() - end.size());
  return text;
}

// "balancer/farm/farm_io.cpp" -> "balancer/farm/farm_io"
std::string stem(const std::string& path) { return path.substr(0, path.rfind('.')); }

std::string last(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::set<std::string> tested_names(const std::vector<source>& all) {
  std::set<std::string> out;
  for (const source& s : all) {
    if (s.is_test() && s.path.ends_with("_test.cpp")) out.insert(without(without(last(stem(s.path)), "_test"), "_io"));
  }
  return out;
}

bool reaches_out(const source& s) {
  const std::string own = stem(s.path) + ".h";
  for (const std::string& line : s.lines) {
    const auto what = include_of(line);
    if (!what) continue;
    if (what->angled ? reaches_machine(what->path) : what->path != own && source(what->path, "").is_io()) return true;
  }
  return false;
}

}  // namespace

findings check_tests(const std::vector<source>& all, const excused& because) {
  findings out;
  const std::set<std::string> tested = tested_names(all);
  for (const source& s : all) {
    if (!is_product(s) || s.is_header()) continue;
    const std::string name = without(stem(s.path), "_io");
    if (tested.contains(last(name))) continue;
    if (!because.contains(name)) out.push_back({s.path, 0, "no " + last(name) + "_test.cpp below tests/"});
  }
  return out;
}

findings check_namesakes(const std::vector<source>& all) {
  findings out;
  std::map<std::string, std::string> first;
  for (const source& s : all) {
    if (!is_product(s)) continue;
    const auto [other, fresh] = first.emplace(s.file_name(), s.path);
    if (!fresh) out.push_back({s.path, 0, "has the name of " + other->second});
  }
  return out;
}

findings check_io_names(const std::vector<source>& all) {
  std::map<std::string, bool> reaches;  // by stem
  for (const source& s : all) {
    if (is_product(s) && s.is_io()) reaches[stem(s.path)] |= reaches_out(s);
  }
  findings out;
  for (const auto& [name, does] : reaches) {
    if (!does) out.push_back({name, 0, "reaches nothing beyond itself: it need not be _io"});
  }
  return out;
}

io_share share_of(const std::vector<source>& all, const std::string& room) {
  io_share out;
  for (const source& s : all) {
    if (!s.is_cpp() || s.room() != room) continue;
    out.all += s.lines.size();
    if (s.is_io() && s.file_name() != "main.cpp") out.io += s.lines.size();
  }
  return out;
}

}  // namespace holdfast::tidy
