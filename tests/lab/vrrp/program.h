// A daemon with all the children it has made: killed, frozen and thawed as one.
#pragma once

#include <vector>

#include "tests/lab/lab.h"

namespace holdfast::lab {

class program {
 public:
  program() = default;
  explicit program(process first) : first_(std::move(first)) {}
  program(program&&) = default;
  program& operator=(program&& other) noexcept;
  ~program();  // kills all of it, frozen or not

  process& first() { return first_; }
  bool running() { return first_.running(); }
  std::string output() const { return first_.output(); }

  void kill();    // SIGKILL, none of it does anything between the first and the last; returns when it is gone
  void freeze();  // returns when none of it runs
  void thaw();
  // SIGTERM to the first, which ends its children; returns at once.
  void ask_to_end() { first_.kill(15); }

 private:
  std::vector<int> family() const;  // the first, then its children and theirs
  void signal_all(int signal) const;
  process first_;
};

}  // namespace holdfast::lab
