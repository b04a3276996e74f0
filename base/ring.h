// A bounded queue between threads. Full is an answer, not a wait: the caller counts it and goes on.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace holdfast {

// Any thread may push and drain. The lock is held for a move of one value, or a swap of two vectors.
template <class T>
class ring {
 public:
  explicit ring(std::size_t limit) : limit_(limit) {}

  // False when full; `value` is then untouched.
  bool push(T& value) {
    const std::lock_guard guard(lock_);
    if (values_.size() >= limit_) return false;
    values_.push_back(std::move(value));
    return true;
  }

  // For what must not get lost: beyond the limit, too.
  void add(T value) {
    const std::lock_guard guard(lock_);
    values_.push_back(std::move(value));
  }

  // All values so far, oldest first.
  std::vector<T> drain() {
    std::vector<T> out;
    const std::lock_guard guard(lock_);
    out.swap(values_);
    return out;
  }

 private:
  std::mutex lock_;
  std::vector<T> values_;
  std::size_t limit_;
};

}  // namespace holdfast
