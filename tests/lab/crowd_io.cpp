#include <algorithm>
#include <random>

#include "base/clock_io.h"
#include "tests/lab/clients.h"

namespace holdfast::lab {

answers ask_all(const host& where, const std::vector<address>& clients, const endpoint& to, unsigned seed) {
  std::vector<address> order = clients;
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  answers who;
  for (const address& client : order) who[client] = ask(where, client, to);
  return who;
}

std::map<std::string, int> count_by_server(const answers& who) {
  std::map<std::string, int> count;
  for (const auto& [client, server] : who) ++count[server];
  return count;
}

int differences(const answers& before, const answers& after) {
  return static_cast<int>(std::count_if(before.begin(), before.end(), [&](const auto& one) {
    const auto now = after.find(one.first);
    return now == after.end() || now->second != one.second;
  }));
}

prober::prober(const host& where, const address& from, const endpoint& to, duration pause)
    : thread_([this, &where, from, to, pause] { run(where, from, to, pause); }) {}

prober::~prober() { stop(); }

prober::report prober::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  report_.asked = asked_;
  return report_;
}

void prober::run(const host& where, address from, const endpoint& to, duration pause) {
  instant last_success = monotonic_now();
  while (!stopping_) {
    const bool well = ask(where, from, to).front() != '(';
    ++asked_;
    const instant done = monotonic_now();
    if (well) {
      report_.longest_gap = std::max(report_.longest_gap, done - last_success);
      last_success = done;
    } else {
      ++report_.failed;
    }
    std::this_thread::sleep_for(pause);
    report_.lateness = std::max(report_.lateness, monotonic_now() - done - pause);
  }
}

}  // namespace holdfast::lab
