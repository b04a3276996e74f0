// A client table as bytes, so that it survives both nodes: written from the newest client to the oldest, read the same
// way. Knows no file and no table.
//
// All numbers big-endian:
//   "holdfast clients"   16 bytes
//   u32 version
//   u8 length, service   its name
//   u32 capacity         of the table
//   u32 count, then of each server: u32 number, u8 length, identity
//   blocks               u32 length (1 to 65536), entries (sync/packed.h); a length of 0 ends them
//   u64                  how many entries there were
//   u32                  CRC-32C of everything before
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sync/entry.h"

namespace holdfast {

inline constexpr std::uint32_t table_file_version = 1;
inline constexpr std::size_t table_file_block = 64 << 10;          // bytes
inline constexpr std::size_t max_table_file_name = 255;            // bytes of a service's name or a server's identity
inline constexpr std::uint32_t max_table_file_servers = 16 << 10;  // identities

struct table_file_head {
  struct server {
    sync_number number = nobody;  // as the entries name it
    std::string identity;
    bool operator==(const server&) const = default;
  };
  std::string service;
  std::uint32_t capacity = 0;
  std::vector<server> servers;
  bool operator==(const table_file_head&) const = default;
};

// Takes the next bytes; false: it can't, and no more are wanted.
using byte_sink = std::function<bool(std::span<const std::uint8_t>)>;
// Fills all of it with the next bytes; false: there aren't so many.
using byte_source = std::function<bool(std::span<std::uint8_t>)>;
// Puts the next entries into it and says how many; 0 = there are no more.
using entry_source = std::function<std::size_t(std::span<sync_entry>)>;

// Holds some thousand entries at once. Entries of a server that the head doesn't name are left out. Names too long, or
// too many of them, are our bug and abort. How many entries were written; none: the sink has failed.
std::optional<std::uint64_t> write_table_file(const table_file_head& head, const entry_source& from,
                                              const byte_sink& to);

enum class table_refusal : std::uint8_t {
  cut_short,
  no_table,  // not such a file at all
  other_version,
  other_service,
  bad_server,
  bad_entries,
  bad_count,
  bad_checksum,
  too_long,  // something follows the end
};
const char* describe(table_refusal why);

// Told the head and a block's entries, several times, as they come: nothing of it is to be believed before the end. For
// an empty table not at all.
using entry_taker = std::function<void(const table_file_head&, std::span<const sync_entry>)>;

// Whatever the bytes are: never more memory than a block's and the names. How many entries there were.
result<std::uint64_t, table_refusal> read_table_file(const byte_source& from, const std::string& service,
                                                     const entry_taker& take);

// Castagnoli's, RFC 3720 section 12.1. before: of the bytes that came before.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);

}  // namespace holdfast
