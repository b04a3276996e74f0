#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/clock_io.h"
#include "tests/lab/lab.h"
#include "tests/lab/leftovers_io.h"

namespace holdfast::lab {
namespace {

// Between fork and exec: system calls only, since other threads may hold any lock. Exit status 125 says that it failed.
[[noreturn]] void become(int ns, char* const* words, int output, const process::how& options, int parent) {
  if (::setns(ns, CLONE_NEWNET) < 0) ::_exit(125);
  const rlimit files{options.files, options.files};
  if (options.files != 0 && ::setrlimit(RLIMIT_NOFILE, &files) < 0) ::_exit(125);
  if (options.user != 0 && (::setgroups(0, nullptr) < 0 || ::setgid(options.user) < 0 || ::setuid(options.user) < 0)) {
    ::_exit(125);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user would clear it, so it comes after
  if (::getppid() != parent) ::_exit(125);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(125);
  ::execvp(words[0], words);
  ::_exit(125);
}

}  // namespace

process::process(int ns, const std::vector<std::string>& words, const how& options) : output_(options.output) {
  const char* path = output_.empty() ? "/dev/null" : output_.c_str();
  const descriptor output(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!output) throw std::system_error(errno, std::generic_category(), path);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  file_limit();  // children inherit it
  const int parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(ns, argv.data(), output.get(), options, parent);
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  remember_process(pid_);
}

process::process(process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_), output_(std::move(other.output_)) {}

process& process::operator=(process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(status_, other.status_);
  std::swap(output_, other.output_);
  return *this;
}

process::~process() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool process::running() {
  if (pid_ <= 0 || status_) return false;
  int raw = 0;
  if (::waitpid(pid_, &raw, WNOHANG) == 0) return true;
  status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return false;
}

void process::kill(int signal) {
  if (running()) ::kill(pid_, signal);
}

void process::freeze() {
  kill(SIGSTOP);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WNOWAIT);  // every thread stands when this returns
}

void process::thaw() { kill(SIGCONT); }

std::optional<int> process::wait(duration limit) {
  if (!eventually([this] { return !running(); }, limit)) return std::nullopt;
  return status_;
}

duration process::cpu_time() const {
  const std::string stat = read_file("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));  // the name before it may hold blanks
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0, system = 0;
  fields >> user >> system;
  return std::chrono::nanoseconds((user + system) * (1'000'000'000 / static_cast<unsigned>(::sysconf(_SC_CLK_TCK))));
}

std::size_t process::anonymous_memory() const {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid_) + "/status"));
  for (std::string word; lines >> word;) {
    std::size_t kib = 0;
    if (word == "RssAnon:" && lines >> kib) return kib * 1024;
  }
  throw std::runtime_error("no memory figures for process " + std::to_string(pid_));
}

std::size_t process::open_files() const {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid_) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

std::size_t file_limit() {
  static const std::size_t limit = [] {
    std::size_t most = 0;  // for anybody; only root may go beyond the hard limit
    std::ifstream("/proc/sys/fs/nr_open") >> most;
    rlimit files{};
    files.rlim_cur = files.rlim_max = std::min<std::size_t>(most, 65536);
    if (::setrlimit(RLIMIT_NOFILE, &files) == 0) return files.rlim_cur;
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    return files.rlim_cur;
  }();
  return limit;
}

std::string read_file(const std::filesystem::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool eventually(const std::function<bool()>& claim, duration limit) {
  const instant end = monotonic_now() + limit;
  while (!claim()) {
    if (monotonic_now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

}  // namespace holdfast::lab
