// From a table on disk to a table in memory: what a file says of clients, in our own numbers of servers. Reads no file.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "balancer/table/client_table.h"
#include "balancer/table/table_file.h"

namespace holdfast {

struct restored {
  std::uint64_t entries = 0;  // taken into the table
  std::uint64_t dropped = 0;  // of servers that are no more
  std::uint64_t ahead = 0;    // of a time that we have not reached: any node that lives knows better
};

class restoring {
 public:
  // ids: of our servers, by identity; the table knows them. Both outlive it.
  restoring(const std::map<std::string, server_id>& ids, unix_ms now, client_table& into)
      : ids_(ids), now_(now), into_(into) {}

  // A piece of a file with this head, which is the same each time.
  void take(const table_file_head& head, std::span<const sync_entry> entries);

  const restored& done() const { return done_; }

 private:
  void know(const table_file_head& head);

  const std::map<std::string, server_id>& ids_;
  unix_ms now_;
  client_table& into_;
  restored done_;
  std::unordered_map<sync_number, server_id> ours_;
  std::vector<sync_entry> batch_;
};

}  // namespace holdfast
