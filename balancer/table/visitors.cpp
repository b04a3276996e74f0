#include "balancer/table/visitors.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr std::size_t fewest_places = 4;

// The index of the table goes by other bits.
std::uint32_t short_hash(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 8); }
std::size_t part_of(std::uint32_t hash) { return hash % visitors::parts; }
std::size_t home(const std::vector<visitor>& places, std::uint32_t hash) {
  return hash / visitors::parts & (places.size() - 1);
}
std::size_t after(const std::vector<visitor>& places, std::size_t at) { return (at + 1) & (places.size() - 1); }

// Where the client is, or would be put.
std::size_t place_of(const std::vector<visitor>& places, const address& client, std::uint32_t hash) {
  std::size_t at = home(places, hash);
  while (places[at].is_here() && places[at].client != client) at = after(places, at);
  return at;
}

}  // namespace

visitor* visitors::find(const address& client, std::uint64_t hash) {
  const std::uint32_t h = short_hash(hash);
  auto& places = parts_[part_of(h)].places;
  if (places.empty()) return nullptr;
  visitor& there = places[place_of(places, client, h)];
  return there.is_here() ? &there : nullptr;
}

visitor& visitors::enter(const address& client, std::uint64_t hash) {
  if (visitor* known = find(client, hash)) return *known;
  const std::uint32_t h = short_hash(hash);
  shard& s = parts_[part_of(h)];
  if (2 * (s.count + 1) > s.places.size()) resize(s, std::max(fewest_places, 2 * s.places.size()));
  ++s.count;
  visitor& made = s.places[place_of(s.places, client, h)];
  made = {.client = client, .hash = h};
  return made;
}

bool visitors::begin_connect(visitor& v) {
  if (v.connecting == 0 && connecting_ == most_connecting) return false;
  connecting_ += v.connecting++ == 0;
  return true;
}

void visitors::end_connect(visitor& v) {
  ensure(v.connecting > 0);
  if (--v.connecting > 0) return;
  --connecting_;
  v.reserved = nobody;
  v.reached = 0;
}

void visitors::leave(visitor& v) {
  if (v.is_here()) return;
  shard& s = parts_[part_of(v.hash)];
  auto& places = s.places;
  auto hole = static_cast<std::size_t>(&v - places.data());
  const auto distance = [&](std::size_t from, std::size_t to) { return (to - from) & (places.size() - 1); };
  for (std::size_t at = after(places, hole); places[at].is_here(); at = after(places, at)) {
    if (distance(home(places, places[at].hash), at) < distance(hole, at)) continue;  // it would stand before its home
    places[hole] = std::exchange(places[at], {});
    hole = at;
  }
  if (8 * --s.count < places.size() && places.size() > fewest_places) resize(s, places.size() / 2);
}

void visitors::resize(shard& s, std::size_t places) {
  std::vector<visitor> next(places);
  for (const visitor& v : s.places) {
    if (v.is_here()) next[place_of(next, v.client, v.hash)] = v;
  }
  s.places = std::move(next);
}

std::size_t visitors::size() const {
  std::size_t sum = 0;
  for (const shard& s : parts_) sum += s.count;
  return sum;
}

std::size_t visitors::bytes() const {
  std::size_t sum = sizeof *this;
  for (const shard& s : parts_) sum += s.places.capacity() * sizeof(visitor);
  return sum;
}

}  // namespace holdfast
