// Secrets that all nodes must have: whoever is active makes them, so that there is one who does, and the others take
// what they hear. Makes no random bytes and knows no channel.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sync/message.h"

namespace holdfast {

class cluster_secrets {
 public:
  static constexpr unix_ms life = 12 * 3'600'000;  // ms

  struct wanted {
    std::string name;
    std::size_t size;  // bytes
  };

  // clock: outlives it.
  explicit cluster_secrets(hybrid_clock& clock) : clock_(clock) {}

  // Those that an active node is to make now: nobody has made them yet, or too long ago.
  std::vector<wanted> due(unix_ms now) const;

  // We have made one: what the others are to be told.
  sync_secret made(const std::string& name, secret_bytes bytes, unix_ms now);

  // Another node has: the later counts.
  void take(const sync_secret& told, unix_ms now);

  const std::map<std::string, sync_secret>& all() const { return all_; }  // by name

 private:
  hybrid_clock& clock_;
  std::map<std::string, sync_secret> all_;
};

}  // namespace holdfast
