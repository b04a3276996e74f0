#include "cli/options/vrrp_options.h"

#include <algorithm>
#include <array>

namespace holdfast {

namespace {

struct option {
  option_row row;
  std::string vrrp_options::* keeps = nullptr;
  bool vrrp_options::* turns_on = nullptr;
};

using made = vrrp_options;
constexpr std::array all{
    option{{'F', "", "FILE", "The configuration; read again on HUP."}, &made::config_file},
    option{{'f', "", "", "Stay in the foreground, as always: accepted without effect."}},
    option{{0, "node", "NAME", "Who we are among the `node` lines; otherwise the host's name."}, &made::node},
    option{{0, "run-dir", "DIR", "Where sockets and state live."}, &made::run_dir},
    option{{0, "check", "FILE", "Say what is wrong with a configuration, and end."}, &made::check_file},
    option{{0, "release", "", "Take our addresses off this node, and end."}, nullptr, &made::release},
    option{{0, "version", "", "Say the version, and end."}, nullptr, &made::version},
    option{{0, "help", "", "Say this, and end."}, nullptr, &made::help},
};

}  // namespace

result<vrrp_options, std::string> parse_vrrp_options(const std::vector<std::string>& arguments) {
  vrrp_options made;
  const auto take = [&](std::size_t row, const std::string& argument) {
    if (all.at(row).keeps != nullptr) made.*all.at(row).keeps = argument;
    if (all.at(row).turns_on != nullptr) made.*all.at(row).turns_on = true;
    return mishap();
  };
  const auto refuse = [](const std::string& word) { return mishap("expected options alone: " + word + " is none"); };
  if (auto wrong = take_options(arguments, vrrp_option_rows(), {take, refuse})) return failure{std::move(*wrong)};
  const bool ends_at_once = made.help || made.version || made.release || !made.check_file.empty();
  if (!ends_at_once && made.config_file.empty()) return failure{"expected -F FILE (see --help)"};
  return made;
}

std::vector<option_row> vrrp_option_rows() {
  std::vector<option_row> rows;
  std::transform(all.begin(), all.end(), std::back_inserter(rows), [](const option& o) { return o.row; });
  return rows;
}

std::string vrrp_options_help() { return "usage: holdfast-vrrp [OPTION...]\n\n" + options_text(vrrp_option_rows()); }

}  // namespace holdfast
