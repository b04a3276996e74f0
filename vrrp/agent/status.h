// What `vrrp` and `events` answer: facts of the agent's groups in, tables out. Knows no kernel and no clock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/machine.h"
#include "cli/reply/reply.h"
#include "vrrp/agent/wire_status.h"
#include "vrrp/election/group.h"
#include "vrrp/election/history.h"
#include "vrrp/election/plan.h"
#include "vrrp/election/tempo.h"
#include "vrrp/front/rivals.h"

namespace holdfast {

// A virtual router, and what has become of it in the kernel. All that is referred to here and below outlives the facts.
struct port_facts {
  const router_plan& plan;
  const advert_exchange& speech;
  address primary;                  // unspecified: none yet
  bool holds = false;               // the addresses
  std::vector<leased_address> own;  // of its addresses those that are the box's own
};

struct group_facts {
  const group_plan& plan;
  const group& machine;
  const tempo& rhythm;
  const rivals& others;
  std::chrono::seconds lease{};
  std::uint64_t overslept = 0;  // how often our loop woke late
  duration latest{};            // the most that it ever was
  std::vector<port_facts> ports;

  const std::string& name() const { return plan.said.name; }
};

struct agent_facts {
  std::vector<group_facts> groups;
  std::vector<wire_status> peers;
  std::string wire_trouble;  // why there is no wire, "" = there is, or it is not wanted
  std::uint64_t lost_log_lines = 0;
};

// One sentence: what each group is, and why it isn't fit.
std::string summary(const agent_facts& of);

reply vrrp_answer(const agent_facts& of, instant now);

// The latest ones, oldest first. when: a time in words, by the clock of the operator's zone.
using time_words = std::string (*)(wall_time when);
reply events_answer(const history& past, std::uint32_t count, time_words when);

}  // namespace holdfast
