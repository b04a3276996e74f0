#include "sync/digest.h"

#include <array>

namespace holdfast {

namespace {

// The finalizer of MurmurHash3: every bit of the input moves half of the output's.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 33);
}

// The address as two numbers, the same on machines of either byte order.
std::uint64_t mixed(const address& client) {
  std::array<std::uint64_t, 2> half{};
  for (std::size_t i = 0; i < 16; ++i) half[i / 8] = half[i / 8] << 8 | client.bytes()[i];
  return mixed(mixed(half[0]) + half[1]);
}

}  // namespace

std::uint16_t bucket_of(const address& client) { return static_cast<std::uint16_t>(mixed(client) % digest_buckets); }

std::uint64_t assignment_hash(const address& client, std::uint64_t identity, stamp assigned) {
  return mixed(mixed(mixed(client) ^ identity) + assigned);
}

table_digest& table_digest::operator+=(const table_digest& other) {
  for (std::size_t i = 0; i < digest_buckets; ++i) sums_[i] += other.sums_[i];
  return *this;
}

}  // namespace holdfast
