// Slots for things that come and go all the time: they never move, have small numbers, and their memory is reused.
// Knows nothing about what it holds.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/ensure.h"

namespace holdfast {

// Every operation is O(1). Memory grows by 64 slots and is kept until the end.
template <class T>
class slab {
 public:
  slab() = default;
  slab(const slab&) = delete;
  slab& operator=(const slab&) = delete;
  ~slab() {
    each([&](std::uint32_t number, T&) { drop(number); });
  }

  template <class... Args>
  std::uint32_t make(Args&&... args) {
    if (free_.empty()) grow();
    const std::uint32_t number = free_.back();
    std::construct_at(place(number), std::forward<Args>(args)...);
    free_.pop_back();
    chunks_[number / 64]->taken |= bit(number);
    return number;
  }

  // Null when nothing lives there.
  T* find(std::uint32_t number) {
    if (number / 64 >= chunks_.size() || (chunks_[number / 64]->taken & bit(number)) == 0) return nullptr;
    return place(number);
  }

  void drop(std::uint32_t number) {
    ensure(find(number) != nullptr);
    std::destroy_at(place(number));
    chunks_[number / 64]->taken &= ~bit(number);
    free_.push_back(number);
  }

  // f(number, thing) for all, in no order that means anything; f may drop the one it is given.
  template <class F>
  void each(F f) {
    for (std::uint32_t c = 0; c < chunks_.size(); ++c) {
      for (std::uint64_t left = chunks_[c]->taken; left != 0; left &= left - 1) {
        const auto number = c * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        f(number, *place(number));
      }
    }
  }

  // f(number, thing) from where `cursor` stands (0 at first) until f says no; then `cursor` stands behind that thing.
  // True: all have been seen. Between two calls things may come and go.
  template <class F>
  bool each_from(std::uint32_t& cursor, F f) {
    for (; cursor / 64 < chunks_.size(); cursor = (cursor / 64 + 1) * 64) {
      for (std::uint64_t left = chunks_[cursor / 64]->taken >> (cursor % 64) << (cursor % 64); left != 0;
           left &= left - 1) {
        const auto number = cursor / 64 * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
        if (f(number, *place(number))) continue;
        cursor = number + 1;
        return false;
      }
    }
    return true;
  }

  std::size_t size() const { return chunks_.size() * 64 - free_.size(); }

 private:
  struct chunk {
    std::uint64_t taken = 0;
    alignas(T) std::byte memory[64 * sizeof(T)];
  };

  static std::uint64_t bit(std::uint32_t number) { return std::uint64_t{1} << (number % 64); }
  T* place(std::uint32_t number) { return reinterpret_cast<T*>(chunks_[number / 64]->memory) + number % 64; }

  void grow() {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * 64);
    chunks_.push_back(std::make_unique_for_overwrite<chunk>());
    free_.reserve(chunks_.size() * 64);  // so that drop() never allocates
    for (std::uint32_t i = 64; i > 0; --i) free_.push_back(first + i - 1);
  }

  std::vector<std::unique_ptr<chunk>> chunks_;
  std::vector<std::uint32_t> free_;  // the one given back last goes out first: it is warm
};

}  // namespace holdfast
