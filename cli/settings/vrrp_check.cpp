#include "cli/settings/vrrp_check.h"

#include <algorithm>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t owner_priority = 255;

std::string text_of(const router_key& router) {
  return "virtual router " + std::to_string(router.id) + (router.six ? " (IPv6)" : " (IPv4)") + " on " +
         router.interface;
}

class checker {
 public:
  findings run(const settings& s) {
    for (const auto& [name, group] : s.vrrp) {
      group_ = &group;
      check_whether_finished();
      check_priority();
      check_version();
      if (group.wire && s.nodes.size() > 1 && s.cluster_key.empty()) {
        add(severity::warns,
            " can't ask the agents of the other nodes without a key: expected `cluster key FILE` "
            "(`hfctl cluster key new FILE` makes one), or `vrrp " +
                name + " wire off`");
      }
      const auto routers = routers_of(group);
      check_watch(routers);
      if (routers.size() > max_vrrp_routers) {
        add(severity::refuses, " has " + std::to_string(routers.size()) + " virtual routers: expected at most " +
                                   std::to_string(max_vrrp_routers) + " (each interface, id and family is one)");
      }
      for (const auto& [router, addresses] : routers) check_router(router, addresses);
    }
    return std::move(found_);
  }

 private:
  void add(severity is, const std::string& what) {
    found_.push_back({is, "vrrp " + group_->name, "group " + group_->name + what});
  }

  void check_whether_finished() {
    const std::string begin = "`vrrp " + group_->name;
    if (group_->addresses.empty()) {
      add(severity::unfinished, " has no address: expected " + begin + " address ADDRESS/LENGTH`");
    }
    const auto has_id = [](const vrrp_address& a) { return a.id.has_value(); };
    const bool all_have = !group_->addresses.empty() && std::ranges::all_of(group_->addresses, has_id);
    if (group_->id == 0 && !all_have) {
      add(severity::unfinished, " has no id: expected " + begin + " id NUMBER`, the same on all nodes");
    }
  }

  void check_priority() {
    if (group_->priority != owner_priority) return;
    if (group_->preempt && group_->preempt_delay == 0s) return;
    add(severity::warns, " has priority 255, and an owner of addresses takes over at once: `preempt` has no effect");
  }

  void check_version() {
    if (group_->interval == automatic_time) return;
    if (group_->version == vrrp_version::two && group_->interval % 1s != 0s) {
      add(severity::refuses, " has an interval that version 2 can't say: expected whole seconds");
    }
  }

  void check_watch(const std::map<router_key, std::vector<vrrp_address>>& routers) {
    if (!group_->watch) return;
    const address& who = *group_->watch;
    const std::string begin = " watches " + who.text();
    if (std::ranges::any_of(group_->addresses, [&](const vrrp_address& a) { return a.host == who; })) {
      add(severity::refuses,
          begin + ", which is an address of its own: expected one of another box, such as a gateway");
    }
    if (std::ranges::none_of(routers, [&](const auto& one) { return one.first.six != who.is_v4(); })) {
      add(severity::refuses, begin + ", and has no address of that family");
    }
    if (!group_->wire) add(severity::warns, begin + ", and asks no other node without the wire: `watch` has no effect");
  }

  void check_router(const router_key& router, const std::vector<vrrp_address>& addresses) {
    if (router.id != 0) {
      const auto [holder, added] = routers_.emplace(router, group_);
      if (!added) {
        add(severity::refuses,
            " and group " + holder->second->name + " are both " + text_of(router) + ": expected different ids");
      }
    }
    if (router.six && group_->version == vrrp_version::two) {
      add(severity::refuses, " has IPv6 addresses, which version 2 does not know: expected `version 3` or `mixed`");
    }
    // An advert begins with a link-local address; the agent adds one where there is none.
    const bool lacks_link_local =
        router.six && std::ranges::none_of(addresses, [](const vrrp_address& a) { return a.host.is_link_local(); });
    const std::size_t most = max_vrrp_addresses - (lacks_link_local ? 1 : 0);
    if (addresses.size() > most) {
      add(severity::refuses, " has " + std::to_string(addresses.size()) + " addresses in " + text_of(router) +
                                 ": expected at most " + std::to_string(most));
    }
    for (const vrrp_address& a : addresses) check_address(router, a);
  }

  // The last address of an IPv4 network is everybody's; the first was, and some still take it so.
  void check_place_in_network(const vrrp_address& a) {
    const unsigned bits = a.host.is_v4() ? 32 : 128;
    if (bits - a.length < 2) return;
    const std::string said = a.host.text() + '/' + std::to_string(a.length);
    if (a.host.is_v4() && (~a.host.v4_value() << a.length) == 0) {
      add(severity::refuses,
          " has " + said + ", which is the broadcast address of its network: expected one of a host");
    }
    if (a.host.masked(a.length + 128 - bits) == a.host) {
      add(severity::warns, " has " + said + ", which is the network's own address: expected one of a host");
    }
  }

  void check_address(const router_key& router, const vrrp_address& a) {
    check_place_in_network(a);
    const auto [holder, added] = hosts_.emplace(std::pair(router.interface, a.host), group_);
    if (added) return;
    const std::string where = a.host.text() + " on " + router.interface;
    if (holder->second == group_) {
      add(severity::refuses, " has " + where + " twice: expected it in one virtual router");
    } else {
      add(severity::refuses, " and group " + holder->second->name + " both have " + where + ": expected it in one");
    }
  }

  const vrrp_settings* group_ = nullptr;
  std::map<router_key, const vrrp_settings*> routers_;
  std::map<std::pair<std::string, address>, const vrrp_settings*> hosts_;
  findings found_;
};

// "lb1 and lb2", "lb1, lb2 and lb3"
std::string all_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

std::map<router_key, std::vector<vrrp_address>> routers_of(const vrrp_settings& group) {
  std::map<router_key, std::vector<vrrp_address>> routers;
  for (vrrp_address a : group.addresses) {
    if (a.interface.empty()) a.interface = group.interface;
    if (!a.id) a.id = group.id;
    routers[{a.interface, *a.id, !a.host.is_v4()}].push_back(a);
  }
  return routers;
}

findings check_vrrp(const settings& s) { return checker().run(s); }

findings check_cluster(const std::map<std::string, settings>& nodes) {
  std::map<std::string, std::map<std::uint8_t, std::vector<std::string>>> priorities;  // group -> priority -> nodes
  findings found;
  for (const auto& [node, s] : nodes) {
    for (const auto& [name, group] : s.vrrp) priorities[name][group.priority].push_back(node);
  }
  for (const auto& [group, by_priority] : priorities) {
    for (const auto& [priority, of] : by_priority) {
      if (of.size() < 2) continue;
      found.push_back({severity::warns, "vrrp " + group + " priority",
                       "group " + group + " has priority " + std::to_string(priority) + " on " + all_of(of) +
                           ", so the higher address of the interface decides: expected, for example, `on " +
                           of.front() + " vrrp " + group + " priority " +
                           std::to_string(priority > 200 ? priority - 50 : priority + 50) + '`'});
    }
  }
  return found;
}

}  // namespace holdfast
