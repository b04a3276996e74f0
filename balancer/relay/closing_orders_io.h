// Orders to close connections, carried out piece by piece: a connection that has come since is not meant.
#pragma once

#include <deque>

#include "balancer/flow/worker_messages.h"
#include "balancer/relay/connection_io.h"

namespace holdfast {

class closing_orders {
 public:
  using ending = std::function<void(connection&, close_reason)>;

  // newest: the id of the connection that has come last.
  void add(const close_flows& which, std::uint64_t newest);
  void add(const close_silent& which, std::uint64_t newest);
  void add_all(std::uint64_t newest);

  bool empty() const { return orders_.empty(); }

  // Within a slice of time.
  void carry_out_some(connections& all, const ending& end);

 private:
  struct order {
    std::optional<close_flows> which;  // none: all
    close_reason why;
    std::uint64_t newest;
    std::optional<bool> silent = {};  // close_silent::closes
    std::uint32_t cursor = 0;         // of the slab
  };

  static bool is_meant(const connection& c, const order& o);
  static bool is_silent(connection& c);

  std::deque<order> orders_;
};

}  // namespace holdfast
