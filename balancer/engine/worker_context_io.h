// What the parts of one worker share.
#pragma once

#include <functional>

#include "balancer/choice/pools.h"
#include "balancer/flow/worker_messages.h"
#include "balancer/loop/heartbeat_io.h"
#include "balancer/loop/poller_io.h"
#include "balancer/loop/time_slice_io.h"
#include "balancer/sockets/descriptor_budget.h"
#include "balancer/sockets/spare_descriptor_io.h"
#include "base/clock_io.h"

namespace holdfast {

struct worker_context {
  worker_context(unsigned n, instant start, unix_ms steady_start, std::function<bool(worker_report&)> r,
                 descriptor_budget& f)
      : number(n), now(start), steady(steady_start), files(f), pulse(n), report(std::move(r)) {}

  unsigned number;
  instant now;     // as of the last breath
  unix_ms steady;  // steady_ms(), read once a turn
  poller sockets;
  pools known;
  descriptor_budget& files;
  spare_descriptor spare;
  heartbeat pulse;
  worker_live live;
  std::shared_ptr<const country_database> countries;
  std::function<bool(worker_report&)> report;
  std::uint32_t stamps = 0;

  // Between the parts of a turn, which take some milliseconds each at most: the clock is read, and a heartbeat that is
  // due goes out.
  void breathe() {
    now = coarse_now();
    pulse.beat_if_due(now);
  }

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
