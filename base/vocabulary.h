// What holdfast-balancer and holdfast-vrrp say to each other over a UNIX socket that keeps messages apart (see
// base/local_socket_io.h). The words alone: no socket, no clock, no judgement.
//
// A message is a byte of version, a byte of kind, and what the kind holds, numbers in network order:
//   beat 1: worker 2 bytes | condition 2: workers 2, listeners 4, alive 4, servers 4, stopping 1,
//   in sync 1 | role 3: role 1, name | look 5: alive 1, at 8
#pragma once

#include <boost/container/static_vector.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/machine.h"
#include "base/result.h"

namespace holdfast {

inline constexpr const char* link_socket_name = "agent.sock";  // the balancer's, in its run directory
inline constexpr std::uint8_t vocabulary_version = 1;
inline constexpr duration beat_interval = std::chrono::milliseconds(50);  // of every worker, and the control thread
inline constexpr duration condition_interval =
    std::chrono::milliseconds(500);  // at least so often; at once on a change
inline constexpr std::uint16_t most_beating_workers = 256;
inline constexpr std::uint16_t control_thread = most_beating_workers;  // its number in a beat, after all the workers'
inline constexpr std::size_t longest_group_name = 64;
inline constexpr std::size_t longest_message = 3 + longest_group_name;

// From the balancer: a thread has gone round its loop once more. Sent by that thread itself.
struct beat {
  std::uint16_t worker = 0;  // or control_thread
  bool operator==(const beat&) const = default;
};

// From the balancer: what its service is worth now.
struct condition {
  std::uint16_t workers = 1;        // 1 to most_beating_workers: the numbers from 0 on beat
  std::uint32_t listeners = 0;      // open, over all services
  std::uint32_t servers_alive = 0;  // neither down by checks nor blacklisted
  std::uint32_t servers = 0;        // with an address
  bool stopping = false;            // told to end: it serves until the addresses are elsewhere
  bool in_sync =
      true;  // it knows all that its peers know of clients, and sees as many servers alive; or it has no peers
  bool operator==(const condition&) const = default;
};

// From the balancer, after a condition: its checks' last look at the servers. Alive: when the last check that passed
// began. Not alive: none is, and all have been looked at since then. In ms of this machine's monotonic clock.
struct look {
  bool alive = true;
  std::uint64_t at = 0;
  bool operator==(const look&) const = default;
};

enum class role : std::uint8_t { gone, initialize, fault, released, backup, active };
std::string_view name_of(role r);

// From the agent: what a group of virtual routers is now. `gone`: there is no such group any more.
struct role_change {
  std::string group;  // 1 to longest_group_name visible characters of ASCII
  role is = role::initialize;
  bool operator==(const role_change&) const = default;
};

using link_message = std::variant<beat, condition, look, role_change>;

// A message's bytes. One more than the longest has, so that what is too long shows when it is received.
using packet = boost::container::static_vector<std::uint8_t, longest_message + 1>;

packet encode(const link_message& what);  // within the limits above, or it is a bug

// version: other than ours; kind: none that we know; length: more or less than the kind has; value: out of its range.
enum class misheard : std::uint8_t { version, kind, length, value };
result<link_message, misheard> decode(std::span<const std::uint8_t> bytes);

}  // namespace holdfast
