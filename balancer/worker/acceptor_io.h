// Lets clients in: the listeners of one worker, and why they wait at times. Never spins: what waits is looked at again
// once a turn, and a turn lasts at most `tick` while something waits.
#pragma once

#include <functional>
#include <vector>

#include "balancer/engine/worker_context_io.h"
#include "balancer/sockets/socket_io.h"

namespace holdfast {

class acceptor {
 public:
  static constexpr duration tick = std::chrono::milliseconds(10);

  // Called for each client, with the place it takes in its service, and its descriptors, already counted.
  using welcome = std::function<void(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use)>;

  acceptor(worker_context& context, welcome let_in);

  void open(open_listener order);
  void close(std::uint32_t listener);  // those who wait already are let in first, as far as there is room
  void renew(std::uint32_t service);   // backlog, and what accepted sockets inherit, after a change of policy
  void close_all();
  bool listens(std::uint32_t service) const;

  void ready(const readiness& r);
  void look_again();  // once a turn
  bool waiting() const { return waiting_ > 0; }

 private:
  struct listener {
    std::uint32_t number = 0;
    std::uint32_t service = 0;
    std::uint32_t stamp = 0;
    descriptor fd;
    endpoint where;
    bool pending = false;  // the kernel may have clients for us
    bool full = false;     // the last look found no room
    instant not_before;    // after trouble
  };

  void let_in(listener& l);
  bool take_place(listener& l, pool_use& use);
  bool take_files(listener& l, pool_use& use);
  static void stop(listener& l, std::atomic<std::uint64_t>& counter);
  bool accept_one(listener& l, pool_use& use);
  void trouble(listener& l, const std::string& why);

  worker_context& context_;
  welcome let_in_;
  std::vector<listener> listeners_;
  std::size_t waiting_ = 0;
  std::size_t first_ = 0;  // another one each turn, so that none is always the last
  instant quiet_until_;    // of reports of trouble
};

}  // namespace holdfast
