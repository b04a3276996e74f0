// Pools for tests: servers web0, web1, ... at 10.0.1.N:80, all usable.
#pragma once

#include <memory>
#include <string>

#include "balancer/choice/pick.h"
#include "balancer/choice/pool.h"

namespace holdfast {

inline instant at(duration since_start) { return instant(1h + since_start); }
inline unix_ms wall_at(duration since_start) {
  constexpr unix_ms start = 1'700'000'000'000;
  return start + static_cast<unix_ms>(since_start / 1ms);
}

inline server made_server(const std::string& name, server_id id) {
  server made;
  made.name = made.identity = name;
  made.id = id;
  made.identity_hash = made.host_hash = identity_hash(name);
  made.usable = true;
  made.where = {.host = address::v4(0x0a000100 + id), .port = 80, .path = ""};
  made.permits = std::make_shared<const acl>();
  made.live = std::make_shared<server_live>();
  return made;
}

inline service_settings service_called(const std::string& name) {
  service_settings s;
  s.name = name;
  return s;
}

inline pool made_pool(std::size_t servers, const service_settings& policy = {}) {
  pool made;
  made.policy = policy;
  for (std::size_t i = 0; i < servers; ++i) {
    made.servers.push_back(made_server("web" + std::to_string(i), static_cast<server_id>(i + 1)));
  }
  made.client_acl = std::make_shared<const acl>();
  made.clients = std::make_shared<client_table>(policy.clients_max, 1);
  for (const server& s : made.servers) made.clients->know(s.id, s.identity_hash);
  made.live = std::make_shared<service_live>();
  made.index();
  return made;
}

inline client_facts made_client(std::uint32_t number, std::optional<server_id> remembered = std::nullopt) {
  return {.from = address::v4(0x0a020000 + number),
          .port = static_cast<std::uint16_t>(1024 + number % 60000),
          .country_code = std::nullopt,
          .remembered = remembered};
}

inline std::shared_ptr<const acl> only(const char* network, bool permit) {
  return std::make_shared<const acl>(acl_rules{{permit, *prefix::parse(network)}});
}

}  // namespace holdfast
