// How many descriptors clients may still have. Some are kept back for control sockets, checks and logs, so that a full
// balancer can be asked and looks after its servers. Counted, not asked for: it costs no system call. Knows no
// descriptor.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace holdfast {

inline constexpr std::int64_t files_of_client = 2;  // its socket, and the one towards its server
inline constexpr std::int64_t max_clients_at_once = 4'000'000;

// Any thread.
class descriptor_budget {
 public:
  // limit: of open files of the process.
  explicit descriptor_budget(std::uint64_t limit)
      : kept_(32 + static_cast<std::int64_t>(std::min<std::uint64_t>(limit / 16, 1024))),
        all_(static_cast<std::int64_t>(std::min<std::uint64_t>(limit, std::uint64_t{1} << 40)) - kept_),
        left_(all_) {}

  // False: so many would not leave `leaving` of them.
  bool take(std::int64_t count, std::int64_t leaving = 0) {
    if (left_.fetch_sub(count, std::memory_order_relaxed) >= count + leaving) return true;
    give_back(count);
    return false;
  }
  void hold(std::int64_t count) { left_.fetch_sub(count, std::memory_order_relaxed); }  // whether there is room or not
  void give_back(std::int64_t count) { left_.fetch_add(count, std::memory_order_relaxed); }

  std::int64_t kept() const { return kept_; }

  // At least 1: there may be fewer descriptors than are kept back.
  std::uint32_t clients() const {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(all_ / files_of_client, 1, max_clients_at_once));
  }

  // What must be left after one has been taken for mere speed.
  std::int64_t comfort() const { return std::min<std::int64_t>(all_ / 4 * 3, 4096); }

 private:
  std::int64_t kept_, all_;
  std::atomic<std::int64_t> left_;
};

}  // namespace holdfast
