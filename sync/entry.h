// What the nodes of a cluster know of a client, as they tell each other.
//
// An entry is two registers. The assignment (server, assigned) of the later stamp wins, that of the greater
// identity_hash among equal stamps; of `used` the later counts. So merging commutes, associates and repeats: all nodes
// that have heard the same, in whatever order and however often, know the same.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "sync/stamp.h"

namespace holdfast {

// Names a server or a service within one node: its own numbers, whose names it has said before it uses them.
using sync_number = std::uint32_t;

inline constexpr sync_number nobody = 0;  // the server of a client that was forgotten by order: a tombstone

struct sync_entry {
  address client;
  sync_number server = nobody;
  stamp assigned = 0;  // when the client got this server
  stamp used = 0;      // when it was last here: never before `assigned`
  bool operator==(const sync_entry&) const = default;
};

}  // namespace holdfast
