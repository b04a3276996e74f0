// holdfast-vrrp: options, configuration, process, and then the agent runs until it is told to stop.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/paths.h"
#include "base/process_io.h"
#include "cli/check/check_io.h"
#include "cli/configuration/config.h"
#include "cli/configuration/files_io.h"
#include "cli/control/control_io.h"
#include "cli/options/version.h"
#include "cli/options/vrrp_options.h"
#include "vrrp/agent/agent_io.h"
#include "vrrp/agent/keys_io.h"
#include "vrrp/agent/leftovers_io.h"
#include "vrrp/kernel/netlink_io.h"
#include "vrrp/kernel/rights_io.h"

namespace holdfast {
namespace {

bool holds_key(const settings& s) {
  return !s.cluster_key.empty() ||
         std::any_of(s.vrrp.begin(), s.vrrp.end(), [](const auto& g) { return g.second.hmac != hmac_mode::off; });
}

// Without a configuration those that the kernel knows to be ours: a mistake in a file leaves no address behind.
int release(const result<settings, std::string>& wanted) {
  if (!wanted) std::fprintf(stderr, "holdfast-vrrp: warning: %s\n", wanted.error().c_str());
  drop_rights({});
  netlink kernel;
  const auto gone = release_all(kernel, wanted ? *wanted : settings(), true);
  if (!gone) throw std::runtime_error(gone.error());
  return 0;
}

// What a start would refuse, and what only this box can know.
findings found_here(const settings& wanted) {
  findings all = refusals(wanted);
  netlink kernel;
  for (std::string& why : warnings_about_box(kernel, wanted)) all.push_back({severity::warns, "", std::move(why)});
  return all;
}

int serve(agent_options options, const settings& wanted) {
  std::signal(SIGPIPE, SIG_IGN);
  notifier manager = notifier::from_environment();
  std::filesystem::create_directories(options.run_dir);
  // Before any thread starts: those that start now have no more rights, and no place before others.
  const process_wishes wishes{.holds_key = holds_key(wanted), .user = {}, .group = control_group};
  const std::vector<std::string> unmet = settle_in(wishes);
  drop_rights(wishes);
  const program_log lines(program_log::place::standard_error, "holdfast-vrrp");
  for (const std::string& wish : unmet) log::warn("process=\"{}\"", wish);
  event_file events(options.run_dir + "/vrrp.events");
  loop io;
  agent serving(io, std::move(options), wanted, events, std::move(manager));
  io.run();
  return 0;
}

int refuse(const std::string& why) {
  std::fprintf(stderr, "holdfast-vrrp: %s\n", why.c_str());
  return exit_misconfigured;
}

int run(const std::vector<std::string>& arguments) {
  const auto said = parse_vrrp_options(arguments);
  if (!said) return refuse(said.error());
  if (said->help) return std::fputs(vrrp_options_help().c_str(), stdout) < 0 ? 1 : 0;
  if (said->version) return std::fputs(version_text("holdfast-vrrp").c_str(), stdout) < 0 ? 1 : 0;
  agent_options with{.config_file = said->check_file.empty() ? said->config_file : said->check_file,
                     .node = said->node.empty() ? host_name() : said->node,
                     .run_dir = said->run_dir.empty() ? std::string(default_run_dir) : said->run_dir};
  if (!said->check_file.empty()) return check_file(with.config_file, with.node, {}, found_here);
  const auto wanted = read_config(with);
  if (said->release) return release(wanted);
  if (!wanted) return refuse(wanted.error());
  for (const config_error& warning : warnings_about(*wanted, {}, with.config_file, with.node, read_whole_file)) {
    std::fprintf(stderr, "holdfast-vrrp: %s\n", warning.text("warning: ").c_str());
  }
  return serve(std::move(with), *wanted);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  try {
    return holdfast::run({argv + 1, argv + argc});
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "holdfast-vrrp: %s\n", failed.what());
    return 1;
  }
}
