#include "balancer/show/refusals.h"

namespace holdfast {

std::optional<std::string> refusals::say(const pool& p, instant now) {
  if (last_ && now - *last_ < 60s) return std::nullopt;
  std::string line;
  for (std::size_t i = 0; i < refusal_counters.size(); ++i) {
    const auto& [word, counter] = refusal_counters.at(i);
    const std::uint64_t count = ((*p.live).*counter).load(std::memory_order_relaxed);
    const std::uint64_t before = std::exchange(told_.at(i), count);
    if (count > before) line += ' ' + std::string(word) + '=' + std::to_string(count - before);
  }
  if (line.empty()) return std::nullopt;
  last_ = now;
  return "service=" + p.policy.name + line;
}

std::optional<std::string> forgotten_clients::say(const pool& p, instant now, unix_ms steady) {
  const std::uint64_t count = p.clients->recent_evictions();
  if (count == told_) return std::nullopt;
  if (!due_) due_ = now + 1min;  // so that it says how many they are
  if (now < *due_) return std::nullopt;
  due_ = now + 1h;
  return "service=" + p.policy.name + " clients_forgotten=" + std::to_string(count - std::exchange(told_, count)) +
         " clients_max=" + std::to_string(p.clients->capacity()) +
         " would_hold=" + std::to_string(p.clients->would_hold(steady));
}

}  // namespace holdfast
