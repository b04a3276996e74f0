// A key in memory: wiped when it ends or moves away. It can't be copied, compared or printed.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace holdfast {

// Like memset, but the compiler may not leave it out.
inline void wipe(std::span<std::uint8_t> bytes) { explicit_bzero(bytes.data(), bytes.size()); }

// N bytes; zeros at first, and zeros again once moved from.
template <std::size_t N>
class secret {
 public:
  secret() = default;
  secret(secret&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  secret& operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    bytes_ = other.bytes_;
    other.wipe();
    return *this;
  }
  ~secret() { wipe(); }

  std::span<const std::uint8_t, N> bytes() const { return bytes_; }
  std::span<std::uint8_t, N> bytes() { return bytes_; }  // to fill it

  void wipe() { holdfast::wipe(bytes_); }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

// The key that all nodes of a cluster share.
using secret_key = secret<32>;

// While a key is replaced there are two: with the first a node calls, and whoever has either is let in.
struct cluster_keys {
  cluster_keys(secret_key key, std::optional<secret_key> other = {}) : first(std::move(key)), next(std::move(other)) {}

  secret_key first;
  std::optional<secret_key> next;
};

// Bytes of any number that can be copied; every copy is wiped when its memory is given back.
template <class T>
struct wiping_allocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = wiping_allocator<U>;
  };
  void deallocate(T* at, std::size_t count) {
    wipe({reinterpret_cast<std::uint8_t*>(at), count * sizeof(T)});
    std::allocator<T>::deallocate(at, count);
  }
};
using secret_bytes = std::vector<std::uint8_t, wiping_allocator<std::uint8_t>>;

}  // namespace holdfast
