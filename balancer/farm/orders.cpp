#include "balancer/farm/orders.h"

#include <algorithm>
#include <tuple>

namespace holdfast {

namespace {

const server_settings* find(const settings& in, const std::string& service, const std::string& server) {
  const auto of = in.services.find(service);
  if (of == in.services.end()) return nullptr;
  const auto& all = of->second.servers;
  const auto one = std::find_if(all.begin(), all.end(), [&](const server_settings& s) { return s.name == server; });
  return one == all.end() ? nullptr : &*one;
}

// What an operator says of a server that stays the same server.
auto ordered(const server_settings& s) { return std::tie(s.drain, s.weight, s.prio, s.max, s.hard); }

}  // namespace

settings with_orders(settings again, const settings& before, const settings& running) {
  for (auto& [service, of] : again.services) {
    for (server_settings& s : of.servers) {
      const server_settings* former = find(before, service, s.name);
      const server_settings* now = find(running, service, s.name);
      if (former == nullptr || now == nullptr) continue;
      const auto keep = [&](auto member) {
        if (s.*member == former->*member) s.*member = now->*member;
      };
      keep(&server_settings::drain);
      keep(&server_settings::weight);
      keep(&server_settings::prio);
      keep(&server_settings::max);
      keep(&server_settings::hard);
    }
  }
  return again;
}

std::vector<std::string> ordered_servers(const settings& file, const settings& running) {
  std::vector<std::string> all;
  for (const auto& [service, of] : running.services) {
    for (const server_settings& s : of.servers) {
      const server_settings* said = find(file, service, s.name);
      if (said != nullptr && ordered(*said) != ordered(s)) all.push_back(service + '/' + s.name);
    }
  }
  return all;
}

}  // namespace holdfast
