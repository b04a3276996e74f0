#include "balancer/loop/heartbeat_io.h"

#include <algorithm>

#include "base/local_socket_io.h"

namespace holdfast {

heartbeat::heartbeat(unsigned worker) : beat_(encode(beat{.worker = static_cast<std::uint16_t>(worker)})) {}

void heartbeat::attach(descriptor agent, instant now) {
  beat_now(now);  // drops who has gone
  if (agents_.size() == agents_.capacity()) agents_.erase(agents_.begin());
  agents_.push_back(std::move(agent));
  beat_now(now);
}

void heartbeat::beat_if_due(instant now) {
  if (!agents_.empty() && now >= next_) beat_now(now);
}

std::optional<instant> heartbeat::due() const { return agents_.empty() ? std::nullopt : std::optional(next_); }

// An agent that does not read has enough of our beats to read later: this one is not missed.
void heartbeat::beat_now(instant now) {
  const auto gone = [this](const descriptor& agent) { return post_packet(agent.get(), beat_) == posted::ended; };
  agents_.erase(std::remove_if(agents_.begin(), agents_.end(), gone), agents_.end());
  next_ = now + beat_interval;
}

}  // namespace holdfast
