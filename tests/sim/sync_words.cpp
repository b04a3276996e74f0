// Operators and clocks: who said what after what. Whoever says something of a client or a server has heard of what was
// said before; that must never undo it, whatever the clocks show.
#include "tests/sim/sync_world.h"

namespace holdfast::sim {

namespace {

using namespace std::chrono_literals;

}  // namespace

void sync_world::set_clock(std::size_t n, std::int64_t skew_ms) {
  tell(nodes_[n].setup.name + " has a clock " + std::to_string(skew_ms) + " ms ahead");
  nodes_[n].setup.skew_ms = skew_ms;
}

void sync_world::pin(std::size_t n, std::uint32_t client) {
  if (!alive(n)) return;
  const address who = address_of(client);
  const auto before = word_of(n, who);
  const server_id server = id_of(n, identity_of(random_()));
  const auto done = nodes_[n].life->table->assign(who, server, own_time(n));
  assigned_.emplace(client, done.assigned, identity(n, server));
  tell(nodes_[n].setup.name + ": " + who.text() + " pinned to " + identity(n, server));
  follow(before, word_of(n, who));
  feed_all(n, sender::news{service_of(n)});
}

void sync_world::drain(std::size_t n, std::uint32_t server) {
  if (!alive(n)) return;
  running& own = *nodes_[n].life;
  sync_server_state& is = own.operators.at(identity_of(server));
  const word before = word_of(is);
  is.drain = !is.drain;
  const auto news = own.states.look(is, own_time(n));
  if (!news) return complain("an operator has said something, and it is no news");
  is = *news;
  tell(nodes_[n].setup.name + ": " + is.identity + (is.drain ? " drains" : " takes clients"));
  follow(before.when == 0 ? std::nullopt : std::optional(before), word_of(is));
  own.unsaid.push_back(is.identity);
  pass_on_words(n);
}

void sync_world::hear_state(std::size_t n, const sync_server_state& told) {
  running& own = *nodes_[n].life;
  sync_server_state& is = own.operators.at(told.identity);
  const word before = word_of(is);
  if (const auto counts = own.states.take(told, true, own_time(n))) {
    is = *counts;
    own.unsaid.push_back(is.identity);
  }
  watch_order(n, before, word_of(told), word_of(is));
}

std::uint32_t sync_world::number_of(const address& client) {
  const auto b = client.bytes();
  return std::uint32_t{b[13]} << 16 | std::uint32_t{b[14]} << 8 | b[15];
}

std::optional<sync_world::word> sync_world::word_of(std::size_t n, const address& client) const {
  const auto known = nodes_[n].life->table->look(client);
  if (!known) return std::nullopt;
  return word{client.text(), known->assigned, identity(n, known->server)};
}

void sync_world::follow(const std::optional<word>& before, const std::optional<word>& now) {
  if (before && now && *before != *now) after_.emplace(*now, *before);
}

bool sync_world::is_after(const word& later, const word& earlier) const {
  for (auto known = after_.find(later); known != after_.end(); known = after_.find(known->second)) {
    if (known->second == earlier) return true;
  }
  return false;
}

void sync_world::watch_order(std::size_t n, const word& before, const word& told, const word& now) {
  const std::string who = nodes_[n].setup.name + ": of " + told.of + ' ';
  if (now == told && is_after(before, told)) complain(who + told.is + " undoes " + before.is + ", which came later");
  if (now == before && is_after(told, before)) complain(who + told.is + " is not heard, which came later");
}

// Of a client that was known, before and after it was told: now.
void sync_world::watch_order(std::size_t n, const std::vector<std::pair<word, word>>& told) {
  for (const auto& [before, what] : told) {
    const auto now = word_of(n, *address::parse(what.of));
    if (now) watch_order(n, before, what, *now);
  }
}

// Nobody lives for an hour here: whoever is known was here within that.
void sync_world::watch_age(std::size_t n, std::uint32_t client) {
  const client_table& table = *nodes_[n].life->table;
  const address who = address_of(client);
  if (nodes_.size() != 2 || unknowing_.contains(client) || !table.find(who, own_time(n), 0s)) return;
  const bool alone = nodes_[n].life->began_empty && !nodes_[n].life->met;
  if (!alone && !in_sync(n)) return;
  if (!table.find(who, own_time(n), 15min)) complain(nodes_[n].setup.name + " takes a client for gone that was here");
}

}  // namespace holdfast::sim
