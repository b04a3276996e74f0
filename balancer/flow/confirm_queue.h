// The replies of one worker that wait until a peer knows where their clients have gone. Knows neither flows nor peers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "balancer/table/replication_watermark.h"

namespace holdfast {

inline constexpr duration confirm_patience = std::chrono::milliseconds(20);  // what a reply waits at most
inline constexpr std::size_t max_waiting_replies = 4096;                     // of one worker

// One a worker, on its thread. Decides and counts what becomes of each reply. A reply whose flow ends meanwhile is left
// here until its time has come.
class confirm_queue {
 public:
  struct reply {
    std::uint32_t slot = 0;  // of its flow
    std::uint64_t id = 0;    // likewise
    stamp assigned = 0;      // when the client got its server
    bool operator==(const reply&) const = default;
  };

  explicit confirm_queue(unsigned worker) : worker_(worker) {}

  // False: it need not wait.
  bool add(const std::shared_ptr<replication_watermark>& of, const reply& what, instant now);

  // Those that wait no longer. To be asked whenever the worker was woken, and at due(). Valid until the next call.
  const std::vector<reply>& take(instant now);

  bool empty() const { return size_ == 0; }
  std::optional<instant> due() const;  // when patience ends first

 private:
  struct waiting {
    reply what;
    instant since;
  };
  struct lane {  // of one table; all have the same patience, so the first comes first
    std::shared_ptr<replication_watermark> of;
    std::vector<waiting> all;
    stamp oldest = 0;
  };

  lane& lane_of(const std::shared_ptr<replication_watermark>& of);
  void announce(lane& l) const;
  void sweep(lane& l, instant now);
  bool decided(replication_watermark& of, const waiting& w, instant now, bool& slow) const;

  unsigned worker_;
  std::size_t size_ = 0;
  std::vector<lane> lanes_;
  std::vector<reply> taken_;
};

}  // namespace holdfast
