#include "cli/configuration/apply_vrrp.h"

#include <algorithm>

namespace holdfast {

namespace {

using outcome = result<void, refusal>;

outcome at_most(std::size_t count, const std::string& what, const vrrp_settings& of) {
  return refusal{"expected at most " + std::to_string(count) + ' ' + what + " in group " + of.name};
}

outcome has_no(const vrrp_settings& of, const std::string& what) {
  return refusal{"group " + of.name + " has no " + what};
}

}  // namespace

// The same host may be on two interfaces (fe80::1 is, often); said again, its place is changed.
outcome change_group(vrrp_settings& of, const say::add_vrrp_address& c) {
  const vrrp_address made{c.at.host, c.at.length, c.interface.value_or(""), c.id};
  const auto same = std::find_if(of.addresses.begin(), of.addresses.end(), [&](const vrrp_address& a) {
    return a.host == made.host && a.interface == made.interface;
  });
  if (same != of.addresses.end()) {
    *same = made;
    return {};
  }
  constexpr std::size_t most = max_vrrp_routers * max_vrrp_addresses;
  if (of.addresses.size() >= most) return at_most(most, "addresses", of);
  of.addresses.push_back(made);
  return {};
}

outcome change_group(vrrp_settings& of, const say::remove_vrrp_address& c) {
  const auto gone = std::erase_if(of.addresses, [&](const vrrp_address& a) { return a.host == c.host; });
  return gone == 0 ? has_no(of, "address " + c.host.text()) : outcome();
}

outcome change_group(vrrp_settings& of, const say::add_vrrp_peer& c) {
  if (std::find(of.peers.begin(), of.peers.end(), c.host) != of.peers.end()) return {};
  if (of.peers.size() >= max_vrrp_peers) return at_most(max_vrrp_peers, "peers", of);
  of.peers.push_back(c.host);
  return {};
}

outcome change_group(vrrp_settings& of, const say::remove_vrrp_peer& c) {
  return std::erase(of.peers, c.host) == 0 ? has_no(of, "peer " + c.host.text()) : outcome();
}

outcome change_group(vrrp_settings& of, const say::add_vrrp_track& c) {
  if (std::find(of.track.begin(), of.track.end(), c.interface) != of.track.end()) return {};
  if (of.track.size() >= max_vrrp_tracks) return at_most(max_vrrp_tracks, "tracked interfaces", of);
  of.track.push_back(c.interface);
  return {};
}

outcome change_group(vrrp_settings& of, const say::remove_vrrp_track& c) {
  return std::erase(of.track, c.interface) == 0 ? has_no(of, "tracked interface " + c.interface) : outcome();
}

outcome change_group(vrrp_settings& of, const say::set_vrrp_hmac& c) {
  of.hmac = c.mode;
  of.hmac_key = c.file;
  of.hmac_id = c.key.value_or(vrrp_settings{}.hmac_id);
  return {};
}

outcome change_group(vrrp_settings& of, const say::no_vrrp_hmac&) {
  const vrrp_settings usual;
  of.hmac = usual.hmac;
  of.hmac_key = usual.hmac_key;
  of.hmac_id = usual.hmac_id;
  return {};
}

}  // namespace holdfast
