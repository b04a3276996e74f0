// What the agents of a cluster say to each other over the wire (docs/wire-protocol.md): values, and their bytes in one
// frame each. Knows no connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/vocabulary.h"
#include "vrrp/message/fitness.h"

namespace holdfast {

// Nodes whose major numbers differ don't talk. A higher minor number adds messages, and fields at the end of messages.
inline constexpr std::uint8_t wire_major = 1;
inline constexpr std::uint8_t wire_minor = 2;

inline constexpr std::size_t wire_frame_limit = 16 << 10;  // bytes; the longest report has less than 14 KiB
inline constexpr std::size_t most_more_fronts = 4;
inline constexpr std::size_t max_wire_software = 64;  // bytes

// The first word of both ends.
struct wire_hello {
  std::string node;      // its name: is_name() of cli/language/words.h
  std::string software;  // its version, for display: printable ASCII, at most 64 bytes
  std::uint8_t major = wire_major;
  std::uint8_t minor = wire_minor;
  bool operator==(const wire_hello&) const = default;
};

// One group of virtual routers, as its node sees it.
struct wire_group {
  std::string name;  // is_name()
  role is = role::initialize;
  std::uint8_t priority = 0;  // the one in force
  fitness how = fitness::fit;
  std::uint64_t since = 0;      // ms since the last change of role
  std::uint64_t epoch = 0;      // grows with each node that becomes active
  std::uint16_t addresses = 0;  // how many it has
  std::uint32_t interval = 0;   // between adverts, microseconds
  address front4{};             // its node's own address on the front interface; unspecified (::) = none
  address front6{};
  std::optional<std::chrono::milliseconds> looked = {};  // since its checks have found a server alive; none: no word
  front_proof front = front_proof::untried;
  pace keeps = pace::unsaid;
  std::vector<address> more_fronts = {};  // from which it advertises, too, on further interfaces; the first 4 are said
  bool operator==(const wire_group&) const = default;
};

// One more address from which its node advertises; unspecified = none.
void name_front(wire_group& of, const address& one);
std::vector<address> fronts_of(const wire_group& said);

// All that a node knows of itself; it takes the place of the report before. At most max_vrrp_groups groups.
struct wire_report {
  std::vector<wire_group> groups;
  std::uint64_t number = 0;  // grows with each report of its sender; 0: before 1.2
  bool operator==(const wire_report&) const = default;
};

// What was so when it was put together, said so much later.
void age(wire_report& report, std::chrono::milliseconds by);

// "I leave in order": the end of the connection that follows is no news.
struct wire_farewell {
  bool operator==(const wire_farewell&) const = default;
};

// A pong says what the ping said, and which report of its sender is the newest, be it on its way yet or not.
struct wire_ping {
  std::uint64_t what = 0;
  bool operator==(const wire_ping&) const = default;
};
struct wire_pong {
  std::uint64_t what = 0;
  std::uint64_t number = 0;  // 0: before 1.2
  bool operator==(const wire_pong&) const = default;
};

// A message of a later minor version: to be skipped.
struct wire_unknown {
  std::uint8_t type = 0;
  bool operator==(const wire_unknown&) const = default;
};

using wire_message = std::variant<wire_hello, wire_report, wire_farewell, wire_ping, wire_pong, wire_unknown>;

enum class wire_refusal : std::uint8_t {
  cut_short,
  too_many_groups,
  bad_name,
  bad_software,
  bad_role,
  bad_fitness,
  bad_address,
};
const char* describe(wire_refusal why);

// The payload of one frame. What can't be said (a bad name, too many groups, a wrong family) is our bug and aborts.
std::vector<std::uint8_t> encode(const wire_message& what);

// Bytes after what we know of a message, or of a group, are skipped.
result<wire_message, wire_refusal> decode_wire(std::span<const std::uint8_t> frame);

}  // namespace holdfast
