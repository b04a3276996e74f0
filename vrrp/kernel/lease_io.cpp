#include "vrrp/kernel/lease_io.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/clock_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {

namespace {

constexpr std::uint32_t for_ever = 0x7fffffff;

netlink_message message_about(const leased_address& a, int type, int flags) {
  const bool v4 = a.host.is_v4();
  ifaddrmsg fixed{};
  fixed.ifa_family = v4 ? AF_INET : AF_INET6;
  fixed.ifa_prefixlen = a.length;
  fixed.ifa_index = static_cast<std::uint32_t>(a.index);
  fixed.ifa_scope = RT_SCOPE_UNIVERSE;
  if (!v4) fixed.ifa_flags = IFA_F_NODAD;
  netlink_message out = new_message(type, flags, &fixed, sizeof fixed);
  const std::uint8_t* bytes = a.host.bytes().data() + (v4 ? 12 : 0);
  for (const int part : {IFA_LOCAL, IFA_ADDRESS}) nla_put(out.get(), part, v4 ? 4 : 16, bytes);
  return out;
}

netlink_message hold(const leased_address& a, std::chrono::seconds lease) {
  netlink_message out = message_about(a, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  const std::uint32_t life = lease.count() == 0 ? for_ever : static_cast<std::uint32_t>(lease.count());
  const ifa_cacheinfo times{.ifa_prefered = a.host.is_v4() ? life : 0, .ifa_valid = life, .cstamp = 0, .tstamp = 0};
  nla_put(out.get(), IFA_CACHEINFO, sizeof times, &times);
  nla_put_u8(out.get(), IFA_PROTO, our_origin);
  return out;
}

netlink_message drop(const leased_address& a) { return message_about(a, RTM_DELADDR, 0); }

bool is_done(int error) { return error == 0; }
bool is_gone(int error) { return error == 0 || error == EADDRNOTAVAIL || error == ENODEV; }

// One batch of orders, made by `say`; `what` we can't do when the answer isn't `well`.
template <class Say, class Well>
lease_report carry_out(netlink& kernel, std::span<const leased_address> which, const char* what, Say say, Well well) {
  const instant since = monotonic_now();
  std::vector<netlink_message> orders;
  orders.reserve(which.size());
  for (const leased_address& a : which) orders.push_back(say(a));
  const auto answers = kernel.order(orders);
  lease_report out;
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (well(answers[i].error)) continue;
    out.refused.push_back({which[i], std::string(what) + ' ' + which[i].host.text() + ": " + answers[i].why});
  }
  out.took = monotonic_now() - since;
  return out;
}

std::vector<leased_address> find_stuck(netlink& kernel, std::span<const leased_address> which) {
  if (std::ranges::all_of(which, [](const leased_address& a) { return a.host.is_v4(); })) return {};
  const auto present = kernel.addresses();
  if (!present) return {};
  return stuck_among(*present, which);
}

// The kernel answers the neighbours' questions for a new IPv6 address at once, but throws away what they send to it
// until a worker of its own has written the route: some 0.1 ms, 10 ms on a busy box.
void wait_until_taken(netlink& kernel, std::span<const leased_address> which) {
  constexpr auto patience = std::chrono::milliseconds(20);
  constexpr auto pause = std::chrono::microseconds(100);
  const instant until = monotonic_now() + patience;
  for (const leased_address& a : which) {
    if (a.host.is_v4()) continue;
    while (!kernel.takes(a.host) && monotonic_now() < until) std::this_thread::sleep_for(pause);
  }
}

}  // namespace

lease_report put_addresses(netlink& kernel, std::span<const leased_address> which, std::chrono::seconds lease) {
  const instant since = monotonic_now();
  remove_addresses(kernel, find_stuck(kernel, which));
  lease_report out = renew_addresses(kernel, which, lease);
  wait_until_taken(kernel, which);
  out.took = monotonic_now() - since;
  return out;
}

lease_report renew_addresses(netlink& kernel, std::span<const leased_address> which, std::chrono::seconds lease) {
  const auto say = [lease](const leased_address& a) { return hold(a, lease); };
  return carry_out(kernel, which, "can't put on", say, is_done);
}

lease_report remove_addresses(netlink& kernel, std::span<const leased_address> which) {
  return carry_out(kernel, which, "can't remove", drop, is_gone);
}

result<void, std::string> keep_later_addresses(netlink& kernel, int index) {
  ifinfomsg fixed{};
  fixed.ifi_index = index;
  const netlink_message order = new_message(RTM_SETLINK, 0, &fixed, sizeof fixed);
  nlattr* families = nla_nest_start(order.get(), IFLA_AF_SPEC);
  nlattr* four = nla_nest_start(order.get(), AF_INET);
  nlattr* settings = nla_nest_start(order.get(), IFLA_INET_CONF);
  nla_put_u32(order.get(), IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
  for (nlattr* part : {settings, four, families}) nla_nest_end(order.get(), part);
  const auto said = kernel.order(order);
  if (said.error != 0) return failure{"can't set promote_secondaries: " + said.why};
  return {};
}

result<std::vector<leased_address>, std::string> find_leftovers(netlink& kernel,
                                                                std::span<const leased_address> configured) {
  const auto present = kernel.addresses();
  if (!present) return present.error();
  return leftovers_of(*present, configured);
}

}  // namespace holdfast
