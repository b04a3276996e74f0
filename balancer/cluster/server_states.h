// What operators have said of servers, on this node and on others: of each server the later word counts, by the hybrid
// clock, whichever node's wall clock is ahead.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sync/message.h"

namespace holdfast {

class server_states {
 public:
  // clock: outlives it.
  explicit server_states(hybrid_clock& clock) : clock_(clock) {}

  // How a server is here now (`said` doesn't count): what the others are to be told of it, none = they know. If weight,
  // drain or being set aside is another than we knew, our operator has said so now.
  std::optional<sync_server_state> look(sync_server_state is, unix_ms now);

  // Another node tells of a server. What counts from now on, and is told on, if that node's operator has said something
  // later than all that we know; `up`: whether it is, as we see it.
  std::optional<sync_server_state> take(sync_server_state told, bool up, unix_ms now);

 private:
  hybrid_clock& clock_;
  std::map<std::pair<std::string, std::string>, sync_server_state> known_;  // by service and identity
};

}  // namespace holdfast
