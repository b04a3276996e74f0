// A pair of virtual routers as a trial wants it, and the same pair_config in the languages of those who can play it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/machine.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

enum class player { ours, keepalived, frr };

std::string name_of(player who);

struct pair_config {
  int version = 3;
  int vrid = 51;
  bool four = true;
  bool six = false;
  duration interval = 50ms;  // FRR and version 3: in steps of 10 ms; version 2: whole seconds
  bool automatic = false;    // ours says none; `interval` is the one to be expected
  std::array<int, 2> priority{150, 100};
  bool preempt = true;
  bool unicast = false;  // FRR can't
  // RFC 9568 wants a link-local address first in an IPv6 advert; programs of different make must agree on one.
  bool link_local = false;
  std::string watched = {};        // keepalived: name of the process without which a node is at fault
  std::string services = {};       // ours: lines of the balancer
  std::string more = {};           // ours: lines of the group, "vrrp front standalone\n"
  std::filesystem::path key = {};  // ours: of the cluster

  // RFC 9568 6.1, of the node with this number.
  duration skew(int number) const;
  duration down_interval(int number) const { return 3 * interval + skew(number); }
};

// Holdfast's file, the same on both nodes. The group's name is front.
std::string our_text(const pair_config& w);
std::string keepalived_text(const pair_config& w, int number);
std::string frr_text(const pair_config& w, int number);

// A balancer for the virtual addresses and the servers of `pair`, sticky by the client's address.
std::string our_services();
std::string haproxy_text();

}  // namespace holdfast::lab
