// What tests of the client table have in common.
#pragma once

#include <string>
#include <vector>

#include "tests/balancer/made_pool.h"

namespace holdfast {

inline address numbered_client(std::uint32_t number) { return address::v4(0x0a000000 + number); }

// Servers 1 .. count are web1, web2, ...
inline void know_servers(client_table& table, server_id count) {
  for (server_id id = 1; id <= count; ++id) table.know(id, identity_hash("web" + std::to_string(id)));
}

// A client that is known comes once more.
inline void again(client_table& table, const address& client, unix_ms now) {
  table.settle(client, table.find(client, now, duration::zero()).value(), now);
}

// Everything in it, newest first; by the snapshot of the last peer.
inline std::vector<sync_entry> all_of(client_table& table) {
  std::vector<sync_entry> all, some(100);
  table.start_snapshot(max_peers - 1);
  while (const std::size_t count = table.snapshot(max_peers - 1, some)) {
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

inline std::vector<sync_entry> all_news(client_table& table, unsigned peer, stamp& upto) {
  std::vector<sync_entry> all, some(7);
  while (const std::size_t count = table.news(peer, some, upto)) {
    all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

inline table_digest digest_of(const client_table& table) {
  std::uint32_t size = 0;
  return table.digest(size);
}

// The digest as it must be, made afresh from what is in the table; ids are those of know_servers().
inline table_digest digest_of(const std::vector<sync_entry>& all) {
  table_digest made;
  for (const auto& e : all) {
    const std::uint64_t who = e.server == nobody ? 0 : identity_hash("web" + std::to_string(e.server));
    made.add(e.client, assignment_hash(e.client, who, e.assigned));
  }
  return made;
}

}  // namespace holdfast
