// Feels the pulse of a service: every few milliseconds a connection of its own, a question over HTTP, an answer. An
// attempt that hangs delays no other. From a thread of its own until stopped.
#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "base/address.h"
#include "base/machine.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

class pulse {
 public:
  // Begins an attempt each `every`; one is given up `patience` after its beginning.
  pulse(const host& where, const endpoint& to, duration every = 3ms, duration patience = 200ms);
  ~pulse();
  pulse(const pulse&) = delete;
  pulse& operator=(const pulse&) = delete;

  struct report {
    int asked = 0, answered = 0, failed = 0;
    duration longest_gap{};  // between two answers, or between the last one and the end
    instant gap_began{};     // when the answer before it came
    std::optional<instant> last_failure;
    duration lateness{};     // the worst own delay: what the machine's noise may have added to the gap
    duration refused_for{};  // the longest time in which attempts failed and none was answered
  };
  report stop();
  int answered() const { return answered_; }  // so far

 private:
  class attempts;
  void run(const host& where, const endpoint& to, duration every, duration patience);
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  report report_;
  std::thread thread_;
};

}  // namespace holdfast::lab
