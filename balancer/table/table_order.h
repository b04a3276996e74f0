// All that a client table knows, in order of last use: one array, and while a resize is under way the former one behind
// it, whose entries are all older. Knows where cursors stand and keeps them right. Knows no lock and no clock.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "balancer/table/table_slots.h"

namespace holdfast {

class table_order {
 public:
  // A client's place; valid until the next change. None, as a place in the order: behind the oldest.
  struct spot {
    table_slots* in = nullptr;
    std::uint32_t slot = 0;
    explicit operator bool() const { return slot != 0; }
    table_entry& operator*() const { return (*in)[slot]; }
    table_entry* operator->() const { return &(*in)[slot]; }
    bool operator==(const spot&) const = default;
  };

  // A place that stays: when its entry is used again or goes, the cursor steps to the older neighbour.
  class cursor {
   public:
    explicit cursor(table_order& of);  // none
    ~cursor();
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;
    void stand(spot where);
    spot at() const { return at_; }

   private:
    friend table_order;
    table_order& of_;
    spot at_;
  };

  table_order(std::uint32_t capacity, std::uint64_t seed, memory_advice advise, const server_identities& who);
  ~table_order();
  table_order(const table_order&) = delete;
  table_order& operator=(const table_order&) = delete;

  // The only thing that wants no lock.
  std::uint64_t hash_of(const address& client) const { return table_slots::hash_of(client, seed_); }

  spot find(const address& client, std::uint64_t hash) const {
    if (const auto n = current_->find(client, hash)) return {current_.get(), n};
    return old_ ? find_old(client, hash) : spot{};
  }
  void expect(std::uint64_t hash) const { current_->expect(hash); }
  static void expect_touch(spot where) { where.in->expect_touch(where.slot); }
  spot newest() const;
  spot oldest() const;
  spot older(spot where) const;
  spot newer(spot where) const;  // of none: the oldest

  // Makes it the most recently used; whoever calls gives it the stamp for that. Full: the oldest goes.
  spot touch(spot where, std::uint64_t hash);
  spot add(const table_entry& value, std::uint64_t hash);

  // Puts an entry where its `used` wants it to be, looking from the place of the one before; `was`: where this client
  // stands with an earlier `used`, none = it is not here. Full: the oldest goes, which may be this one: dropped.
  // `steps` are taken from; at 0 it must be called again: unfinished.
  enum class placed : std::uint8_t { done, dropped, unfinished };
  placed place(spot was, const table_entry& value, std::uint64_t hash, unsigned& steps);

  // Whoever calls tells of it by another touch, where needed: the place stays.
  void assign(spot where, server_id server, stamp assigned) { where.in->assign(where.slot, server, assigned); }

  void resize(std::uint32_t capacity);  // begins when the one before has ended
  bool moving() const { return old_ != nullptr; }
  void move_one();                            // the most recently used of the former array
  std::unique_ptr<table_slots> end_resize();  // when no longer moving: what is to be freed; may start the next one

  table_slots& current() { return *current_; }
  table_slots* former() { return old_.get(); }  // null = not moving
  std::uint32_t size() const { return current_->size() + (old_ ? old_->size() : 0); }
  std::uint32_t forgotten() const { return current_->forgotten() + (old_ ? old_->forgotten() : 0); }
  std::uint32_t capacity() const { return wanted_; }  // the one last asked for
  std::uint64_t evictions() const { return evictions_; }
  table_digest digest() const;

 private:
  spot find_old(const address& client, std::uint64_t hash) const;
  void leave(spot where);  // it moves or goes: cursors step on
  void follow(spot from, spot to);
  void make_room();  // in the current array
  table_slots* home_of(const table_entry& value, spot was) const;
  std::optional<std::uint32_t> neighbour(table_slots& in, const table_entry& value, unsigned& steps);
  void start_resize();
  void drop_old();

  const std::uint64_t seed_;
  const memory_advice advise_;
  const server_identities& who_;
  std::unique_ptr<table_slots> current_;
  std::unique_ptr<table_slots> old_;      // only while a resize is under way; all in it is older than all in current_
  std::unique_ptr<table_slots> dropped_;  // given back to the system by end_resize(), for that takes its time
  std::uint32_t wanted_;                  // capacity after all resizes
  std::uint64_t evictions_ = 0;
  std::vector<cursor*> cursors_;
  cursor placed_last_{*this};
};

}  // namespace holdfast
