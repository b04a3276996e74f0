// What the kernel says of interfaces and addresses, as values, and what follows from it. Knows no netlink.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "vrrp/message/mac.h"

namespace holdfast {

// The origin (IFA_PROTO, "proto" in `ip address`) that we give to addresses of ours, so that a later life recognises
// them. Linux before 5.18 keeps no origin.
inline constexpr std::uint8_t our_origin = 0x48;

struct link_state {
  int index = 0;
  std::string name = {};
  mac_address mac{};
  bool up = false;       // administratively
  bool carrier = false;  // can carry packets now: up, cable in, the other side ready
  std::uint32_t mtu = 0;
  int parent = 0;         // index of the interface that it is made on, 0 = none
  std::string kind = {};  // "macvlan", "bridge", "veth" ...; "" for most hardware

  bool operator==(const link_state&) const = default;
};

// An address on an interface.
struct address_state {
  int index = 0;
  address host;
  std::uint8_t length = 0;                 // of its network, in its own family's bits
  bool global = false;                     // not of the link or this host alone
  bool tentative = false;                  // IPv6: not yet usable
  bool dad_failed = false;                 // IPv6: somebody else has it, never usable
  std::uint8_t origin = 0;                 // IFA_PROTO
  std::optional<std::uint32_t> left = {};  // seconds until the kernel takes it away; none = never

  bool operator==(const address_state&) const = default;
};

// An address that we hold, or would: the same address may be on several interfaces.
struct leased_address {
  int index = 0;
  address host;
  std::uint8_t length = 0;  // of its network, in its own family's bits

  auto operator<=>(const leased_address&) const = default;
};

// IPv6 duplicate address detection keeps it from being used: it must go and be put on again.
bool is_stuck(const address_state& a);
std::vector<leased_address> stuck_among(std::span<const address_state> all, std::span<const leased_address> which);

// Below, `movable` are the addresses of our virtual routers. An address is ours when it has our origin; where the
// kernel keeps none, when it is movable and ends some day, as all that we put on do. Every other one is the box's own,
// a movable one, too: its operator wants it there, and nobody else may touch it.

// The interface's own IPv4 address, that adverts come from: its first global one, if possible none of the movable.
std::optional<address> primary_of(std::span<const address_state> all, int index, std::span<const address> movable);

// The interface's own link-local IPv6 address, likewise; one that can be used.
std::optional<address> link_local_of(std::span<const address_state> all, int index, std::span<const address> movable);

// Where adverts of that family come from: the primary address; in IPv6 the link-local one, as RFC 9568 wants it, unless
// they go to peers by their global addresses, who know us by ours: one in their network, if there is one.
std::optional<address> source_of(std::span<const address_state> all, int index, std::span<const address> movable,
                                 bool six, std::span<const address> peers);

// Whether `host` lies in a network of that interface: of an address of its own.
bool is_within_reach(std::span<const address_state> all, int index, const address& host,
                     std::span<const address> movable);

// The movable addresses that the box has of its own on that interface.
std::vector<leased_address> own_among(std::span<const address_state> all, int index, std::span<const address> movable);

// What an earlier life has left: addresses of our origin anywhere, and the configured ones of ours where they belong.
std::vector<leased_address> leftovers_of(std::span<const address_state> all,
                                         std::span<const leased_address> configured);

}  // namespace holdfast
