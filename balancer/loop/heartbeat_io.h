// A worker's heartbeat: a message to every agent each beat_interval, sent from the worker's own loop, so that it can't
// be heard of a worker that hangs.
#pragma once

#include "base/descriptor_io.h"
#include "base/vocabulary.h"

namespace holdfast {

inline constexpr std::size_t most_agents = 4;  // at once

class heartbeat {
 public:
  explicit heartbeat(unsigned worker);  // its number, below most_beating_workers

  // Beats for it at once, and until nobody is at its other end. A fifth takes the place of the first.
  void attach(descriptor agent, instant now);

  void beat_if_due(instant now);

  // None while nobody listens.
  std::optional<instant> due() const;

 private:
  void beat_now(instant now);

  packet beat_;
  instant next_;
  boost::container::static_vector<descriptor, most_agents> agents_;
};

}  // namespace holdfast
