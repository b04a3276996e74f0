// What the parts of one worker share.
#pragma once

#include <functional>

#include "balancer/choice/pools.h"
#include "balancer/loop/file_room.h"
#include "balancer/loop/poller_io.h"
#include "balancer/loop/spare_io.h"
#include "balancer/loop/worker_io.h"

namespace holdfast {

struct workbench {
  workbench(unsigned n, instant start, unix_ms wall_start, std::function<bool(worker_report&)> r, file_room& f)
      : number(n), now(start), wall(wall_start), files(f), report(std::move(r)) {}

  unsigned number;
  instant now;   // read once a turn
  unix_ms wall;  // likewise
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
