#include "cli/settings/settings.h"

#include <algorithm>
#include <charconv>

namespace holdfast {

std::optional<std::uint32_t> slot_of(std::string_view server) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(server.data(), server.data() + server.size(), number);
  const bool whole = error == std::errc{} && end == server.data() + server.size();
  return whole && number < max_servers && server == std::to_string(number) ? std::optional(number) : std::nullopt;
}

bool server_settings::is_empty() const { return where.path.empty() && (where.host.empty() || where.port == "0"); }

std::string server_settings::identity() const {
  const bool number = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number || is_empty()) return name;
  return where.path.empty() ? where.host + ':' + where.port : where.path;
}

std::vector<std::string> service_settings::identities() const {
  std::map<std::string, int> seen;
  std::vector<std::string> out;
  for (const server_settings& s : servers) {
    std::string identity = s.identity();
    const int number = ++seen[identity];
    if (number > 1) identity += ' ' + std::to_string(number);  // no name holds a blank
    out.push_back(std::move(identity));
  }
  return out;
}

service_settings fresh_service(const std::string& name) {
  service_settings made;
  made.name = name;
  if (name != default_service) made.conn_max = 0;
  return made;
}

server_settings* service_settings::find_server(std::string_view wanted) {
  const auto found = std::find_if(servers.begin(), servers.end(), [&](const auto& s) { return s.name == wanted; });
  return found == servers.end() ? nullptr : &*found;
}

server_settings& service_settings::add_server(server_settings made) {
  const auto number = slot_of(made.name);
  const auto greater = [&](const server_settings& s) { return number && slot_of(s.name) > number; };
  return *servers.insert(std::find_if(servers.begin(), servers.end(), greater), std::move(made));
}

bool names_operators(const settings& s) {
  const auto rules = s.acls.find(s.control_acl);
  return rules != s.acls.end() && !rules->second.empty();
}

service_settings::service_settings() = default;
service_settings::service_settings(const service_settings&) = default;
service_settings::service_settings(service_settings&&) noexcept = default;
service_settings& service_settings::operator=(const service_settings&) = default;
service_settings& service_settings::operator=(service_settings&&) noexcept = default;
service_settings::~service_settings() = default;
bool service_settings::operator==(const service_settings&) const = default;

vrrp_settings::vrrp_settings() = default;
vrrp_settings::vrrp_settings(const vrrp_settings&) = default;
vrrp_settings::vrrp_settings(vrrp_settings&&) noexcept = default;
vrrp_settings& vrrp_settings::operator=(const vrrp_settings&) = default;
vrrp_settings& vrrp_settings::operator=(vrrp_settings&&) noexcept = default;
vrrp_settings::~vrrp_settings() = default;
bool vrrp_settings::operator==(const vrrp_settings&) const = default;

settings::settings() = default;
settings::settings(const settings&) = default;
settings::settings(settings&&) noexcept = default;
settings& settings::operator=(const settings&) = default;
settings& settings::operator=(settings&&) noexcept = default;
settings::~settings() = default;
bool settings::operator==(const settings&) const = default;

}  // namespace holdfast
