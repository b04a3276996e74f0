#include "tests/lab/netlink_io.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/route.h>

#include <algorithm>
#include <stdexcept>

namespace holdfast::lab {
namespace {

void check(int code, const std::string& what) {
  if (code < 0) throw std::runtime_error("netlink: " + what + ": " + nl_geterror(code));
}

// A libnl object with its release function.
template <class T>
using owned = std::unique_ptr<T, void (*)(T*)>;

owned<nl_addr> parse(const std::string& text) {
  nl_addr* out = nullptr;
  check(nl_addr_parse(text.c_str(), AF_UNSPEC, &out), "address " + text);
  return {out, nl_addr_put};
}

owned<rtnl_route> route_to(const nl_addr* destination) {
  owned<rtnl_route> route(rtnl_route_alloc(), rtnl_route_put);
  check(rtnl_route_set_dst(route.get(), const_cast<nl_addr*>(destination)), "route");
  return route;
}

}  // namespace

void netlink::closer::operator()(nl_sock* s) const { nl_socket_free(s); }

netlink::netlink() : socket_(nl_socket_alloc()) { check(nl_connect(socket_.get(), NETLINK_ROUTE), "connect"); }

int netlink::index_of(const std::string& link) {
  rtnl_link* found = nullptr;
  check(rtnl_link_get_kernel(socket_.get(), 0, link.c_str(), &found), "link " + link);
  const owned<rtnl_link> holder(found, rtnl_link_put);
  return rtnl_link_get_ifindex(found);
}

void netlink::add_bridge(const std::string& name) {
  check(rtnl_link_bridge_add(socket_.get(), name.c_str()), "bridge");
}

void netlink::add_cable(const std::string& port, const std::string& bridge, const std::string& peer, int peer_ns) {
  const owned<rtnl_link> here(rtnl_link_veth_alloc(), rtnl_link_veth_release);
  rtnl_link* there = rtnl_link_veth_get_peer(here.get());
  rtnl_link_set_name(here.get(), port.c_str());
  rtnl_link_set_master(here.get(), index_of(bridge));
  rtnl_link_set_name(there, peer.c_str());
  rtnl_link_set_ns_fd(there, peer_ns);
  const int code = rtnl_link_add(socket_.get(), here.get(), NLM_F_CREATE | NLM_F_EXCL);
  rtnl_link_put(there);
  check(code, "cable " + port);
  set_up(port, true);
}

void netlink::set_up(const std::string& link, bool up) {
  const owned<rtnl_link> whose(rtnl_link_alloc(), rtnl_link_put);
  const owned<rtnl_link> change(rtnl_link_alloc(), rtnl_link_put);
  rtnl_link_set_ifindex(whose.get(), index_of(link));
  up ? rtnl_link_set_flags(change.get(), IFF_UP) : rtnl_link_unset_flags(change.get(), IFF_UP);
  check(rtnl_link_change(socket_.get(), whose.get(), change.get(), 0), "link " + link);
}

namespace {

owned<rtnl_addr> address_on(int index, const std::string& with_length) {
  const auto local = parse(with_length);
  owned<rtnl_addr> a(rtnl_addr_alloc(), rtnl_addr_put);
  rtnl_addr_set_ifindex(a.get(), index);
  check(rtnl_addr_set_local(a.get(), local.get()), with_length);
  return a;
}

}  // namespace

void netlink::add_address(const std::string& link, const std::string& with_length) {
  const auto a = address_on(index_of(link), with_length);
  if (rtnl_addr_get_family(a.get()) == AF_INET6) rtnl_addr_set_flags(a.get(), IFA_F_NODAD);
  check(rtnl_addr_add(socket_.get(), a.get(), 0), "address " + with_length + " on " + link);
}

void netlink::remove_address(const std::string& link, const std::string& with_length) {
  const auto a = address_on(index_of(link), with_length);
  check(rtnl_addr_delete(socket_.get(), a.get(), 0), "remove " + with_length + " from " + link);
}

bool netlink::running(int index) {
  rtnl_link* found = nullptr;
  if (rtnl_link_get_kernel(socket_.get(), index, nullptr, &found) < 0) return false;
  const owned<rtnl_link> holder(found, rtnl_link_put);
  return (rtnl_link_get_flags(found) & IFF_RUNNING) != 0;
}

bool netlink::has_address(const std::string& address) {
  const auto wanted = parse(address);
  nl_cache* all = nullptr;
  check(rtnl_addr_alloc_cache(socket_.get(), &all), "list addresses");
  const owned<nl_cache> holder(all, nl_cache_free);
  for (nl_object* one = nl_cache_get_first(all); one != nullptr; one = nl_cache_get_next(one)) {
    auto* a = reinterpret_cast<rtnl_addr*>(one);
    nl_addr* local = rtnl_addr_get_local(a);
    if (nl_addr_get_family(local) != nl_addr_get_family(wanted.get())) continue;
    const auto* bytes = static_cast<const char*>(nl_addr_get_binary_addr(local));
    const auto* ours = static_cast<const char*>(nl_addr_get_binary_addr(wanted.get()));
    if (std::equal(bytes, bytes + nl_addr_get_len(local), ours) && running(rtnl_addr_get_ifindex(a))) return true;
  }
  return false;
}

void netlink::add_route(const std::string& to, const std::string& gateway) {
  const auto destination = parse(to), via = parse(gateway);
  const auto route = route_to(destination.get());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_gateway(hop, via.get());
  rtnl_route_add_nexthop(route.get(), hop);  // owns it from now on
  check(rtnl_route_add(socket_.get(), route.get(), 0), "route to " + to + " via " + gateway);
}

void netlink::add_local_route(const std::string& prefix) {
  const auto destination = parse(prefix);
  const auto route = route_to(destination.get());
  rtnl_route_set_type(route.get(), RTN_LOCAL);
  rtnl_route_set_table(route.get(), RT_TABLE_LOCAL);
  rtnl_route_set_scope(route.get(), RT_SCOPE_HOST);
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, index_of("lo"));
  rtnl_route_add_nexthop(route.get(), hop);
  check(rtnl_route_add(socket_.get(), route.get(), 0), "local " + prefix);
}

}  // namespace holdfast::lab
