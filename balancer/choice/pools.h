// The pools a worker uses: the newest of each service, and the former ones until their last flow has ended.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "balancer/choice/pool.h"

namespace holdfast {

// One pool in use by one worker.
struct pool_use {
  std::shared_ptr<const pool> what;
  std::uint32_t flows = 0;
  std::uint32_t pending = 0;  // connects under way
  std::uint32_t peeking = 0;  // flows that wait for their client's first bytes
  bool newest = true;
};

class pools {
 public:
  void adopt(std::shared_ptr<const pool> what);  // in place of its service's newest
  void forget(std::uint32_t service);            // no new flows

  pool_use* newest(std::uint32_t service);  // null when unknown; valid until the service is adopted or forgotten

  // A flow has begun or ended; a use stays where it is between the two.
  void begin(pool_use& use) { ++use.flows; }
  void end(pool_use& use);

 private:
  void retire(std::unique_ptr<pool_use> use);

  std::unordered_map<std::uint32_t, std::unique_ptr<pool_use>> newest_;
  std::vector<std::unique_ptr<pool_use>> former_;
};

}  // namespace holdfast
