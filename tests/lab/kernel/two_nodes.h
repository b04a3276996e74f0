// Two hosts at one switch, an agent's netlink in each, and somebody who listens to the wire.
//
//   a eth0 10.0.0.1/24 fd00::1/64 and a link-local address ---+--- switch
//   b eth0 10.0.0.2/24 fd00::2/64 and a link-local address ---+
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/address.h"
#include "tests/lab/testbed.h"
#include "tests/lab/visit_io.h"
#include "vrrp/front/link_facts.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast::lab {

using bytes = std::vector<std::uint8_t>;

// What must be there, or the test ends with the sentence that says why not.
template <class T>
T must(result<T, std::string> given) {
  if (!given) throw std::runtime_error(given.error());
  return std::move(*given);
}

struct node {
  node(std::string name, ethernet& net, int number);

  host machine;
  holdfast::netlink kernel;  // the laboratory has one of its own
  int index = 0;             // of eth0
  address own4, own6, link_local;

  std::optional<address_state> find(const address& which);  // on any interface
  bool holds(const address& which) { return find(which).has_value(); }
  void ip(const std::string& words);  // runs "ip WORDS", throws when it fails
};

struct two_nodes {
  two_nodes();  // when they reach each other

  ethernet net;
  node a{"a", net, 1};
  node b{"b", net, 2};
};

// Sees all Ethernet frames that come in by a host's link.
class wiretap {
 public:
  explicit wiretap(const host& where, const std::string& link = "eth0");

  // The next frame for which `fits` holds, "" after `limit`.
  bytes next(const std::function<bool(const bytes&)>& fits, duration limit = std::chrono::seconds(2)) const;

 private:
  descriptor fd_;
};

// What is in a frame.
mac_address source_of(const bytes& frame);
mac_address destination_of(const bytes& frame);
std::uint16_t ether_type(const bytes& frame);
bool is_vrrp(const bytes& frame);  // of either family

// A VRRPv3 message for IPv4 or IPv6 with this id; the checksum is whatever these bytes are.
bytes advert(std::uint8_t id, bool ipv6 = false);

}  // namespace holdfast::lab
