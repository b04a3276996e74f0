// Asks a node whether it knows a client, again and again until it does: from outside, over its control socket. A
// thread of its own, one client at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace holdfast::bench {

using steady = std::chrono::steady_clock;

struct question {
  std::string socket;  // path
  std::string line;    // '@' stands for the client's address
  std::string known;   // what an answer contains if, and only if, the client is known
};

struct finding {
  std::uint32_t client = 0;    // its address, in host order
  steady::time_point last_no;  // when the last question was put that had the answer no; none: {}
  steady::time_point yes;      // when the first yes was heard; none within a second: {}
};

class asker {
 public:
  explicit asker(question what);

  bool idle() const { return wanted_.load(std::memory_order_acquire) == 0; }
  void look_for(std::uint32_t client) { wanted_.store(client, std::memory_order_release); }  // only while idle

  // Ends it. Throws std::runtime_error when the node could not be asked.
  std::vector<finding> finish();

 private:
  void run(const std::stop_token& stop);
  bool knows(std::uint32_t client) const;

  question what_;
  std::vector<finding> found_;
  std::string trouble_;
  std::atomic<std::uint32_t> wanted_ = 0;
  std::jthread thread_;  // the last to come and the first to go
};

std::string dotted(std::uint32_t host);

}  // namespace holdfast::bench
