// A stranger on the front switch who sends adverts, well formed or not, at a steady rate.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/lab/lab.h"

namespace holdfast::lab {

using packet = std::vector<std::uint8_t>;  // what follows the IP header

// A VRRPv3 advert for 192.0.2.80 from `source`, with the checksum that RFC 9568 wants in IPv4.
packet forged_advert(int vrid, int priority, duration interval);

// Variations of it of which none is a valid advert of the VRID: cut short, wrong in type, version, checksum, count,
// random. `seed` repeats them.
std::vector<packet> malformed(int vrid, int count, unsigned seed = 1);

class storm {
 public:
  // From the host's own address to 224.0.0.18 with a TTL of 255, one after the other and again, until stopped.
  storm(const host& from, std::vector<packet> packets, int per_second);
  ~storm();
  storm(const storm&) = delete;
  storm& operator=(const storm&) = delete;
  int sent() const { return sent_; }

 private:
  void run(const std::vector<packet>& packets, int per_second);
  descriptor fd_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> sent_ = 0;
  std::thread thread_;
};

}  // namespace holdfast::lab
