// A program that a service manager has started: what it says of itself, and its threads.
#pragma once

#include <string>
#include <vector>

#include "tests/base/notify_socket.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

inline constexpr duration watchdog_time = 1s;  // what the programs are told

class service {
 public:
  // words: the program and its arguments.
  service(host& in, const scratch& files, const std::vector<std::string>& words);

  process& program() { return program_; }
  // True when `line` or one that begins with it is said within `limit`; what came before it is forgotten.
  bool says(const std::string& line, duration limit = 10s);
  // Everything said in that time, line by line.
  std::vector<std::string> said_in(duration time);
  // False when it said WATCHDOG=1 in that time.
  bool is_silent_for(duration time);
  std::string output() const { return program_.output(); }

 private:
  void listen();
  notify_socket socket_;
  std::vector<std::string> lines_;  // heard, and not asked for yet
  process program_;
};

// One thread of a program does not run while this lives; the others do.
class frozen_thread {
 public:
  explicit frozen_thread(int thread);
  ~frozen_thread();
  frozen_thread(const frozen_thread&) = delete;
  frozen_thread& operator=(const frozen_thread&) = delete;

 private:
  int thread_;
};

std::vector<int> threads_of(int process);  // in the order of their making

}  // namespace holdfast::lab
