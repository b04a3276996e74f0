// What a driver does between a session, the network, and what moves between tables.
#include <utility>

#include "sync/packed.h"
#include "tests/sim/sync_world.h"

namespace holdfast::sim {

namespace {

constexpr exchange_limits batches{.entries_a_lock = 5, .entries_a_frame = 5};  // so that there are many
constexpr sync_number first_service = 7;                                       // of node 0; the others count on

}  // namespace

// A node's life begins: with a table, and a session with each of the others.
sync_world::peer::peer(session m, unsigned cursor, const std::vector<shared_service>& services)
    : runs(std::move(m)), tables(cursor, services, batches) {}

// A fact for one session, then what became of its orders, before anything else happens.
void sync_world::feed(std::size_t n, std::size_t p, session::event e) {
  std::size_t fed = 0;
  const auto perform_all = [&](const session::effects& orders) {
    if (orders.size() > 3 + 8) complain("orders breed orders");
    if (++fed > 100) return complain("facts breed facts");
    for (const auto& order : orders) std::visit([&](const auto& o) { perform(n, p, o); }, order);
  };
  nodes_[n].life->peers.at(p).runs.feed(std::move(e), [this] { return now_; }, perform_all);
}

void sync_world::feed_all(std::size_t n, const session::event& e) {
  for (std::size_t p = 0; p < nodes_.size(); ++p) {
    if (p != n) feed(n, p, e);
  }
}

template <class Effect>
void sync_world::perform(std::size_t n, std::size_t p, const Effect& o) {
  running& own = *nodes_[n].life;
  peer& of = own.peers.at(p);
  if constexpr (std::is_same_v<Effect, session::dial>) {
    dial(n, p);
  } else if constexpr (std::is_same_v<Effect, session::hang_up>) {
    hang_up(n, p);
  } else if constexpr (std::is_same_v<Effect, session::send>) {
    say(n, p, o.what);
  } else if constexpr (std::is_same_v<Effect, session::tell>) {
    if (const auto* c = std::get_if<sender::confirmed>(&o.what)) confirm(n, p, c->upto);
    if (std::holds_alternative<session_connected>(o.what)) {
      own.met = true;
      for (const auto& [identity, is] : own.operators) own.unsaid.push_back(identity);
    }
    if (const auto* heard = std::get_if<session_heard>(&o.what))
      hear_state(n, std::get<sync_server_state>(heard->what));
    if (const auto* l = std::get_if<session_lost>(&o.what)) {
      of.tables.end();
      tell(nodes_[n].setup.name + " loses " + nodes_[p].setup.name + ": " + l->why);
    }
    if (const auto* s = std::get_if<session_in_sync>(&o.what)) {
      tell(nodes_[n].setup.name + " with " + nodes_[p].setup.name + (s->is ? " in sync" : ": " + s->why));
    }
  } else {
    exchange(n, p, o);
  }
}

template <class Order>
void sync_world::exchange(std::size_t n, std::size_t p, const Order& o) {
  peer& of = nodes_[n].life->peers.at(p);
  const auto skipped = of.tables.skipped();
  const auto told = told_by(n, p, o);
  auto done = of.tables.perform(o, own_time(n));
  if (of.tables.skipped() != skipped) complain("an entry is broken, or of a server that was not named");
  watch_order(n, told);
  for (sync_message& what : done.say) say(n, p, std::move(what));
  if (done.drains) put(now_ + latency(n, p) / 4, {of.stream, end_of(streams_.at(of.stream), n), taken{}});
  if (done.result) of.runs.answer(std::move(*done.result));
}

// What is told of clients that are known already, beside what is known of them.
template <class Order>
std::vector<std::pair<sync_world::word, sync_world::word>> sync_world::told_by(std::size_t n, std::size_t p,
                                                                               const Order& o) const {
  std::vector<std::pair<word, word>> out;
  if constexpr (std::is_same_v<Order, receiver::merge>) {
    entry_reader reader(o.what.packed);
    while (const auto e = reader.next()) {
      const auto server = nodes_[n].life->peers.at(p).tables.our_number(o.name, e->server);
      const auto before = word_of(n, e->client);
      if (before && server && *server != nobody) {
        out.push_back({*before, {e->client.text(), e->assigned, identity(n, *server)}});
      }
    }
  }
  return out;
}

// A server gets its number when somebody first speaks of it.
server_id sync_world::id_of(std::size_t n, const std::string& identity) {
  return nodes_[n].life->services.front().servers->know(identity).value();
}

// Not in the middle of an order.
void sync_world::pass_on_words(std::size_t n) {
  running& own = *nodes_[n].life;
  for (const std::string& identity : std::exchange(own.unsaid, {})) {
    feed_all(n, session::say{own.operators.at(identity)});
  }
}

sync_number sync_world::service_of(std::size_t n) { return first_service + static_cast<sync_number>(n); }

}  // namespace holdfast::sim
