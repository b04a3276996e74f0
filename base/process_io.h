// What a daemon does to its own process at start: limits, user, jail, background, pid file. Errors are exceptions with
// one sentence (start-up can't succeed).
#pragma once

#include <string>

namespace holdfast {

// As many open files as the hard limit allows.
void raise_file_limit();
std::size_t file_limit();  // in force

// Forks; the parent waits until the child calls ready(), so that its exit status tells whether the start succeeded.
class background {
 public:
  void leave_foreground();
  void ready() const;

 private:
  int pipe_ = -1, null_ = -1;
};

std::string host_name();

// Makes it if it is missing, with its parent, for everybody to enter and us to write.
void make_run_directory(const std::string& path);

// From here on the process is of that user and its groups, and sees nothing outside of that directory, in which it
// works then. "" = as before. The user is looked up before the system's files are out of sight.
void confine(const std::string& user, const std::string& directory);

// Writes our number to a file, without an end of line as Pen does, and removes it in the end.
class pid_file {
 public:
  explicit pid_file(std::string path);  // "" = none
  ~pid_file();
  pid_file(const pid_file&) = delete;
  pid_file& operator=(const pid_file&) = delete;

 private:
  std::string path_;
};

}  // namespace holdfast
