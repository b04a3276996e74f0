// holdfast-balancer: options, configuration, process, and then the control thread runs until it is told to stop.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "balancer/daemon/daemon_io.h"
#include "balancer/show/refusals_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "base/paths.h"
#include "base/process_io.h"
#include "cli/check/check_io.h"
#include "cli/check/warnings.h"
#include "cli/configuration/files_io.h"
#include "cli/options/pen_options.h"
#include "cli/options/version.h"

namespace holdfast {
namespace {

// As systemd says it: StateDirectory= may name several.
std::string state_directory() {
  const char* said = std::getenv("STATE_DIRECTORY");
  const std::string all = said == nullptr ? "" : said;
  return all.substr(0, all.find(':'));
}

std::string run_dir(const pen_options& said) {
  return said.run_dir.empty() ? std::string(default_run_dir) : said.run_dir;
}

// As Pen we listen for commands where -C says, and with --run-dir there.
std::string control_socket(const pen_options& said) {
  return said.pen && said.run_dir.empty() ? "" : run_dir(said) + '/' + std::string(control_socket_name);
}

std::string state_dir(const pen_options& said) {
  const bool as_said = !said.state_dir.empty() || !said.chroot.empty();
  return as_said ? said.state_dir : state_directory();
}

daemon_options options_of(const pen_options& said) {
  daemon_options with;
  with.base = said.base;
  with.config_file = said.check_file.empty() ? said.config_file : said.check_file;
  with.node = said.node.empty() ? host_name() : said.node;
  // A start without --run-dir need not have the place to itself: Pen's users run several.
  with.socket = control_socket(said);
  with.socket_required = !said.run_dir.empty();
  with.state_dir = state_dir(said);
  with.control_path = said.control_path;
  with.user = said.user;
  with.jail = said.chroot;
  with.pen = said.pen;
  with.drain = said.drain.value_or(0s);
  with.started = {said.foreground, said.user, said.chroot, said.pid_file, {}, {}};
  return with;
}

// Pen's rule: root opens no control port from the command line. A file that says `control` means it.
void close_roots_control(pen_options& said) {
  if (geteuid() != 0 || !said.user.empty() || !said.base.control_tcp) return;
  said.base.control_tcp.reset();
  said.notices.emplace_back("-C: a control port is not opened as root; say -u USER, or the path of a socket");
}

// Whoever may not make it, and has not asked for it, goes without.
void make_place_of(daemon_options& with) {
  if (with.socket.empty()) return;
  try {
    make_run_directory(std::filesystem::path(with.socket).parent_path());
  } catch (const std::exception& failed) {
    if (with.socket_required) throw;
    log::warn("control={} refused why=\"{}\"", with.socket, failed.what());
    with.socket.clear();
  }
}

// True: ended by SIGINT.
bool serve(const pen_options& said, daemon_options with, const settings& wanted, const char* name) {
  background parent;
  if (!said.foreground) parent.leave_foreground();
  notifier manager = notifier::from_environment();
  const program_log lines(said.foreground ? program_log::place::standard_error : program_log::place::syslog, name);
  for (const auto& notice : said.notices) log::warn("option=without_effect why=\"{}\"", notice);
  std::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  make_place_of(with);
  std::optional<pid_file> written;  // goes last
  loop io;
  daemon serving(io, std::move(with), wanted, std::move(manager));
  const refusal_log told(io, [&serving] { return serving.pools(); });
  written.emplace(said.pid_file);
  parent.ready();
  io.run();
  return serving.was_interrupted();
}

// What a start would fail for, and what can hardly be meant.
findings look_at(const settings& wanted) {
  findings all = rehearse(wanted);
  for (finding& f : warnings(wanted)) all.push_back(std::move(f));
  return all;
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename(); }

int run(const std::string& name, const std::vector<std::string>& arguments) {
  const auto refuse = [&](const std::string& why, bool as_pen) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), why.c_str());
    return as_pen ? 1 : exit_misconfigured;
  };
  const bool called_pen = name == "pen";
  auto said = parse_pen_options(arguments, {.called_pen = called_pen, .host = host_name(), .read = read_whole_file});
  if (!said) return refuse(said.error(), called_pen);
  if (said->help) return std::fputs(pen_options_help(name).c_str(), stdout) < 0 ? 1 : 0;
  if (said->version) return std::fputs(version_text("holdfast-balancer").c_str(), stdout) < 0 ? 1 : 0;
  close_roots_control(*said);
  daemon_options with = options_of(*said);
  if (!said->check_file.empty()) return check_file(with.config_file, with.node, with.base, look_at);
  const auto wanted = read_config(with);
  if (!wanted) return refuse(wanted.error(), said->pen);
  if (said->pen && !listens(*wanted)) return refuse("expected a port to listen on and servers (see --help)", true);
  if (lacks_its_file(with)) {
    said->notices.push_back("-F " + with.config_file + ": there is no such file");
  }
  const bool interrupted = serve(*said, std::move(with), *wanted, said->pen ? "pen" : "holdfast-balancer");
  if (!interrupted || !said->pen) return 0;
  std::signal(SIGINT, SIG_DFL);  // who started us is to see what has ended us, as with Pen
  return std::raise(SIGINT);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  const std::string name = holdfast::file_name(argc > 0 ? argv[0] : "holdfast-balancer");
  try {
    return holdfast::run(name, {argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), failed.what());
    return 1;
  }
}
