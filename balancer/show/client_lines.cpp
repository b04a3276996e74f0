#include "balancer/show/client_lines.h"

#include <algorithm>
#include <map>
#include <vector>

#include "cli/language/words.h"
#include "cli/reply/client_line.h"

namespace holdfast {

namespace {

constexpr std::size_t lines_of_piece = 20'000;  // a piece ends with the look in which they are reached,
constexpr int looks_of_piece = 64;              // or after so many, for much of a table may be empty

std::vector<const pool*> by_name(pool_list pools) {
  std::vector<const pool*> sorted(pools.begin(), pools.end());
  std::sort(sorted.begin(), sorted.end(), [](const pool* a, const pool* b) { return a->policy.name < b->policy.name; });
  return sorted;
}

struct position {
  std::string service;
  std::size_t at = 0;
};

std::optional<position> read_position(std::string_view text) {
  if (text.empty()) return position{};
  const auto colon = text.rfind(':');
  const auto at = colon == text.npos ? std::nullopt : read_number(text.substr(colon + 1));
  if (!at) return std::nullopt;
  return position{std::string(text.substr(0, colon)), *at};
}

void add_lines(const pool& p, std::span<const sync_entry> entries, std::string& to) {
  for (const sync_entry& e : entries) {
    const server* s = p.find(e.server);
    if (s == nullptr) continue;  // forgotten by order, or the server has gone
    to += print({p.policy.name, e.client, s->identity, ms_of(e.assigned), ms_of(e.used)}) + '\n';
  }
}

// The entries that lines mean, of each service that we have.
struct sorted_lines {
  std::map<const pool*, std::vector<sync_entry>> entries;
  std::uint64_t unknown = 0;  // services and servers that are none of ours
};

void sort_in(const client_line& c, pool_list pools, sorted_lines& to) {
  const auto of = std::find_if(pools.begin(), pools.end(), [&](const pool* p) { return p->policy.name == c.service; });
  if (of == pools.end()) {
    ++to.unknown;
    return;
  }
  const pool& p = **of;
  const auto at =
      std::find_if(p.servers.begin(), p.servers.end(), [&](const server& s) { return s.identity == c.server; });
  if (at == p.servers.end()) {
    ++to.unknown;
    return;
  }
  to.entries[&p].push_back({p.key_of(c.client), at->id, stamp_at(c.assigned), stamp_at(c.used)});
}

}  // namespace

reply client_lines_answer(pool_list pools, std::string_view after) {
  const auto from = read_position(after);
  if (!from) return refused("expected SERVICE:NUMBER, as the piece before said");
  std::bitset<digest_buckets> all;
  all.set();
  std::vector<sync_entry> room(4096);
  reply piece;
  std::size_t lines = 0;
  int looks = 0;
  for (const pool* p : by_name(pools)) {
    const std::string& name = p->policy.name;
    if (name < from->service) continue;
    std::size_t at = name == from->service ? from->at : 0;
    do {
      if (looks++ == looks_of_piece || lines >= lines_of_piece) {
        piece.message = name + ':' + std::to_string(at);
        return piece;
      }
      const std::size_t found = p->clients->bucket_entries(all, at, room);
      add_lines(*p, std::span(room).first(found), piece.pen);
      lines += found;
    } while (at != 0);
  }
  return piece;
}

reply put_clients_answer(pool_list pools, std::string_view lines, unix_ms now) {
  sorted_lines sorted;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(' '));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const auto read = read_client_line(line);
    if (!read) return refused("expected " + std::string(client_line_heading) + ", not " + std::string(line));
    sort_in(*read, pools, sorted);
  }
  client_table::merge_report sum;
  for (const auto& [p, entries] : sorted.entries) {
    const auto merged = p->clients->recall(entries, now);
    sum.taken += merged.taken;
    sum.known += merged.known;
    sum.dropped += merged.dropped;
    sum.ahead += merged.ahead;
  }
  reply r;
  r.tables.push_back({"import",
                      {{"taken", unit::count},
                       {"known", unit::count},
                       {"dropped", unit::count},
                       {"ahead", unit::count},
                       {"unknown", unit::count}},
                      {{sum.taken, sum.known, sum.dropped, sum.ahead, sorted.unknown}}});
  return r;
}

}  // namespace holdfast
