// Connects to a place again and again, to see how long nobody could: what a failover costs whoever comes anew.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct probe_report {
  std::uint64_t tries = 0;
  std::uint64_t failed = 0;  // refused, or not connected within a second
  duration longest_gap{};    // between one success and the next, or the end
};

// A TCP connection every 5 ms, closed as soon as it stands; a thread of its own from the first to stop().
class prober {
 public:
  static constexpr duration every = std::chrono::milliseconds(5);
  static constexpr duration given_up = std::chrono::seconds(1);

  explicit prober(const std::optional<place>& where);  // none, or a name that can't be found: does nothing
  ~prober();
  prober(const prober&) = delete;
  prober& operator=(const prober&) = delete;

  bool reached() const { return reached_; }  // a connection has stood; any thread
  probe_report stop();                       // once

 private:
  void run();

  sockaddr_storage to_{};
  socklen_t length_ = 0;
  std::atomic<bool> reached_ = false;
  std::atomic<bool> stopping_ = false;
  probe_report report_;
  std::thread thread_;
};

}  // namespace holdfast
