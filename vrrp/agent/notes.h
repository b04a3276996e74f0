// What is told of groups in words: sentences for the history, facts for the log. Writes neither.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "cli/settings/vrrp_check.h"
#include "vrrp/election/group.h"
#include "vrrp/election/history.h"
#include "vrrp/election/tempo.h"
#include "vrrp/message/mac.h"

namespace holdfast {

// Of adverts.
group::noted other_addresses_note(const address& from, const router_key& at);
group::noted stranger_note(const address& from, const router_key& at);
group::noted refusal_note(const address& from, const router_key& at, const std::string& cause);

// Of addresses. is_primary: it is the router's own, no virtual one.
group::noted conflict_note(const address& who, bool is_primary, const mac_address& mac, const router_key& at);
group::noted beyond_note(const address& host, const router_key& at);
group::noted ended_note(std::size_t connections, bool all);
std::string names_of(std::span<const address> some);  // "192.0.2.1 and 2 more"; of one or more

// Of time.
group::noted late_note(duration by);
group::noted rhythm_note(const tempo::advertise_every& order);

// Of other agents.
group::noted connected_note(const std::string& node, const std::string& software);
group::noted gone_note(const std::string& node, group::ending how, const std::string& why);

// The line of the log, and the event of the history. group: "" = of the agent as a whole.
std::string log_line(const std::string& group, const group::moved& what);
std::string log_line(const std::string& group, const group::noted& what);
event_record record_of(const std::string& group, const group::moved& what, wall_time when, instant now);
event_record record_of(const std::string& group, const group::noted& what, wall_time when, instant now);

// The same sentence at most once a minute, and not more than so many different ones.
class said_once {
 public:
  static constexpr duration often{std::chrono::minutes(1)};
  static constexpr std::size_t most = 64;

  bool is_news(const std::string& sentence, instant now);

 private:
  std::map<std::string, instant> said_;
};

}  // namespace holdfast
