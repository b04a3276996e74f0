// An open-addressing index of 32-bit entries: where in an array of records the record of a key is. Knows neither keys
// nor records: the caller brings hashes and compares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/ensure.h"

namespace holdfast {

struct free_memory {
  void operator()(void* memory) const { std::free(memory); }
};

// Told of fresh memory before its first use: how it is best paged is the system's business, so _io knows. May be null.
using memory_advice = void (*)(void* memory, std::size_t bytes);

// Lazily zeroed: pages that were never written cost nothing.
template <class T>
using zeroed_array = std::unique_ptr<T[], free_memory>;

template <class T>
zeroed_array<T> make_zeroed(std::size_t count, memory_advice advise) {
  auto* memory = static_cast<T*>(std::calloc(count, sizeof(T)));
  ensure(memory != nullptr);
  if (advise != nullptr) advise(memory, count * sizeof(T));
  return zeroed_array<T>(memory);
}

// Linear probing, two thirds full at most. An entry is a slot number (1 .. 2^24-1; 0 = empty) and 8 bits of its hash,
// so that hardly any probe needs to look at a record that is not the one sought.
class table_index {
 public:
  explicit table_index(std::uint32_t capacity, memory_advice advise = nullptr)
      : size_(size_for(capacity)), entries_(make_zeroed<entry>(size_, advise)) {}

  static std::uint32_t size_for(std::uint32_t capacity) { return capacity + capacity / 2 + 2; }
  static std::size_t bytes_for(std::uint32_t capacity) { return std::size_t{size_for(capacity)} * sizeof(entry); }

  // The slot for which is_it(slot) says yes; 0 if none.
  template <class Same>
  std::uint32_t find(std::uint64_t hash, Same is_it) const {
    for (std::uint32_t at = home(hash);; at = next(at)) {
      const entry e = entries_[at];
      if (e == 0) return 0;
      if (e >> slot_bits == tag(hash) && is_it(e & slot_mask)) return e & slot_mask;
    }
  }

  // find() will look for this one soon.
  void expect(std::uint64_t hash) const { __builtin_prefetch(&entries_[home(hash)]); }

  // The slot must not be in the index yet.
  void insert(std::uint64_t hash, std::uint32_t slot) {
    std::uint32_t at = home(hash);
    while (entries_[at] != 0) at = next(at);
    entries_[at] = tag(hash) << slot_bits | slot;
  }

  // The slot must be in the index. hash_of(slot): of any slot. What stands behind moves up, so there are no tombstones.
  template <class HashOf>
  void erase(std::uint64_t hash, std::uint32_t slot, HashOf hash_of) {
    std::uint32_t hole = home(hash);
    while ((entries_[hole] & slot_mask) != slot) hole = next(hole);
    for (std::uint32_t at = next(hole); entries_[at] != 0; at = next(at)) {
      // May move into the hole unless that lies before its home.
      if (distance(home(hash_of(entries_[at] & slot_mask)), at) < distance(hole, at)) continue;
      entries_[hole] = entries_[at];
      hole = at;
    }
    entries_[hole] = 0;
  }

 private:
  using entry = std::uint32_t;
  static constexpr unsigned slot_bits = 24;
  static constexpr entry slot_mask = (entry{1} << slot_bits) - 1;

  // The upper half of the hash says where, the lower half has the tag.
  std::uint32_t home(std::uint64_t hash) const { return static_cast<std::uint32_t>((hash >> 32) * size_ >> 32); }
  static entry tag(std::uint64_t hash) { return static_cast<entry>(hash & 0xff); }
  std::uint32_t next(std::uint32_t at) const { return at + 1 == size_ ? 0 : at + 1; }
  std::uint32_t distance(std::uint32_t from, std::uint32_t to) const {
    return to >= from ? to - from : to + size_ - from;
  }

  std::uint32_t size_;
  zeroed_array<entry> entries_;
};

}  // namespace holdfast
