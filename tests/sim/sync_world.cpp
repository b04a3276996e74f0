#include "tests/sim/sync_world.h"

#include <algorithm>

namespace holdfast::sim {

namespace {

using namespace std::chrono_literals;
constexpr duration reply_patience = 20ms;
constexpr duration settled_for = 1500ms;  // what is so old must be known to whoever says "in sync"
constexpr std::uint64_t begin_us = 1'700'000'000'000'000;

}  // namespace

sync_world::sync_world(std::vector<sync_node_setup> nodes, std::uint64_t seed,
                       const std::function<void(const std::string&)>& say)
    : random_(seed), say_(say) {
  nodes_.reserve(nodes.size());
  for (auto& setup : nodes) nodes_.push_back({.setup = std::move(setup), .life = {}, .disk = {}});
}

void sync_world::tell(const std::string& what) {
  if (say_) say_(std::to_string((now_ - instant(1h)) / 1us) + " us: " + what);
}

void sync_world::complain(const std::string& what) {
  complaints_.push_back(std::to_string((now_ - instant(1h)) / 1ms) + " ms: " + what);
}

std::uint64_t sync_world::wall_us(std::size_t n) const {
  return begin_us + static_cast<std::uint64_t>((now_ - instant(1h)) / 1us + 1000 * nodes_[n].setup.skew_ms);
}

unix_ms sync_world::own_time(std::size_t n) const {
  const auto since = (now_ - instant(1h)) / 1ms + nodes_[n].life->skew_ms;
  return begin_us / 1000 + static_cast<unix_ms>(since);
}

instant sync_world::when(std::size_t n, unix_ms own) const {
  return now_ - std::chrono::milliseconds(static_cast<std::int64_t>(own_time(n) - own));
}

std::pair<instant, std::optional<std::pair<std::size_t, std::size_t>>> sync_world::first_wake(instant before) const {
  std::pair<instant, std::optional<std::pair<std::size_t, std::size_t>>> first{before, std::nullopt};
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!alive(n)) continue;
    for (const auto& [p, of] : nodes_[n].life->peers) {
      const auto due = of.machine().deadline();
      if (due && *due < first.first) first = {std::max(*due, now_), {{n, p}}};
    }
  }
  return first;
}

instant sync_world::next(instant latest) const {
  const instant wakes = first_wake(latest).first;
  return queue_.empty() ? wakes : std::min(wakes, queue_.begin()->first);
}

void sync_world::run_until(instant when) {
  while (complaints_.empty()) {
    const auto [next, wakes] = first_wake(when);
    if (!queue_.empty() && queue_.begin()->first <= next) {
      auto entry = queue_.extract(queue_.begin());
      now_ = std::max(now_, entry.key());
      arrive(std::move(entry.mapped()));
    } else {
      now_ = next;
      if (!wakes) break;
      feed(wakes->first, wakes->second, wake{});
      const auto due = nodes_[wakes->first].life->peers.at(wakes->second).machine().deadline();
      if (due && *due <= now_) complain(nodes_[wakes->first].setup.name + " has a deadline behind it");
    }
    for (std::size_t n = 0; n < nodes_.size(); ++n) {
      if (!alive(n)) continue;
      pass_on_words(n);
      nodes_[n].life->table->migrate(1);
    }
  }
}

void sync_world::start(std::size_t n) {
  node& which = nodes_[n];
  if (which.life) return;
  tell(which.setup.name + " starts with " + std::to_string(which.disk.size()));
  which.dark = false;
  which.life = std::make_unique<running>();
  running& own = *which.life;
  own.number = ++numbers_;
  own.skew_ms = which.setup.skew_ms;
  own.began_empty = which.disk.empty();
  own.table = std::make_shared<client_table>(which.setup.capacity, random_());
  own.services = {{service_of(n), "web", own.table, std::make_shared<server_names>(), nullptr}};
  own.services.front().servers->teach(own.table);
  std::vector<sync_entry> entries;
  entries.reserve(which.disk.size());
  for (const saved& s : which.disk) {
    entries.push_back({s.client, s.identity.empty() ? nobody : id_of(n, s.identity), s.assigned, s.used});
  }
  own.table->recall(entries, own_time(n));
  for (const client_record& r : own.table->recent(0, 1000)) {
    if (ms_of(r.assigned) > own_time(n) + clocks_agree) complain("what a file says of the future counts");
    assigned_.emplace(number_of(r.client), r.assigned, identity(n, r.server));
  }
  for (const saved& s : which.disk) {
    const auto known = own.table->look(s.client);
    const auto error = known ? (now_ - s.when) / 1ms - static_cast<std::int64_t>(own_time(n) - known->when) : 0;
    if (std::abs(error) > static_cast<std::int64_t>(clocks_agree)) unknowing_.insert(number_of(s.client));
  }
  for (std::uint64_t server = 0; server < servers; ++server) {
    const std::string identity = identity_of(server);
    own.operators[identity] = *own.states.look({.service = "web", .identity = identity}, own_time(n));
  }
  const sync_hello hello{.node = which.setup.name, .software = "1", .incarnation = random_()};
  for (std::size_t p = 0; p < nodes_.size(); ++p) {
    if (p == n) continue;
    own.peers.try_emplace(p, session(hello, nodes_[p].setup.name, session_limits{}, random_(), now_),
                          static_cast<unsigned>(p), own.services);
    feed(n, p, session::services{{{service_of(n), which.setup.capacity, "web"}}});
  }
}

void sync_world::crash(std::size_t n, bool told) {
  if (!alive(n)) return;
  tell(nodes_[n].setup.name + (told ? " dies" : " loses power"));
  die(n, told);
  nodes_[n].life.reset();
  nodes_[n].dark = !told;
  if (active_ == n) active_.reset();
}

void sync_world::stop(std::size_t n) {
  if (!alive(n)) return;
  tell(nodes_[n].setup.name + " leaves");
  feed_all(n, session::leave{});
  nodes_[n].life.reset();
  if (active_ == n) active_.reset();
}

void sync_world::save(std::size_t n) {
  if (!alive(n)) return;
  nodes_[n].disk.clear();
  for (const client_record& r : nodes_[n].life->table->recent(0, 1000)) {
    nodes_[n].disk.push_back({r.client, identity(n, r.server), r.assigned, r.used, when(n, r.when)});
  }
}

void sync_world::resize(std::size_t n, std::uint32_t capacity) {
  tell(nodes_[n].setup.name + " has room for " + std::to_string(capacity));
  nodes_[n].setup.capacity = capacity;
  if (!alive(n)) return;
  nodes_[n].life->table->resize(capacity);
  feed_all(n, session::services{{{service_of(n), capacity, "web"}}});
}

void sync_world::check_all() {
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (alive(n)) feed_all(n, sender::check{});
  }
}

void sync_world::visit(std::size_t n, std::uint32_t client) {
  if (!alive(n)) return;
  welcome(n, client);
  client_table& table = *nodes_[n].life->table;
  const address who = address_of(client);
  const auto before = word_of(n, who);
  const auto known = table.find(who, own_time(n), 0s);
  watch_age(n, client);
  const bool stays = known && random_() % 8 != 0;  // or its server is down
  const server_id server = stays ? *known : id_of(n, identity_of(random_()));
  const auto settled = table.settle(who, server, own_time(n));
  unknowing_.erase(client);
  follow(before, word_of(n, who));
  assigned_.emplace(client, settled.assigned, identity(n, server));
  tell(nodes_[n].setup.name + ": " + who.text() + ' ' + identity(n, server) + ' ' + std::to_string(settled.when) +
       (settled.fresh ? " fresh" : ""));
  const auto follows = [&](const auto& one) { return one.second.machine().follows(service_of(n)); };
  const auto& peers = nodes_[n].life->peers;
  const bool waits = settled.fresh && std::any_of(peers.begin(), peers.end(), follows);
  if (waits) nodes_[n].life->replies.push_back({client, settled.when, now_ + reply_patience});
  feed_all(n, sender::news{service_of(n)});
}

// It meets the server whose reply it got once that was confirmed, unless it has been given another one since.
void sync_world::welcome(std::size_t n, std::uint32_t client) {
  const running& own = *nodes_[n].life;
  const auto kept = own.table->look(address_of(client));
  if (kept && !assigned_.contains({client, kept->assigned, identity(n, kept->server)})) {
    complain(nodes_[n].setup.name + " has a server for a client that never met it");
  }
  const auto g = given_.find(client);
  if (g == given_.end()) return;
  const auto holds = g->second.holders.find(n);
  const bool held = holds != g->second.holders.end() && holds->second == own.number;
  if (held && !knows(n, address_of(client), g->second.when)) {
    complain(nodes_[n].setup.name + " does not know the server of a reply that was given");
  }
}

void sync_world::forget(std::size_t n, std::uint32_t client) {
  if (!alive(n)) return;
  if (!nodes_[n].life->table->forget(address_of(client), own_time(n))) return;
  forgotten_.insert(address_of(client));
  feed_all(n, sender::news{service_of(n)});
}

// Of this peer. Then the replies that wait for it are given, and both hold what they are promised to hold.
void sync_world::confirm(std::size_t n, std::size_t p, stamp upto) {
  running& own = *nodes_[n].life;
  const stream& s = streams_.at(own.peers.at(p).stream);
  const bool lives = alive(p) && nodes_[p].life->number == s.life[end_of(s, p)];  // it that has said so
  for (const waiting& w : own.replies) {
    if (w.when > upto || w.until < now_) continue;
    given& g = given_[w.client];
    if (g.when > w.when) continue;
    if (g.when < w.when) g = {.when = w.when, .holders = {{n, own.number}}};
    const auto kept = own.table->look(address_of(w.client));
    const bool evicted = !kept || (kept->assigned != w.when && own.table->evictions() != 0);
    if (!lives || evicted) continue;  // we have no room for it ourselves
    if (!knows(p, address_of(w.client), w.when)) {
      complain(nodes_[p].setup.name + " has confirmed what it does not know");
    }
    g.holders[p] = nodes_[p].life->number;
  }
  std::erase_if(own.replies, [&](const waiting& w) { return w.until < now_; });
}

// Or has no room: then nothing is promised. Of those forgotten by order a table doesn't speak.
bool sync_world::knows(std::size_t n, const address& client, stamp assigned) const {
  const client_table& table = *nodes_[n].life->table;
  const auto known = table.look(client);
  std::uint32_t size = 0;
  table.digest(size);
  return table.evictions() != 0 || size >= table.capacity() || forgotten_.contains(client) ||
         (known && known->assigned >= assigned);
}

bool sync_world::in_sync(std::size_t n) const {
  bool anybody = false;
  for (const auto& [p, of] : nodes_[n].life->peers) {
    if (of.machine().connected() && !of.machine().in_sync()) return false;
    anybody |= of.machine().connected();
  }
  return anybody;
}

std::size_t sync_world::active() {
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!alive(n) || active_ == n) continue;
    if (active_ && nodes_[n].setup.priority <= nodes_[*active_].setup.priority) continue;
    if (active_ && !nodes_[n].life->peers.at(*active_).machine().in_sync()) continue;
    if (active_) watch_sync(n, *active_);
    tell(nodes_[n].setup.name + " becomes active");
    active_ = n;
  }
  return active_.value_or(nodes_.size());
}

void sync_world::watch() {
  for (const auto& [client, g] : given_) {
    for (const auto& [n, number] : g.holders) {
      if (!alive(n) || nodes_[n].life->number != number) continue;
      if (!knows(n, address_of(client), g.when)) {
        complain(nodes_[n].setup.name + " has lost what it had confirmed");
      }
    }
  }
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!alive(n)) continue;
    for (const auto& [p, of] : nodes_[n].life->peers) {
      if (of.machine().in_sync()) watch_sync(n, p);
    }
  }
}

// Whoever says that it knows all that another knows: does it? (What a third one has told that other a moment ago may
// come later.) Then it is to keep it as well as that one does.
void sync_world::watch_sync(std::size_t n, std::size_t p) {
  if (nodes_.size() != 2 || !alive(p)) return;
  if (!nodes_[n].life->peers.at(p).machine().in_sync()) complain("whoever is not in sync preempts");
  const unix_ms settled = own_time(p) - static_cast<unix_ms>(settled_for / 1ms);
  for (const client_record& r : nodes_[p].life->table->recent(0, 1000)) {
    if (r.when > settled || knows(n, r.client, r.assigned)) continue;
    complain(nodes_[n].setup.name + " says that it is in sync, but does not know " + r.client.text());
    tell(listing(p));
    tell(listing(n));
  }
  for (auto& [client, g] : given_) {
    const auto holds = g.holders.find(p);
    if (holds == g.holders.end() || holds->second != nodes_[p].life->number) continue;
    const auto known = nodes_[n].life->table->look(address_of(client));
    if (known && known->assigned >= g.when) g.holders[n] = nodes_[n].life->number;
  }
}

std::string sync_world::listing(std::size_t n) const {
  std::string out;
  for (const client_record& r : nodes_[n].life->table->recent(0, 1000)) {
    out += r.client.text() + ' ' + identity(n, r.server) + ' ' + std::to_string(r.assigned) + ' ' +
           std::to_string(r.used) + '\n';
  }
  return out;
}

void sync_world::must_agree() {
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    for (const auto& [p, of] : nodes_[n].life->peers) {
      const std::string& who = nodes_[n].setup.name;
      if (!of.machine().in_sync()) complain(who + " is not in sync: " + of.machine().doubt(now_));
      if (of.machine().skipped() != 0) complain(who + " has skipped something");
    }
    if (nodes_[n].setup.capacity != nodes_[0].setup.capacity) continue;
    std::uint32_t a = 0, b = 0;
    if (nodes_[0].life->table->digest(a) != nodes_[n].life->table->digest(b)) complain("the digests differ");
    for (const auto& [server, is] : nodes_[n].life->operators) {
      if (is.drain != nodes_[0].life->operators.at(server).drain)
        complain(nodes_[n].setup.name + " knows another word of " + server);
    }
    // When a client was last here is said by whoever saw it, and a third one may have died before it had said it to
    // all.
    if (nodes_.size() == 2 && listing(0) != listing(n))
      complain("the order differs:\n" + listing(0) + "or\n" + listing(n));
  }
}

}  // namespace holdfast::sim
