#include "vrrp/kernel/instance.h"

namespace holdfast {

std::string instance::name() const {
  return std::string(ipv6 ? "hf6-" : "hf4-") + std::to_string(id) + '-' + std::to_string(parent);
}

mac_address instance::mac() const { return {0x00, 0x00, 0x5e, 0x00, static_cast<std::uint8_t>(ipv6 ? 2 : 1), id}; }

std::string setting_path(const std::string& interface, std::string_view which) {
  const std::size_t slash = which.find('/');
  return "/proc/sys/net/" + std::string(which.substr(0, slash)) + "/conf/" + interface +
         std::string(which.substr(slash));
}

bool is_instance(const link_state& found, const instance& wanted) {
  return found.kind == "macvlan" && found.parent == wanted.parent && found.mac == wanted.mac();
}

std::optional<instance> instance_of(const link_state& link) {
  if (link.name.size() < 4) return std::nullopt;
  const instance out{.parent = link.parent, .id = link.mac[5], .ipv6 = link.name[2] == '6'};
  if (link.name != out.name() || !is_instance(link, out)) return std::nullopt;
  return out;
}

}  // namespace holdfast
