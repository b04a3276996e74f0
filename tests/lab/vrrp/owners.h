// Whose an IPv4 address is, as a neighbour finds out: he asks by ARP each few milliseconds, and whoever answers has it.
// From a thread of its own until stopped.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

using hardware_address = std::array<std::uint8_t, 6>;

hardware_address hardware_of(const host& machine);  // of its eth0

class owners {
 public:
  // `mine` is an address of the host that asks, at its eth0.
  owners(const host& where, const address& mine, const address& asked, duration every = std::chrono::milliseconds(10));
  ~owners();
  owners(const owners&) = delete;
  owners& operator=(const owners&) = delete;

  struct answer {
    instant when;
    hardware_address from{};
  };
  std::vector<answer> stop();
  int answered() const { return answered_; }  // so far

 private:
  void run(const address& mine, const address& asked, duration every);
  descriptor fd_;
  hardware_address own_{};
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answered_ = 0;
  std::vector<answer> answers_;
  std::thread thread_;
};

}  // namespace holdfast::lab
