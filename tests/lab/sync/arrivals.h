// Clients who come to the virtual addresses at a steady rate, thousands in a second: each asks once over HTTP, from its
// own address, and notes who answered. What came of it is told as in clients.h: a name, or the trouble in brackets;
// "(half)" is a reply of which a byte came, but not all.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "tests/lab/clients.h"

namespace holdfast::lab {

class arrivals {
 public:
  static constexpr duration patience = std::chrono::seconds(3);  // of a client

  // They come in this order, from now on. `where` owns their addresses.
  arrivals(const host& where, std::vector<address> clients, int per_second);
  ~arrivals() { stop(); }
  arrivals(const arrivals&) = delete;
  arrivals& operator=(const arrivals&) = delete;

  answers wait();                       // until all have come, and have an answer or have given up
  answers stop();                       // nobody comes any more; the same of those who have
  int begun() const { return begun_; }  // so many have come so far

 private:
  void run(const host& where, const std::vector<address>& clients, int per_second);
  std::atomic<bool> stopping_ = false;
  std::atomic<int> begun_ = 0;
  answers told_;  // the thread's, until it has ended
  std::thread thread_;
};

// Those of them who got at least a byte of a reply: whoever holds one has a server.
std::vector<address> served(const answers& all);

// Did those who have a server meet it again?
struct loyalty {
  int clients = 0;  // who had a server
  int stayed = 0;
  double percent() const { return clients == 0 ? 0 : 100.0 * stayed / clients; }
  bool whole() const { return clients > 0 && stayed == clients; }
  loyalty& operator+=(const loyalty& more);
};
loyalty compare(const answers& before, const answers& after);

// Up to ten of those who did not, "10.9.0.7 s1 -> s2".
std::string strays(const answers& before, const answers& after);

}  // namespace holdfast::lab
