// Entries as bytes: each says only how it differs from the one before. Some 7 bytes for an IPv4 client that has been
// here once, at most 48 for anything. The bytes are in docs/sync-protocol.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sync/entry.h"

namespace holdfast {

// Packs entries until there is no more room. Each packer begins anew: its bytes are read without what came before.
class entry_packer {
 public:
  explicit entry_packer(std::size_t limit);  // bytes: 64 and more

  // False: no room for one more, and nothing was added. e.assigned is not after e.used, or it is our bug.
  bool add(const sync_entry& e);

  std::size_t count() const { return count_; }
  std::vector<std::uint8_t> take();  // empties it

 private:
  std::size_t limit_;
  std::size_t count_ = 0;
  stamp before_ = 0;  // `used` of the entry before
  std::vector<std::uint8_t> bytes_;
};

// Gives them back in order. Whatever the bytes are, an entry is well-formed: used is never before assigned.
class entry_reader {
 public:
  explicit entry_reader(std::span<const std::uint8_t> packed) : rest_(packed) {}

  // The next; none at the end or when it is broken.
  std::optional<sync_entry> next();
  bool broken() const { return broken_; }

 private:
  std::span<const std::uint8_t> rest_;
  stamp before_ = 0;  // `used` of the entry before
  bool broken_ = false;
};

}  // namespace holdfast
