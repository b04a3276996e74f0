#include "cli/configuration/difference.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include "cli/configuration/config.h"

namespace holdfast {

namespace {

constexpr std::size_t most_lines = 20;

}  // namespace

config_lines lines_of(const std::string& config) {
  config_lines out;
  std::istringstream in(config);
  std::string service;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    if (line.starts_with("service ")) {
      out.insert(line);
      service = line + ' ';
    } else {
      out.insert(service + line);
    }
  }
  return out;
}

std::string difference_of(const settings& before, const settings& after) {
  const config_lines former = lines_of(write_config(before)), now = lines_of(write_config(after));
  std::vector<std::string> all;
  const auto add = [&](const config_lines& from, const config_lines& without, const char* sign) {
    std::vector<std::string> left;
    std::set_difference(from.begin(), from.end(), without.begin(), without.end(), std::back_inserter(left));
    for (const std::string& line : left) all.push_back(sign + line);
  };
  add(former, now, "- ");
  add(now, former, "+ ");
  if (all.empty()) return "no change";
  if (all.size() > most_lines) {
    const std::string more = "and " + std::to_string(all.size() - most_lines) + " lines more";
    all.resize(most_lines);
    all.push_back(more);
  }
  std::string text;
  for (const std::string& line : all) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace holdfast
