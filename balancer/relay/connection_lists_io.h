// Lists of connections that somebody asked for, made piece by piece.
#pragma once

#include <deque>
#include <vector>

#include "balancer/flow/worker_messages.h"
#include "balancer/loop/time_slice_io.h"
#include "balancer/relay/connection_io.h"

namespace holdfast {

class connection_lists {
 public:
  void add(list_connections order) { lists_.push_back({.order = std::move(order), .left = {}}); }
  bool empty() const { return lists_.empty(); }

  // Within a slice of time; a list that is complete is handed over.
  void make_some(connections& all, instant now);

 private:
  struct listed {
    instant moved;
    std::uint32_t slot = 0;
    std::uint64_t id = 0;
  };
  struct list {
    list_connections order;
    std::uint32_t cursor = 0;
    bool chosen = false;       // all have been looked at
    std::vector<listed> left;  // to be made rows of
    std::vector<connection_row> rows = {};
  };

  static bool choose_some(list& l, connections& all, instant now, time_slice& time);

  std::deque<list> lists_;
};

}  // namespace holdfast
