#include "balancer/table/table_order.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

table_order::cursor::cursor(table_order& of) : of_(of) { of_.cursors_.push_back(this); }

table_order::cursor::~cursor() { std::erase(of_.cursors_, this); }

void table_order::cursor::stand(spot where) {
  at_ = where;
  if (at_) at_->marked = 1;
}

table_order::table_order(std::uint32_t capacity, std::uint64_t seed, memory_advice advise, const server_identities& who)
    : seed_(seed),
      advise_(advise),
      who_(who),
      current_(std::make_unique<table_slots>(capacity, seed, advise, who)),
      wanted_(capacity) {}

table_order::~table_order() = default;

table_order::spot table_order::find_old(const address& client, std::uint64_t hash) const {
  const auto n = old_->find(client, hash);
  return n == 0 ? spot{} : spot{old_.get(), n};
}

table_order::spot table_order::newest() const {
  if (const auto n = current_->newest()) return {current_.get(), n};
  if (!old_ || old_->size() == 0) return {};
  return {old_.get(), old_->newest()};
}

table_order::spot table_order::oldest() const {
  if (old_ && old_->size() != 0) return {old_.get(), old_->oldest()};
  const auto n = current_->oldest();
  return n == 0 ? spot{} : spot{current_.get(), n};
}

table_order::spot table_order::older(spot where) const {
  if (const auto n = where->older) return {where.in, n};
  if (where.in != current_.get() || !old_ || old_->size() == 0) return {};
  return {old_.get(), old_->newest()};
}

table_order::spot table_order::newer(spot where) const {
  if (!where) return oldest();
  if (const auto n = where->newer) return {where.in, n};
  if (where.in == current_.get() || current_->size() == 0) return {};
  return {current_.get(), current_->oldest()};
}

void table_order::leave(spot where) {
  if (where->marked) follow(where, older(where));
}

void table_order::follow(spot from, spot to) {
  from->marked = 0;
  for (cursor* c : cursors_) {
    if (c->at_ == from) c->stand(to);
  }
}

// Whoever still waits in the former array is older than everyone here.
void table_order::make_room() {
  if (!current_->full()) return;
  drop_old();
  const spot last{current_.get(), current_->oldest()};
  leave(last);
  current_->remove(last.slot);
  ++evictions_;
}

table_order::spot table_order::touch(spot where, std::uint64_t hash) {
  leave(where);
  if (where.in == current_.get()) {
    if (where.slot != current_->newest()) current_->move(where.slot, 0);
    return where;
  }
  const table_entry value = *where;
  where.in->remove(where.slot);
  return add(value, hash);
}

table_order::spot table_order::add(const table_entry& value, std::uint64_t hash) {
  make_room();
  return {current_.get(), current_->add(value, hash, 0)};
}

// The array in which it has its place; null: it is older than all that there is room for.
table_slots* table_order::home_of(const table_entry& value, spot was) const {
  if (was.in == current_.get()) return was.in;
  const bool among_old = old_ && old_->size() != 0 && is_newer((*old_)[old_->newest()], value);
  const bool too_old = current_->full() && (among_old || is_newer((*current_)[current_->oldest()], value));
  if (too_old) return was.in;  // where it waits to be dropped
  return among_old ? old_.get() : current_.get();
}

// The slot which it follows in this array; none: the steps were not enough.
std::optional<std::uint32_t> table_order::neighbour(table_slots& in, const table_entry& value, unsigned& steps) {
  if (in.size() == 0 || is_newer(value, in[in.newest()])) return 0;
  if (is_newer(in[in.oldest()], value)) return in.oldest();
  std::uint32_t at = placed_last_.at().in == &in ? placed_last_.at().slot : in.newest();
  for (; steps > 0; --steps) {
    if (!is_newer(in[at], value)) {
      at = in[at].newer;
    } else if (const auto next = in[at].older; is_newer(in[next], value)) {
      at = next;
    } else {
      return at;
    }
  }
  placed_last_.stand({&in, at});
  return std::nullopt;
}

table_order::placed table_order::place(spot was, const table_entry& value, std::uint64_t hash, unsigned& steps) {
  if (!was && old_ && old_->full()) move_one();  // so there is room for one that belongs there
  table_slots* const to = home_of(value, was);
  if (to == nullptr) return placed::dropped;
  const auto follows = neighbour(*to, value, steps);
  if (!follows) return placed::unfinished;
  std::uint32_t slot = was.slot;
  if (was) leave(was);
  if (was.in == to) {
    to->move(slot, *follows);
    (*to)[slot].used = value.used;
    (*to)[slot].own = value.own;
  } else {
    if (was) was.in->remove(was.slot);
    if (to == current_.get()) make_room();
    slot = to->add(value, hash, *follows);
  }
  placed_last_.stand({to, slot});
  return placed::done;
}

void table_order::resize(std::uint32_t capacity) {
  wanted_ = capacity;
  if (!old_ && !dropped_) start_resize();
}

void table_order::start_resize() {
  if (wanted_ == current_->capacity()) return;
  old_ = std::exchange(current_, std::make_unique<table_slots>(wanted_, seed_, advise_, who_));
}

void table_order::drop_old() {
  if (!old_) return;
  for (cursor* c : cursors_) {
    if (c->at_.in == old_.get()) c->at_ = {};
  }
  evictions_ += old_->size();
  dropped_ = std::move(old_);
}

void table_order::move_one() {
  const spot from{old_.get(), old_->newest()};
  if (!from || current_->full()) return drop_old();
  const bool marked = from->marked;
  const spot to{current_.get(), current_->add(*from, hash_of(from->client), current_->oldest())};
  if (marked) follow(from, to);
  old_->remove(from.slot);
}

std::unique_ptr<table_slots> table_order::end_resize() {
  std::unique_ptr<table_slots> rubbish = std::move(dropped_);
  start_resize();
  return rubbish;
}

table_digest table_order::digest() const {
  table_digest all = current_->digest();
  if (old_) all += old_->digest();
  return all;
}

}  // namespace holdfast
