#include <algorithm>
#include <thread>

#include "base/clock_io.h"
#include "cli/language/words.h"
#include "cli/procedures/procedures_io.h"

namespace holdfast {

namespace {

constexpr duration between_looks = std::chrono::milliseconds(100);

// Connections to the server, summed over the services that were meant; none: no row is about it.
std::optional<std::uint64_t> connections_to(const std::string& server, const reply& servers) {
  std::optional<std::uint64_t> sum;
  for (const reply_table& table : servers.tables) {
    const auto column = [&](std::string_view name) {
      const auto is = [&](const auto& c) { return c.name == name; };
      return static_cast<std::size_t>(std::find_if(table.columns.begin(), table.columns.end(), is) -
                                      table.columns.begin());
    };
    const std::size_t name = column("name"), connections = column("connections");
    for (const auto& row : table.rows) {
      if (std::max(name, connections) >= row.size() || row[name] != boost::json::value(server)) continue;
      sum = sum.value_or(0) + row[connections].to_number<std::uint64_t>();
    }
  }
  return sum;
}

}  // namespace

procedure_outcome drain_and_wait(const daemons& of, const say::drain_and_wait& e) {
  const instant begun = monotonic_now();
  if (const auto drained = of.tell_balancer("server " + e.name + " drain"); !drained) return drained.error();
  while (true) {
    const auto seen = of.tell_balancer("servers");
    if (!seen) return seen.error();
    const auto left = connections_to(e.name, *seen);
    if (!left) return refused("server " + e.name + " is no more");
    const duration waited = monotonic_now() - begun;
    if (*left == 0) {
      reply done;
      done.message = "server " + e.name + " is drained: no connection is left";
      return done;
    }
    if (e.timeout && waited >= *e.timeout) {
      return refused("server " + e.name + " has " + std::to_string(*left) + " connections left after " +
                     print_time(*e.timeout));
    }
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace holdfast
