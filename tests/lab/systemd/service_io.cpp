#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <thread>

#include "tests/lab/systemd/service.h"

namespace holdfast::lab {

namespace {

std::vector<std::string> with_environment(const std::string& socket, const std::vector<std::string>& words) {
  std::vector<std::string> all{"env", "NOTIFY_SOCKET=" + socket,
                               "WATCHDOG_USEC=" + std::to_string(watchdog_time / 1us)};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

void must(long done, const char* what) {
  if (done < 0) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

// Its socket has a path: abstract names belong to a network namespace, and the program lives in another.
service::service(host& in, const scratch& files, const std::vector<std::string>& words)
    : socket_(files.path() / "notify"),
      program_(in.run(with_environment(socket_.name(), words), {.output = files.path() / "service.out"})) {}

void service::listen() {
  for (const std::string& datagram : socket_.heard()) {
    std::istringstream text(datagram);
    for (std::string line; std::getline(text, line);) lines_.push_back(line);
  }
}

bool service::says(const std::string& line, duration limit) {
  return eventually(
      [&] {
        listen();
        const auto found =
            std::find_if(lines_.begin(), lines_.end(), [&](const auto& l) { return l.starts_with(line); });
        if (found == lines_.end()) return false;
        lines_.erase(lines_.begin(), found + 1);
        return true;
      },
      limit);
}

std::vector<std::string> service::said_in(duration time) {
  listen();
  lines_.clear();
  std::this_thread::sleep_for(time);
  listen();
  return std::exchange(lines_, {});
}

bool service::is_silent_for(duration time) {
  const auto all = said_in(time);
  return std::find(all.begin(), all.end(), "WATCHDOG=1") == all.end();
}

frozen_thread::frozen_thread(int thread) : thread_(thread) {
  must(ptrace(PTRACE_SEIZE, thread, nullptr, nullptr), "can't seize a thread");
  must(ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr), "can't stop a thread");
  must(waitpid(thread, nullptr, __WALL), "can't wait for a thread");
}

frozen_thread::~frozen_thread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }

std::vector<int> threads_of(int process) {
  std::vector<int> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task"))
    all.push_back(std::stoi(entry.path().filename()));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace holdfast::lab
