// A world of nodes with client tables, and the sync channel between them: streams that lose nothing until they are cut,
// clocks that differ, crashes, restarts with an old file or none, and clients whose replies wait until a peer has
// confirmed them. Watches that nothing that was confirmed is lost, and that whoever says "in sync" is.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "balancer/cluster/server_states.h"
#include "balancer/cluster/table_exchange.h"
#include "balancer/table/client_table.h"
#include "base/runner.h"
#include "sync/session.h"

namespace holdfast::sim {

struct sync_node_setup {
  std::string name;
  std::uint32_t capacity = 100;
  std::int64_t skew_ms = 0;  // of its wall clock, now
  unsigned priority = 0;     // the higher would be active
};

class sync_world {
 public:
  sync_world(std::vector<sync_node_setup> nodes, std::uint64_t seed,
             const std::function<void(const std::string&)>& say);

  std::size_t nodes() const { return nodes_.size(); }
  instant now() const { return now_; }
  instant next(instant latest) const;  // when something happens by itself, or latest
  void run_until(instant when);

  void start(std::size_t n);             // with what it once saved; nothing when it lives
  void crash(std::size_t n, bool told);  // told: its kernel ends its connections
  void stop(std::size_t n);              // in order
  void save(std::size_t n);
  void lose_disk(std::size_t n) { nodes_[n].disk.clear(); }
  void resize(std::size_t n, std::uint32_t capacity);
  void cut(std::size_t a, std::size_t b, bool cut);
  void reset(std::size_t a, std::size_t b);  // all connections between the two end, what is on the way is lost
  void slow(std::size_t a, std::size_t b, duration latency);
  void heal();
  void check_all();  // "exchange digests now"

  void visit(std::size_t n, std::uint32_t client);  // it connects through this node
  void forget(std::size_t n, std::uint32_t client);
  void pin(std::size_t n, std::uint32_t client);    // an operator gives it another server
  void drain(std::size_t n, std::uint32_t server);  // or says that this server drains, or doesn't any more
  void set_clock(std::size_t n, std::int64_t skew_ms);

  bool alive(std::size_t n) const { return nodes_[n].life != nullptr; }
  bool in_sync(std::size_t n) const;  // with all that it is connected with, and they are not none
  std::size_t active();               // by priority, but who is not in sync does not preempt; none alive: nodes()
  std::uint32_t capacity(std::size_t n) const { return nodes_[n].setup.capacity; }

  void watch();       // what must hold at any time
  void must_agree();  // what must hold when all is well again
  const std::vector<std::string>& complaints() const { return complaints_; }
  void complain(const std::string& what);

 private:
  static constexpr std::uint64_t servers = 4;

  struct peer {
    peer(session m, unsigned cursor, const std::vector<shared_service>& services);
    const session& machine() const { return runs.state(); }
    runner<session> runs;
    table_exchange tables;
    std::uint64_t stream = 0;   // 0 = none
    std::uint64_t calling = 0;  // the call under way
  };
  struct waiting {
    std::uint32_t client;
    stamp when;
    instant until;
  };
  struct running {
    std::uint64_t number;
    std::shared_ptr<client_table> table;
    std::vector<shared_service> services;  // one, with that table
    std::map<std::size_t, peer> peers;
    std::vector<waiting> replies;
    std::int64_t skew_ms = 0;  // of its own time: that of the wall clock when it began
    bool began_empty = false, met = false;
    hybrid_clock clock;
    server_states states{clock};
    std::map<std::string, sync_server_state> operators;  // what counts of each server, as last said
    std::vector<std::string> unsaid;                     // what of it is to be said when nothing else is under way
  };
  struct saved {
    address client;
    std::string identity;
    stamp assigned, used;
    instant when;  // it was used
  };
  struct node {
    sync_node_setup setup;
    std::unique_ptr<running> life;
    std::vector<saved> disk;
    bool dark = false;  // died without a word
  };
  // What somebody has said of a client or a server, and when.
  struct word {
    std::string of;
    stamp when = 0;
    std::string is;
    auto operator<=>(const word&) const = default;
  };

  // A reply that was given after somebody had confirmed its client.
  struct given {
    stamp when;
    std::map<std::size_t, std::uint64_t> holders;  // nodes, and in which life
  };

  // The network (sync_net.cpp).
  struct stream {
    std::array<std::size_t, 2> node;  // who called, who was called
    std::array<std::uint64_t, 2> life;
    std::array<bool, 2> open{true, true};
    std::array<instant, 2> latest;  // what this end said arrives not before
  };
  struct answered {};  // the call of this stream
  struct unanswered {  // the call of this number
    std::size_t node, peer;
    stream_end why;
  };
  struct over {  // the other end has gone
    stream_end why;
  };
  struct taken {};  // the kernel has taken all
  struct delivery {
    std::uint64_t stream;
    std::size_t end;
    std::variant<answered, unanswered, over, taken, sync_message> what;
  };
  struct link {
    bool cut = false;
    duration latency = std::chrono::microseconds(200);
    std::deque<delivery> held{};
  };

  void dial(std::size_t n, std::size_t p);
  void say(std::size_t n, std::size_t p, sync_message what);
  void hang_up(std::size_t n, std::size_t p);
  void close(std::uint64_t s, std::size_t end, stream_end how);
  void put(instant when, delivery d);
  void lose(std::uint64_t s, std::size_t end);
  void die(std::size_t n, bool told);
  void arrive(delivery d);
  void arrive_message(std::uint64_t s, std::size_t end, sync_message what);
  void greet(std::uint64_t s, const sync_message& what);
  link& link_of(std::size_t a, std::size_t b) { return links_[{std::min(a, b), std::max(a, b)}]; }
  duration latency(std::size_t a, std::size_t b);
  std::size_t end_of(const stream& s, std::size_t n) const { return s.node[0] == n ? 0 : 1; }
  bool holds(std::uint64_t s, std::size_t end) const;  // this end is open, and its node's of now

  // Between machine and table (sync_carrier.cpp).
  void feed(std::size_t n, std::size_t p, session::event e);
  void feed_all(std::size_t n, const session::event& e);
  template <class Effect>
  void perform(std::size_t n, std::size_t p, const Effect& o);
  server_id id_of(std::size_t n, const std::string& identity);
  void pass_on_words(std::size_t n);
  static sync_number service_of(std::size_t n);
  template <class Order>
  void exchange(std::size_t n, std::size_t p, const Order& o);
  template <class Order>
  std::vector<std::pair<word, word>> told_by(std::size_t n, std::size_t p, const Order& o) const;
  void confirm(std::size_t n, std::size_t p, stamp upto);

  std::uint64_t wall_us(std::size_t n) const;
  unix_ms own_time(std::size_t n) const;
  instant when(std::size_t n, unix_ms own) const;
  std::pair<instant, std::optional<std::pair<std::size_t, std::size_t>>> first_wake(instant before) const;
  void welcome(std::size_t n, std::uint32_t client);
  void watch_sync(std::size_t n, std::size_t p);
  void watch_age(std::size_t n, std::uint32_t client);
  std::optional<word> word_of(std::size_t n, const address& client) const;
  static word word_of(const sync_server_state& s) { return {s.identity, s.said, s.drain ? "drain" : "enable"}; }
  bool is_after(const word& later, const word& earlier) const;
  void watch_order(std::size_t n, const word& before, const word& told, const word& now);
  void watch_order(std::size_t n, const std::vector<std::pair<word, word>>& told);
  void follow(const std::optional<word>& before, const std::optional<word>& now);
  void hear_state(std::size_t n, const sync_server_state& told);
  bool knows(std::size_t n, const address& client, stamp assigned) const;
  std::string identity(std::size_t n, server_id id) const {
    return nodes_[n].life->services.front().servers->identity_of(id);
  }
  std::string listing(std::size_t n) const;
  static address address_of(std::uint32_t client) { return address::v4(0x0a000000 + client); }
  static std::uint32_t number_of(const address& client);
  static std::string identity_of(std::uint64_t server) { return "web" + std::to_string(server % servers); }
  void tell(const std::string& what);

  std::mt19937_64 random_;
  const std::function<void(const std::string&)>& say_;
  instant now_{std::chrono::hours(1)};
  std::vector<node> nodes_;
  std::map<std::pair<std::size_t, std::size_t>, link> links_;
  std::map<std::uint64_t, stream> streams_;
  std::multimap<instant, delivery> queue_;
  std::map<std::uint32_t, given> given_;
  std::set<std::tuple<std::uint32_t, stamp, std::string>> assigned_;  // all that clients ever met
  std::set<address> forgotten_;
  std::map<word, word> after_;  // who said it knew the other
  std::set<std::uint32_t>
      unknowing_;  // clients of whom only a file says when they were here, and by which clock it doesn't
  std::optional<std::size_t> active_;
  std::uint64_t numbers_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace holdfast::sim
