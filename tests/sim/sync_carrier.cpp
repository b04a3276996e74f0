// What a driver does between a session and a table.
#include <algorithm>
#include <array>
#include <utility>

#include "balancer/choice/pool.h"
#include "sync/packed.h"
#include "tests/sim/sync_world.h"

namespace holdfast::sim {

namespace {

constexpr std::size_t batch = 5;  // entries, so that there are many batches
constexpr unsigned spare_cursor = max_peers - 1;
constexpr sync_number first_service = 7;  // of node 0; the others count on

std::vector<std::uint8_t> packed(std::span<const sync_entry> entries) {
  entry_packer packer(2048);
  for (const sync_entry& e : entries) packer.add(e);
  return packer.take();
}

}  // namespace

// A fact for one session, then what became of its orders, before anything else happens.
void sync_world::feed(std::size_t n, std::size_t p, session::event e) {
  std::deque<session::event> facts;
  facts.push_back(std::move(e));
  while (!facts.empty()) {
    const auto orders = nodes_[n].life->peers.at(p).machine.on(facts.front(), now_);
    facts.pop_front();
    if (orders.size() > 3 + 8) complain("orders breed orders");
    for (const auto& order : orders) std::visit([&](const auto& o) { perform(n, p, o, facts); }, order);
    if (facts.size() > 100) return complain("facts breed facts");
  }
}

void sync_world::feed_all(std::size_t n, const session::event& e) {
  for (std::size_t p = 0; p < nodes_.size(); ++p) {
    if (p != n) feed(n, p, e);
  }
}

template <class Effect>
void sync_world::perform(std::size_t n, std::size_t p, const Effect& o, std::deque<session::event>& results) {
  running& own = *nodes_[n].life;
  peer& of = own.peers.at(p);
  client_table& table = *own.table;
  const auto cursor = static_cast<unsigned>(p);
  if constexpr (std::is_same_v<Effect, session::dial>) {
    dial(n, p);
  } else if constexpr (std::is_same_v<Effect, session::hang_up>) {
    hang_up(n, p);
  } else if constexpr (std::is_same_v<Effect, session::send>) {
    say(n, p, o.what);
  } else if constexpr (std::is_same_v<Effect, session::introduce>) {
    for (const auto& [identity, id] : own.servers) say(n, p, sync_server{o.service, id, identity});
  } else if constexpr (std::is_same_v<Effect, session::seek>) {
    table.seek(cursor, o.upto != 0 ? o.upto : table.latest());
  } else if constexpr (std::is_same_v<Effect, session::start_snapshot>) {
    table.start_snapshot(cursor);
  } else if constexpr (std::is_same_v<Effect, session::start_repair>) {
    of.repairing.reset();
    of.repaired_upto = 0;
    for (const std::uint16_t b : o.buckets) of.repairing.set(b);
  } else if constexpr (std::is_same_v<Effect, session::send_entries>) {
    results.emplace_back(send_entries(n, p, o));
  } else if constexpr (std::is_same_v<Effect, session::send_digest>) {
    sync_digest d{.service = o.service};
    const table_digest sums = table.digest(d.size);
    std::copy(sums.sums().begin(), sums.sums().end(), d.sums.begin());
    d.clock = table.clock_marks(own_time(n));
    const bool any = !table.has_news(cursor);
    if (any) say(n, p, d);
    if (any) put(now_ + latency(n, p) / 4, {of.stream, end_of(streams_.at(of.stream), n), taken{}});
    results.emplace_back(session::digested{o.service, any});
  } else if constexpr (std::is_same_v<Effect, session::merge>) {
    merge(n, p, o);
    results.emplace_back(session::merged{o.what.service, o.what.kind, o.what.upto, o.what.last});
  } else if constexpr (std::is_same_v<Effect, session::compare>) {
    results.emplace_back(compare(n, p, o));
  } else if constexpr (std::is_same_v<Effect, session::learn>) {
    of.numbers[o.what.server] = id_of(n, o.what.identity);
  } else {
    static_assert(std::is_same_v<Effect, session::tell>);
    if (const auto* c = std::get_if<session_confirmed>(&o.what)) confirm(n, p, c->upto);
    if (std::holds_alternative<session_connected>(o.what)) {
      of.numbers.clear();
      own.met = true;
      for (const auto& [identity, is] : own.operators) own.unsaid.push_back(identity);
    }
    if (const auto* heard = std::get_if<session_heard>(&o.what))
      hear_state(n, std::get<sync_server_state>(heard->what));
    if (const auto* l = std::get_if<session_lost>(&o.what)) {
      table.unfollow(cursor);
      tell(nodes_[n].setup.name + " loses " + nodes_[p].setup.name + ": " + l->why);
    }
    if (const auto* s = std::get_if<session_in_sync>(&o.what)) {
      tell(nodes_[n].setup.name + " with " + nodes_[p].setup.name + (s->is ? " in sync" : ": " + s->why));
    }
  }
}

// A server gets its number when somebody first speaks of it.
server_id sync_world::id_of(std::size_t n, const std::string& identity) {
  running& own = *nodes_[n].life;
  const auto [at, fresh] = own.servers.try_emplace(identity, static_cast<server_id>(own.identities.size()));
  if (!fresh) return at->second;
  own.identities.push_back(identity);
  own.table->know(at->second, identity_hash(identity));
  own.named.push_back(at->second);
  return at->second;
}

// Not in the middle of an order.
void sync_world::name_servers(std::size_t n) {
  running& own = *nodes_[n].life;
  for (const std::string& identity : std::exchange(own.unsaid, {})) {
    feed_all(n, session::say{own.operators.at(identity)});
  }
  for (const server_id id : std::exchange(own.named, {})) {
    feed_all(n, session::named{{service_of(n), id, own.identities[id]}});
  }
}

session::sent sync_world::send_entries(std::size_t n, std::size_t p, const session::send_entries& o) {
  peer& of = nodes_[n].life->peers.at(p);
  client_table& table = *nodes_[n].life->table;
  const auto cursor = static_cast<unsigned>(p);
  std::array<sync_entry, batch> some;
  sync_entries what{.service = o.service, .kind = o.kind, .packed = {}};
  std::size_t count = 0;
  bool more = false;
  switch (o.kind) {
    case entry_kind::news:
      count = table.news(cursor, some, what.upto);
      more = table.has_news(cursor);
      break;
    case entry_kind::snapshot:
      count = table.snapshot(cursor, some);
      more = count != 0;
      break;
    case entry_kind::repair:
      count = table.bucket_entries(of.repairing, of.repaired_upto, some);
      more = of.repaired_upto != 0;
      break;
  }
  what.last = o.kind != entry_kind::news && !more;
  what.packed = packed(std::span(some).first(count));
  const bool any = count != 0 || o.anyhow || what.last;
  const stamp upto = what.upto;
  if (any) {
    say(n, p, std::move(what));
    put(now_ + latency(n, p) / 4, {of.stream, end_of(streams_.at(of.stream), n), taken{}});
  }
  return {o.service, o.kind, upto, more, any};
}

void sync_world::merge(std::size_t n, std::size_t p, const session::merge& o) {
  const peer& of = nodes_[n].life->peers.at(p);
  std::vector<sync_entry> entries;
  entry_reader reader(o.what.packed);
  while (auto e = reader.next()) {
    if (e->server != nobody) {
      const auto known = of.numbers.find(e->server);
      if (known == of.numbers.end()) return complain("a server is spoken of before it is named");
      e->server = known->second;
    }
    entries.push_back(*e);
  }
  if (reader.broken()) complain("entries are broken");
  client_table& table = *nodes_[n].life->table;
  std::vector<std::optional<word>> before;
  for (const sync_entry& e : entries) before.push_back(word_of(n, e.client));
  table.merge(entries, own_time(n));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const sync_entry& e = entries[i];
    const auto now = word_of(n, e.client);
    if (!before[i] || !now || e.server == nobody) continue;
    watch_order(n, *before[i], {e.client.text(), e.assigned, identity(n, e.server)}, *now);
  }
}

session::compared sync_world::compare(std::size_t n, std::size_t p, const session::compare& o) {
  client_table& table = *nodes_[n].life->table;
  session::compared result{.service = o.what.service, .differing = {}};
  table.meet(o.what.clock, own_time(n));
  std::uint32_t size = 0;
  const table_digest ours = table.digest(size);
  result.comparable = o.what.size <= table.capacity() && size <= o.capacity;
  if (!result.comparable) return result;
  std::bitset<digest_buckets> unsure;
  if (!o.quiet || table.has_news(static_cast<unsigned>(p))) {
    table.seek(spare_cursor, o.acknowledged);
    std::array<sync_entry, batch> some;
    stamp upto = 0;
    while (const std::size_t count = table.news(spare_cursor, some, upto)) {
      for (std::size_t i = 0; i < count; ++i) unsure.set(bucket_of(some[i].client));
    }
    table.unfollow(spare_cursor);
  }
  for (std::uint16_t b = 0; b < digest_buckets; ++b) {
    if (!unsure[b] && ours.sums()[b] != o.what.sums[b]) result.differing.push_back(b);
  }
  return result;
}

sync_number sync_world::service_of(std::size_t n) { return first_service + static_cast<sync_number>(n); }

}  // namespace holdfast::sim
