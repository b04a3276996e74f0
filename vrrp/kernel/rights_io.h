// What the agent asks of the system for itself: memory that isn't paged out, a place before other processes, and as few
// rights as it can do its work with. Decides nothing.
#pragma once

#include <string>
#include <vector>

namespace holdfast {

struct process_wishes {
  bool lock_memory = true;
  bool realtime = true;    // SCHED_FIFO at the lowest priority; children that it starts don't inherit it
  bool holds_key = false;  // no core files, and nobody of the same user may look into our memory
  std::string user = {};   // whose we become; "" = we stay who we are
  std::string group = {};  // that we join, if it exists and we are root; "" = none
};

// Both below are called at start, in this order, while there is one thread: they are the calling thread's, and only
// threads that it starts later have them, too.

// A sentence for each wish that the system doesn't grant: the agent works without.
std::vector<std::string> settle_in(const process_wishes& wishes);

// Becomes the user and keeps no rights but CAP_NET_ADMIN and CAP_NET_RAW, as far as it has them, for good: nothing that
// it starts can have more. Throws std::runtime_error when it isn't to be had.
void drop_rights(const process_wishes& wishes);

}  // namespace holdfast
