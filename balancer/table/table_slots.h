// One array of the client table: slots, the index that finds a client's, the list in order of last use that links them,
// and the digest of the assignments in them. Knows no lock, no clock and no cursor.
#pragma once

#include <cstdint>
#include <vector>

#include "balancer/table/table_index.h"
#include "base/address.h"
#include "sync/digest.h"
#include "sync/entry.h"

namespace holdfast {

// Names a server for the life of the process; given out by the service, never an index, never reused. 0 = nobody.
using server_id = std::uint32_t;

inline constexpr server_id max_server_id = (1U << 20) - 1;
inline constexpr std::uint32_t max_connects = (1U << 20) - 1;               // what is counted of a client stops there
inline constexpr std::uint64_t max_counted = (std::uint64_t{1} << 43) - 1;  // bytes: 8 TiB

// 56 bytes, and 6 of the index: 62 a client.
struct table_entry {
  address client;
  stamp assigned, used;
  std::uint64_t sent : 43, connects : 20;
  std::uint64_t own : 1;  // there is something about it that we must tell the peers
  std::uint64_t received : 43, server : 20;
  std::uint64_t marked : 1;    // a cursor stands here, or has stood here
  std::uint32_t newer, older;  // neighbours in order of last use; slot 0 closes the circle. Whole words: a part of one
                               // must be read before it is written, which costs a touch some nanoseconds
};

// The order of last use, equal on all nodes that know the same stamps.
inline bool is_newer(const table_entry& a, const table_entry& b) {
  return a.used != b.used ? a.used > b.used : a.client > b.client;
}

// The identity_hash() of each server_id.
class server_identities {
 public:
  void know(server_id id, std::uint64_t identity);  // id: 1 .. max_server_id; always the same identity
  std::uint64_t of(server_id id) const;             // of nobody: 0
  bool same(server_id a, server_id b) const { return a == b || of(a) == of(b); }

 private:
  std::vector<std::uint64_t> known_{0};
};

class table_slots {
 public:
  // who: outlives it. See client_table for the rest.
  table_slots(std::uint32_t capacity, std::uint64_t seed, memory_advice advise, const server_identities& who);

  static std::uint64_t hash_of(const address& client, std::uint64_t seed);
  static std::size_t bytes_for(std::uint32_t capacity);

  // The client's slot; 0 = not here.
  std::uint32_t find(const address& client, std::uint64_t hash) const {
    return index_.find(hash, [&](std::uint32_t n) { return slots_[n].client == client; });
  }
  // What is wanted soon is fetched from memory, which takes longer than all else here: for find(), and for touching the
  // one that it has found.
  void expect(std::uint64_t hash) const { index_.expect(hash); }
  void expect_touch(std::uint32_t n) const {
    __builtin_prefetch(&slots_[slots_[n].newer].older, 1);
    __builtin_prefetch(&slots_[slots_[n].older].newer, 1);
  }
  // The slot of a client; of 0, only the neighbours mean something.
  table_entry& operator[](std::uint32_t n) { return slots_[n]; }
  const table_entry& operator[](std::uint32_t n) const { return slots_[n]; }

  // There must be room. newer: the slot it follows; 0 = it becomes the most recently used. Returns its slot.
  std::uint32_t add(const table_entry& value, std::uint64_t hash, std::uint32_t newer);
  void remove(std::uint32_t n);

  // newer: another slot, or 0.
  void move(std::uint32_t n, std::uint32_t newer) {
    unlink(n);
    link(n, newer);
  }

  void assign(std::uint32_t n, server_id server, stamp assigned);

  std::uint32_t newest() const { return slots_[0].older; }  // 0 = there is none
  std::uint32_t oldest() const { return slots_[0].newer; }
  bool full() const { return size_ == capacity_; }
  std::uint32_t size() const { return size_; }
  std::uint32_t forgotten() const { return forgotten_; }  // how many of them belong to nobody
  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t taken() const { return taken_; }  // slots 1 .. taken() have been used; one whose `used` is 0 is free
  const table_digest& digest() const { return digest_; }

 private:
  void link(std::uint32_t n, std::uint32_t newer) {
    const std::uint32_t older = slots_[newer].older;
    slots_[n].newer = newer;
    slots_[n].older = older;
    slots_[newer].older = n;
    slots_[older].newer = n;
  }
  void unlink(std::uint32_t n) {
    slots_[slots_[n].newer].older = slots_[n].older;
    slots_[slots_[n].older].newer = slots_[n].newer;
  }
  std::uint64_t assignment(const table_entry& e) const {
    return assignment_hash(e.client, who_.of(static_cast<server_id>(e.server)), e.assigned);
  }

  zeroed_array<table_entry> slots_;  // slots_[0] anchors the list
  table_index index_;
  std::uint32_t capacity_;
  std::uint32_t size_ = 0, forgotten_ = 0;
  std::uint32_t taken_ = 0, freed_ = 0;  // slots are taken in order, then from those freed
  std::uint64_t seed_;
  const server_identities& who_;
  table_digest digest_;
};

}  // namespace holdfast
