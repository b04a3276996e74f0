#include "balancer/table/table_slots.h"

#include <array>
#include <cstring>

#include "base/ensure.h"

namespace holdfast {

namespace {

std::uint64_t folded(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void server_identities::know(server_id id, std::uint64_t identity) {
  ensure(id != nobody && id <= max_server_id);
  if (id >= known_.size()) known_.resize(id + 1);
  ensure(known_[id] == 0 || known_[id] == identity);
  known_[id] = identity;
}

std::uint64_t server_identities::of(server_id id) const {
  ensure(id < known_.size());
  return known_[id];
}

table_slots::table_slots(std::uint32_t capacity, std::uint64_t seed, memory_advice advise, const server_identities& who)
    : slots_(make_zeroed<table_entry>(std::size_t{capacity} + 1, advise)),
      index_(capacity, advise),
      capacity_(capacity),
      seed_(seed),
      who_(who) {
  static_assert(sizeof(table_entry) == 56);
}

std::uint64_t table_slots::hash_of(const address& client, std::uint64_t seed) {
  std::array<std::uint64_t, 2> half{};
  std::memcpy(half.data(), client.bytes().data(), sizeof half);
  return folded(folded(half[0] ^ seed, half[1] ^ 0x9e3779b97f4a7c15) ^ seed, 0xd6e8feb86659fd93);
}

std::size_t table_slots::bytes_for(std::uint32_t capacity) {
  return sizeof(table_slots) + (std::size_t{capacity} + 1) * sizeof(table_entry) + table_index::bytes_for(capacity);
}

std::uint32_t table_slots::add(const table_entry& value, std::uint64_t hash, std::uint32_t newer) {
  std::uint32_t n = freed_;
  if (n != 0) {
    freed_ = slots_[n].older;
  } else {
    n = ++taken_;
  }
  slots_[n] = value;
  link(n, newer);
  index_.insert(hash, n);
  digest_.add(value.client, assignment(value));
  ++size_;
  forgotten_ += value.server == nobody;
  return n;
}

void table_slots::remove(std::uint32_t n) {
  table_entry& gone = slots_[n];
  const auto rehash = [this](std::uint32_t any) { return hash_of(slots_[any].client, seed_); };
  index_.erase(rehash(n), n, rehash);
  digest_.remove(gone.client, assignment(gone));
  unlink(n);
  --size_;
  forgotten_ -= gone.server == nobody;
  gone.used = 0;
  gone.older = freed_;
  freed_ = n;
}

void table_slots::assign(std::uint32_t n, server_id server, stamp assigned) {
  table_entry& e = slots_[n];
  digest_.remove(e.client, assignment(e));
  forgotten_ -= e.server == nobody;
  e.server = server;
  e.assigned = assigned;
  forgotten_ += server == nobody;
  digest_.add(e.client, assignment(e));
}

}  // namespace holdfast
