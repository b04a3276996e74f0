#include "base/process_io.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace holdfast {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

struct account {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;

  // Whoever is no root may not even become who they are.
  bool is_us() const { return geteuid() != 0 && getuid() == uid && getgid() == gid; }
};

account account_of(const std::string& name) {
  const passwd* user = getpwnam(name.c_str());
  if (user == nullptr) throw std::runtime_error("expected a user of this system, not '" + name + "'");
  account found{user->pw_uid, user->pw_gid, {}};
  int count = 64;
  do {
    found.groups.resize(static_cast<std::size_t>(count));
  } while (getgrouplist(name.c_str(), found.gid, found.groups.data(), &count) < 0 && count > 0);
  found.groups.resize(static_cast<std::size_t>(count));
  return found;
}

}  // namespace

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("can't read the limit of open files");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("can't raise the limit of open files");
}

std::size_t file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("can't read the limit of open files");
  return limit.rlim_cur;
}

void background::leave_foreground() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("can't make a pipe");
  const pid_t child = fork();
  if (child < 0) fail("can't fork");
  if (child > 0) {
    close(ends[1]);
    char ok = 0;
    _exit(read(ends[0], &ok, 1) == 1 ? 0 : 1);  // no byte: the child ended, and has said why
  }
  close(ends[0]);
  pipe_ = ends[1];
  null_ = open("/dev/null", O_RDWR | O_CLOEXEC);  // a jail has none
  if (null_ < 0) fail("can't open /dev/null");
  setsid();
}

void background::ready() const {
  if (pipe_ < 0) return;
  for (const int fd : {0, 1, 2}) dup2(null_, fd);
  close(null_);
  if (write(pipe_, "1", 1) != 1) fail("can't report to the parent process");
  close(pipe_);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) fail("can't read the host's name");
  return name.data();
}

void make_run_directory(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) throw std::system_error(failed, "can't make the directory " + path);
}

void confine(const std::string& user, const std::string& directory) {
  const auto who = user.empty() ? std::nullopt : std::optional(account_of(user));
  if (!directory.empty() && (chroot(directory.c_str()) != 0 || chdir("/") != 0)) {
    fail("can't change the root directory to " + directory);
  }
  if (!who || who->is_us()) return;
  if (setgroups(who->groups.size(), who->groups.data()) != 0 || setgid(who->gid) != 0 || setuid(who->uid) != 0) {
    fail("can't become user " + user);
  }
}

pid_file::pid_file(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  std::ofstream out(path_);
  out << getpid();
  if (!out.flush()) fail("can't write the pid file " + path_);
}

pid_file::~pid_file() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace holdfast
