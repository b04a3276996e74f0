// How the nodes come to agree on servers: from our pools to what the others are told, and from what they tell to what
// is to be done here. Does nothing of it, and knows no channel.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/cluster/server_states.h"
#include "balancer/show/answers.h"

namespace holdfast {

class server_agreement {
 public:
  // clock: outlives it.
  explicit server_agreement(hybrid_clock& clock) : states_(clock) {}

  // What the others are to be told of our servers as they are now.
  std::vector<sync_server_state> news(pool_list pools, instant now, unix_ms steady);

  // What another node's word comes to here; in this order.
  struct outcome {
    const server* about = nullptr;             // of the pool; null: we have no such server, and all is empty
    std::optional<instant> blacklisted_until;  // it can't be had there, and nobody here looks
    std::optional<sync_server_state> counts;   // from now on; those who connect later are told
    std::optional<duration> aside;             // it is to be set aside so long; 0: chosen again
    std::optional<settings> wanted;            // weight or drain are to be others
  };
  // of: the pool of its service, null = there is none. current: the settings.
  outcome hear(const sync_server_state& told, const pool* of, const settings& current, instant now, unix_ms steady);

  // Heard while nothing may be changed here: the last word of each server, to be heard then.
  void postpone(const sync_server_state& told);
  std::vector<sync_server_state> take_postponed();

 private:
  server_states states_;
  std::map<std::string, sync_server_state> postponed_;  // by service and identity
};

}  // namespace holdfast
