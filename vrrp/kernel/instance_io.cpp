#include "vrrp/kernel/instance_io.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {

namespace {

struct knob {
  const char* name;
  const char* value;
};

// On the instance, before it comes up. Answers go out by the parent and replies come in here, so the reverse path is
// not to be checked; and a packet may come from an address that is the parent's.
constexpr std::array of_ipv4 = {
    knob{"ipv6/disable_ipv6", "1"}, knob{"ipv4/arp_ignore", "1"},   knob{"ipv4/arp_announce", "2"},
    knob{"ipv4/rp_filter", "0"},    knob{"ipv4/accept_local", "1"},
};

// No address of its own: neither link-local (addr_gen_mode none), nor by router advertisements.
constexpr std::array of_ipv6 = {
    knob{"ipv6/addr_gen_mode", "1"}, knob{"ipv6/accept_ra", "0"},  knob{"ipv6/autoconf", "0"},
    knob{"ipv6/disable_ipv6", "0"},  knob{"ipv4/arp_ignore", "8"},
};

// The parent neither answers ARP for the addresses of its instances, nor names them as the sender when it asks.
constexpr std::array of_parent = {knob{"ipv4/arp_ignore", "1"}, knob{"ipv4/arp_announce", "2"}};

failure because(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

result<void, std::string> turn(const std::string& interface, const knob& k) {
  const std::string_view which = k.name, value = k.value;
  const std::string path = setting_path(interface, which);
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size())) return {};
  if (errno == ENOENT && which == "ipv6/disable_ipv6") return {};  // a kernel without IPv6
  return because("can't set " + path + " to " + k.value);
}

template <class Knobs>
result<void, std::string> turn_all(const std::string& interface, const Knobs& knobs) {
  for (const knob& k : knobs) {
    if (auto turned = turn(interface, k); !turned) return turned;
  }
  return {};
}

netlink_message message_of(int type, int flags, int index, unsigned up = 0) {
  ifinfomsg fixed{};
  fixed.ifi_index = index;
  fixed.ifi_flags = up;
  fixed.ifi_change = up;
  return new_message(type, flags, &fixed, sizeof fixed);
}

netlink_message creation(const instance& wanted) {
  netlink_message out = message_of(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  const mac_address mac = wanted.mac();
  nla_put_string(out.get(), IFLA_IFNAME, wanted.name().c_str());
  nla_put_u32(out.get(), IFLA_LINK, static_cast<std::uint32_t>(wanted.parent));
  nla_put(out.get(), IFLA_ADDRESS, static_cast<int>(mac.size()), mac.data());
  nlattr* info = nla_nest_start(out.get(), IFLA_LINKINFO);
  nla_put_string(out.get(), IFLA_INFO_KIND, "macvlan");
  nlattr* data = nla_nest_start(out.get(), IFLA_INFO_DATA);
  nla_put_u32(out.get(), IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE);
  nla_nest_end(out.get(), data);
  nla_nest_end(out.get(), info);
  return out;
}

// The index of one that is there now, down if it is new.
result<int, std::string> find_or_create(netlink& kernel, const instance& wanted) {
  const std::string name = wanted.name();
  if (const auto found = kernel.find(name)) {
    if (is_instance(*found, wanted)) return found->index;
    const auto removed = kernel.order(message_of(RTM_DELLINK, 0, found->index));
    if (removed.error != 0) return failure{"can't remove interface " + name + ": " + removed.why};
  }
  const auto created = kernel.order(creation(wanted));
  if (created.error != 0) return failure{"can't make interface " + name + ": " + created.why};
  const auto made = kernel.find(name);
  if (!made) return failure{made.error()};
  return made->index;
}

}  // namespace

result<int, std::string> make_instance(netlink& kernel, const instance& wanted) {
  const auto links = kernel.links();
  if (!links) return failure{links.error()};
  const auto parent = std::ranges::find(*links, wanted.parent, &link_state::index);
  if (parent == links->end()) return failure{"there is no interface with index " + std::to_string(wanted.parent)};
  auto index = find_or_create(kernel, wanted);
  if (!index) return index;
  const auto turned = wanted.ipv6 ? turn_all(wanted.name(), of_ipv6) : turn_all(wanted.name(), of_ipv4);
  if (!turned) return failure{turned.error()};
  if (!wanted.ipv6) {
    if (auto quiet = turn_all(parent->name, of_parent); !quiet) return failure{quiet.error()};
  }
  const auto up = kernel.order(message_of(RTM_NEWLINK, 0, *index, IFF_UP));
  if (up.error != 0) return failure{"can't bring up interface " + wanted.name() + ": " + up.why};
  return index;
}

result<void, std::string> remove_instance(netlink& kernel, const instance& which) {
  const auto found = kernel.find(which.name());
  if (!found) return {};
  const auto removed = kernel.order(message_of(RTM_DELLINK, 0, found->index));
  if (removed.error != 0 && removed.error != ENODEV) {
    return failure{"can't remove interface " + which.name() + ": " + removed.why};
  }
  return {};
}

result<std::vector<instance>, std::string> find_instances(netlink& kernel) {
  const auto links = kernel.links();
  if (!links) return links.error();
  std::vector<instance> out;
  for (const link_state& link : *links) {
    if (const auto one = instance_of(link)) out.push_back(*one);
  }
  return out;
}

}  // namespace holdfast
