// What the parts of one worker share.
#pragma once

#include <functional>

#include "balancer/choice/pools.h"
#include "balancer/flow/worker_messages.h"
#include "balancer/loop/poller_io.h"
#include "balancer/sockets/file_room.h"
#include "balancer/sockets/spare_io.h"
#include "base/clock_io.h"

namespace holdfast {

// How long a loop may go on in one turn. It begins when it is first asked, so that a loop without work costs nothing.
class time_slice {
 public:
  explicit time_slice(duration length) : length_(length) {}
  bool over() {
    const instant now = monotonic_now();
    if (ends_ == instant()) ends_ = now + length_;
    return now >= ends_;
  }

 private:
  duration length_;
  instant ends_{};
};

inline constexpr duration slice = std::chrono::milliseconds(1);       // of a loop that looks after many
inline constexpr duration bulk_slice = std::chrono::milliseconds(3);  // of those that move bytes without end

struct workbench {
  workbench(unsigned n, instant start, unix_ms steady_start, std::function<bool(worker_report&)> r, file_room& f)
      : number(n), now(start), steady(steady_start), files(f), report(std::move(r)) {}

  unsigned number;
  instant now;     // read once a turn
  unix_ms steady;  // likewise: steady_ms()
  poller sockets;
  pools known;
  file_room& files;
  spare_descriptor spare;
  worker_live live;
  std::shared_ptr<const country_database> countries;
  std::function<bool(worker_report&)> report;
  std::uint32_t stamps = 0;

  // A client has come or gone; its descriptors have been taken by the acceptor, and are given back here.
  void client_came() { live.connections.store(connections() + 1, std::memory_order_relaxed); }
  void client_gone() {
    live.connections.store(connections() - 1, std::memory_order_relaxed);
    files.give_back(files_of_client);
  }
  std::uint32_t connections() const { return live.connections.load(std::memory_order_relaxed); }  // nobody else writes

  // A stamp that no descriptor of the same slot has had lately. Never 0.
  std::uint32_t next_stamp() {
    stamps = stamps % ticket::stamps + 1;
    return stamps;
  }
};

}  // namespace holdfast
