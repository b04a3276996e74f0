// Numbers in network byte order, and what messages are made of: to bytes, and back. Knows no message; limits and
// refusals are theirs.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast {

// The highest byte first. to: anything with push_back().
template <std::unsigned_integral T, class Bytes>
void put_number(Bytes& to, T value) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    to.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

// bytes: as many as T has; of none the number is 0.
template <std::unsigned_integral T>
T number_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return static_cast<T>(value);
}

class byte_writer {
 public:
  explicit byte_writer(std::size_t reserved = 0) { bytes_.reserve(reserved); }

  template <std::unsigned_integral T>
  void number(T value) {
    put_number(bytes_, value);
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void choice(Enum value) {
    number(static_cast<std::uint8_t>(value));
  }
  void put(std::span<const std::uint8_t> value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  void text(std::string_view value) {  // after its length in one byte
    number(static_cast<std::uint8_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }

  std::vector<std::uint8_t>& bytes() { return bytes_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Reads zeros once it has come to the end; complete() tells.
class byte_reader {
 public:
  explicit byte_reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::span<const std::uint8_t> part(std::size_t size) {
    complete_ = complete_ && size <= rest_.size();
    if (!complete_) return {};
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  template <std::unsigned_integral T>
  T number() {
    return number_of<T>(part(sizeof(T)));
  }
  std::string text() {  // after its length in one byte
    const auto bytes = part(number<std::uint8_t>());
    return {bytes.begin(), bytes.end()};
  }

  bool complete() const { return complete_; }
  bool has(std::size_t size) const { return complete_ && size <= rest_.size(); }

 private:
  std::span<const std::uint8_t> rest_;
  bool complete_ = true;
};

}  // namespace holdfast
