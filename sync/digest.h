// Proof that two client tables hold the same assignments: clients fall into buckets, and each bucket has a sum over
// what is in it, which doesn't depend on any order. Whoever adds or removes an assignment adds or removes its hash.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "sync/stamp.h"

namespace holdfast {

inline constexpr std::size_t digest_buckets = 1024;

// Equal on every node and in every version: no seed.
std::uint16_t bucket_of(const address& client);  // 0 .. digest_buckets - 1

// Of one assignment. identity: identity_hash() of the server's identity, 0 = nobody. When the client was last here is
// not part of it: that changes with every connection, and heals with the next.
std::uint64_t assignment_hash(const address& client, std::uint64_t identity, stamp assigned);

class table_digest {
 public:
  void add(const address& client, std::uint64_t assignment) { sums_[bucket_of(client)] += assignment; }
  void remove(const address& client, std::uint64_t assignment) { sums_[bucket_of(client)] -= assignment; }
  std::span<const std::uint64_t, digest_buckets> sums() const { return sums_; }
  // What is in either: of two tables that share no client.
  table_digest& operator+=(const table_digest& other);
  bool operator==(const table_digest&) const = default;

 private:
  std::array<std::uint64_t, digest_buckets> sums_{};
};

}  // namespace holdfast
