#include "cli/settings/settings.h"

#include <algorithm>

namespace holdfast {

std::string server_settings::identity() const {
  const bool number = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return name;
  if (!where.path.empty()) return where.path;
  return where.host.empty() ? name : where.host + ':' + where.port;
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

}  // namespace holdfast
