#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "tests/lab/lab.h"
#include "tests/lab/leftovers_io.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;

// /run/holdfast-lab/PID-START/ belongs to the process with that number and start time: `book` lists the processes it
// started, also as PID-START, and below it is a directory for each test.
const fs::path room = "/run/holdfast-lab";

// "123-4567": number and start time, which together name a process for ever; "" if there is none.
std::string identity_of(int pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (stat.empty()) return {};
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return std::to_string(pid) + '-' + field;
}

bool alive(const std::string& identity) { return identity_of(std::atoi(identity.c_str())) == identity; }

void sweep() {
  fs::create_directories(room);
  for (const auto& run : fs::directory_iterator(room)) {
    if (alive(run.path().filename())) continue;
    std::istringstream book(read_file(run.path() / "book"));
    for (std::string who; std::getline(book, who);)
      if (alive(who)) ::kill(std::atoi(who.c_str()), SIGKILL);
    std::error_code ignored;  // another process may be at it, too
    fs::remove_all(run.path(), ignored);
  }
}

// The directory of this run, made on first use and removed at exit.
const fs::path& run_directory() {
  struct directory {
    fs::path path = room / identity_of(::getpid());
    directory() {
      sweep();
      fs::create_directories(path);
    }
    ~directory() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  };
  static const directory made;
  return made.path;
}

}  // namespace

void remember_process(int pid) { std::ofstream(run_directory() / "book", std::ios::app) << identity_of(pid) << '\n'; }

scratch::scratch() {
  static std::atomic<int> number = 0;
  require_root();
  path_ = run_directory() / std::to_string(++number);
  fs::create_directories(path_);
  fs::permissions(path_, fs::perms(0755));
}

scratch::~scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path scratch::write(std::string_view name, std::string_view text) const {
  const fs::path file = path_ / name;
  std::ofstream(file) << text;
  return file;
}

}  // namespace holdfast::lab
