// The clients that are here now: whose connections run or are being made, and for the latter the server that is
// reserved for the client. Small and quick, for each connection passes here twice; memory only for those who are here.
// Knows no lock, no clock and nothing of clients that were here before.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "balancer/table/table_slots.h"

namespace holdfast {

struct visitor {
  address client;
  std::uint32_t hash = 0;
  std::uint32_t connecting = 0;     // connections that have asked where to go, and look for a server yet
  std::uint32_t running = 0;        // connections that have reached a server
  std::uint32_t reserved : 20 = 0;  // a server_id: where those go that come meanwhile; nobody = it is yet to be chosen
  std::uint32_t reached : 1 = 0;    // a connection has got there since they began to look
  bool is_here() const { return connecting + running > 0; }
};

// `hash`: table_slots::hash_of() the client. A pointer or reference is valid until the next enter() or leave().
class visitors {
 public:
  static constexpr std::uint32_t most_connecting = 64 << 10;  // clients with connects under way
  static constexpr std::size_t parts = 64;

  visitor* find(const address& client, std::uint64_t hash);
  // Found or made; the caller counts a connection before anything else.
  visitor& enter(const address& client, std::uint64_t hash);

  bool begin_connect(visitor& v);  // false: too many clients have connects under way; nothing has changed
  void end_connect(visitor& v);    // the last one takes the reservation away
  void leave(visitor& v);          // nothing happens while it is here

  bool any_connecting() const { return connecting_ > 0; }
  std::uint32_t connecting() const { return connecting_; }  // clients, likewise
  std::size_t size() const;
  std::size_t bytes() const;

  // All that are here, in pieces; some places are empty.
  std::span<const visitor> part(std::size_t number) const { return parts_[number].places; }

 private:
  // An open-addressing array of its own, half full at most: when it grows, nobody waits for all the others to move.
  struct shard {
    std::vector<visitor> places;
    std::uint32_t count = 0;
  };

  static void resize(shard& s, std::size_t places);

  std::array<shard, parts> parts_;
  std::uint32_t connecting_ = 0;
};

}  // namespace holdfast
