#include <signal.h>

#include <sstream>

#include "tests/lab/vrrp/program.h"

namespace holdfast::lab {
namespace {

std::string proc(int pid, const std::string& file) { return "/proc/" + std::to_string(pid) + '/' + file; }

void add_family(int pid, std::vector<int>& all) {
  all.push_back(pid);
  std::istringstream children(read_file(proc(pid, "task/" + std::to_string(pid) + "/children")));
  for (int child = 0; children >> child;) add_family(child, all);
}

// Stopped, dead, or gone.
bool stands(int pid) {
  const std::string stat = read_file(proc(pid, "stat"));
  return stat.empty() || std::string_view("TtZX").find(stat[stat.rfind(')') + 2]) != std::string_view::npos;
}

}  // namespace

program& program::operator=(program&& other) noexcept {
  kill();
  first_ = std::move(other.first_);
  return *this;
}

program::~program() { kill(); }

std::vector<int> program::family() const {
  std::vector<int> all;
  if (first_.pid() > 0) add_family(first_.pid(), all);
  return all;
}

void program::signal_all(int signal) const {
  for (const int pid : family()) ::kill(pid, signal);
}

void program::kill() {
  if (!running()) return;
  freeze();  // or a child would hear of its parent's end and tidy up
  const std::vector<int> all = family();
  for (auto pid = all.rbegin(); pid != all.rend(); ++pid) ::kill(*pid, SIGKILL);
  first_.wait(5s);
}

void program::freeze() {
  if (!running()) return;
  signal_all(SIGSTOP);
  const std::vector<int> all = family();
  eventually([&] { return std::all_of(all.begin(), all.end(), stands); });
}

void program::thaw() {
  if (running()) signal_all(SIGCONT);
}

}  // namespace holdfast::lab
