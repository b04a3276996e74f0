// What the workers and the sync thread share of one client table: whether a peer follows it, how far, and which workers
// wait for that. Without a lock: neither waits for the other here. Knows no peer and no table.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/machine.h"
#include "sync/stamp.h"

namespace holdfast {

enum class following : std::uint8_t {
  off,      // nobody is to be told, and nobody is missed
  alone,    // no peer follows the table, though one should
  loosely,  // one does, and replies don't wait for it
  closely,  // one does, and the first bytes of a reply wait for its confirmation
};

enum class confirmation : std::uint8_t { wait, confirmed, no_peer, given_up };

// How long replies have waited: bucket 0 for not at all, n for 2^(n-1) us and more, the last for all that is beyond.
inline constexpr std::size_t wait_buckets = 16;
std::size_t wait_bucket(duration waited);

// Relaxed; of replies to clients whose server no peer was known to know.
struct confirm_counters {
  std::atomic<std::uint64_t> confirmed{0};  // a peer knew of it when the reply went out
  std::atomic<std::uint64_t> timed_out{0};  // none did, though the reply had waited
  std::atomic<std::uint64_t> no_peer{0};    // there was none to wait for
  std::atomic<std::uint64_t> unwaited{0};   // not waited for: a time-out before, or too many that wait
  std::array<std::atomic<std::uint64_t>, wait_buckets> waits{};  // of those confirmed and timed out
};

class replication_watermark {
 public:
  // wake_up: the sync thread is to look at the table; called by workers. wake: worker 0 .. workers - 1 is to look at
  // its waiting replies; called by the sync thread. Neither may block.
  replication_watermark(unsigned workers, std::function<void()> wake_up, std::function<void(unsigned worker)> wake);

  // The sync thread alone, and only while the workers live.
  void follow(following how);
  void confirm(stamp upto);  // a following peer has merged all of ours up to there; less than before changes nothing
  bool take_news();          // a client was here since the last call; ask before the table is read

  // A worker: a client of the table has reached its server, which it got at `assigned`; fresh: only now. True: its
  // reply waits until that is confirmed. So does the second connection of a client whose first one waits yet.
  bool settled(stamp assigned, bool fresh);
  confirmation ask(stamp when) const;  // is an assignment of that time confirmed?
  // A worker that waits announces the oldest that it waits for (0 = none), then asks again: or it might miss the news.
  void announce(unsigned worker, stamp oldest);
  void give_up();  // too slow: from here on nobody waits, until something more is confirmed
  void count(confirmation what, duration waited);
  void count_time_out(duration waited);

  // Anybody.
  following how() const { return how_.load(std::memory_order_relaxed); }
  stamp confirmed() const { return confirmed_.load(std::memory_order_relaxed); }
  const confirm_counters& counters() const { return counters_; }

 private:
  std::function<void()> wake_up_;
  std::function<void(unsigned)> wake_;
  std::atomic<following> how_{following::off};
  std::atomic<bool> news_{false};
  std::atomic<bool> urgent_{false};  // news of a fresh one: the sync thread has been woken up
  std::atomic<stamp> confirmed_{0};
  std::atomic<stamp> given_up_at_;           // what was confirmed when somebody gave up
  std::vector<std::atomic<stamp>> awaited_;  // the oldest that each worker waits for
  confirm_counters counters_;
};

}  // namespace holdfast
