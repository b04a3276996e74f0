// Two agents, of the same make or not, as one virtual router: what must be heard on the switch. Used in tests only:
// says what is wrong as failures of the running test.
#pragma once

#include <array>
#include <string>

#include "tests/lab/testbed.h"
#include "tests/lab/vrrp/pair_config.h"

namespace holdfast::lab {

enum class scene_of {
  election,    // both start: lb1 has the higher priority and wins
  leave,       // lb1 says farewell: lb2 follows after its skew time
  kill,        // lb1 vanishes: lb2 follows after its down interval
  preempt,     // lb1 comes when lb2 is active, and takes over
  no_preempt,  // lb1 comes when lb2 is active, and does not
  equal,       // both are active with one priority when they meet: the higher address stays
};
inline constexpr std::array every_scene{scene_of::election, scene_of::leave,      scene_of::kill,
                                        scene_of::preempt,  scene_of::no_preempt, scene_of::equal};

struct interop_case {
  std::array<player, 2> who{};  // on lb1, on lb2
  scene_of what = scene_of::election;
  bool unicast = false;
  int version = 3;
  bool six = false;
  bool automatic = false;  // the interval of ours
};

std::string name_of(const interop_case& d);  // "HoldfastV3Ipv4MulticastKeepalivedElection"

void fight(const interop_case& d);

}  // namespace holdfast::lab
