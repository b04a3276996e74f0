// The names and addresses of the interfaces that virtual MACs have (RFC 9568, 7.3), and how ours are told from others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vrrp/front/link_facts.h"

namespace holdfast {

struct instance {
  int parent = 0;  // index of the interface
  std::uint8_t id = 0;
  bool ipv6 = false;

  std::string name() const;  // "hf4-51-2": id 51 on the interface 2, for IPv4
  mac_address mac() const;
  bool operator==(const instance&) const = default;
};

// The file of an interface's setting: "ipv4/arp_ignore".
std::string setting_path(const std::string& interface, std::string_view which);

// Whether that link, which has its name, is it.
bool is_instance(const link_state& found, const instance& wanted);

// None: that link is none of ours.
std::optional<instance> instance_of(const link_state& link);

}  // namespace holdfast
