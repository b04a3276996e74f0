// A world of one service: servers that die, hang, reset and return, clients with addresses, health checks, an operator,
// and a clock that jumps from one event to the next. Watches after every step that nothing impossible has happened.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/flow/flow.h"
#include "balancer/health/health.h"
#include "cli/settings/settings.h"

namespace holdfast::sim {

// What a server's machine does with a connect: takes it; refuses it; nothing; takes it and resets it at once.
enum class condition : std::uint8_t { alive, refuses, hangs, resets };

inline constexpr duration max_stay = 24h;  // stays until it leaves

struct connection {
  connection(std::uint64_t n, std::shared_ptr<const pool> p) : number(n), use(std::move(p)), life(*use) {}

  std::uint64_t number;
  std::shared_ptr<const pool> use;  // the pool it was accepted under
  flow life;
  client_facts client;
  duration stays{};
  client_visit visit;
  server_id home = nobody;           // where the table said that the client goes
  std::optional<server_id> goes_to;  // with its client's other connections
  std::uint32_t followed = 0;
  bool alone = false;  // it could not follow them
  bool joins = false;  // the connect under way goes where they go
  std::set<server_id> tried;
  std::set<server_id> passed_over;  // not to be had when a choice was made
  const server* on = nullptr;       // counted there
  std::uint32_t attempt = 0;        // events of earlier connects are stale
  instant last;                     // bytes
  bool carrying = false, spoke = false;
};

// How a connection stands, or ended.
struct outcome {
  std::string server;  // reached last, "" = none
  bool open = true;
  close_reason why = close_reason::none;
};

class service_world {
 public:
  // Plays the service `default` of these settings.
  service_world(const settings& wanted, std::uint64_t seed);

  void configure(const settings& wanted);  // as a reload does; running connections keep their pool
  void set(const std::string& server, condition how);
  void blacklist(const std::string& server, duration how_long);

  // A client connects now; most speak at once. stays: how long the connection lasts when a server has it.
  std::uint64_t open(const address& from, duration stays);
  void leave(std::uint64_t connection);   // ends in order
  void vanish(std::uint64_t connection);  // resets
  void close_all();                       // as a stop does

  void run_until(instant when);
  instant now() const { return now_; }

  const outcome& of(std::uint64_t connection) const { return outcomes_.at(connection); }
  const pool& current() const { return *pool_; }
  const server* find(const std::string& name) const;  // emergency and abuse, too
  std::size_t open_connections() const { return connections_.size(); }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct box {  // one server, through all changes of settings
    server_id id = 0;
    std::shared_ptr<server_live> live = std::make_shared<server_live>();
    condition how = condition::alive;
    std::optional<health> check;
    std::int64_t mark = 0;  // the blacklisting that stood when the probe began
  };
  struct fact_due {
    std::uint64_t connection;
    std::uint32_t attempt;
    flow::event fact;
  };
  struct probe_due {
    std::string identity;
    bool passed;
  };
  using due = std::variant<fact_due, probe_due>;

  server make(const server_settings& said, const std::string& identity, const settings& all);
  void renew_checks(const settings& wanted);

  void tell(connection& c, const flow::event& fact);
  void perform(connection& c, const flow::await_bytes&);
  void perform(connection& c, const flow::connect& o);
  void perform(connection& c, const flow::mark_failed& o);
  void perform(connection& c, const flow::settle& o);
  void perform(connection& c, const flow::relay&);
  void perform(connection& c, const flow::close& o);
  void perform(connection& c, const flow::moved& o);
  void uncount(connection& c);
  void learn(connection& c, client_facts& client);
  void choose_anew(connection& c);
  bool goes_along(connection& c, const flow::connect& o);

  void happen(const fact_due& what);
  void happen(const probe_due& what);
  void wake_flows();
  void wake_checks();
  void tell(box& b, const health::event& fact);
  void perform(box& b, const health::probe&);
  void perform(box& b, const health::moved& o);
  void perform(box&, const health::sweep&) {}  // nobody falls silent here
  void perform(box& b, const health::forgive&) { b.live->end_blacklisting(b.mark, now_); }
  instant next_event() const;
  void sweep();
  void later(duration in, due what) { queue_.emplace(now_ + in, std::move(what)); }
  duration some(duration most);  // random, up to most
  static bool speaks_first(const connection& c) { return c.number % 4 != 0; }
  unix_ms wall() const { return static_cast<unix_ms>(now_.time_since_epoch() / std::chrono::milliseconds(1)); }

  void check_choice(connection& c, target to);
  void check_server(const connection& c, const server& chosen);
  void end_look(const connection& c);
  void check_company(const connection& c, const server& chosen);
  void check_nobody_left(const connection& c, const char* what);
  void check_everything();
  void complain(const std::string& what);

  std::mt19937_64 random_;
  instant now_{1h};
  std::shared_ptr<const pool> pool_;
  std::shared_ptr<client_table> clients_;
  std::shared_ptr<service_live> live_ = std::make_shared<service_live>();
  std::map<std::string, box> boxes_;  // by identity
  std::map<server_id, std::string> identities_;
  std::map<std::uint64_t, connection> connections_;
  std::map<std::uint64_t, outcome> outcomes_;
  // Of clients with connects under way: how many, and the servers that have failed them meanwhile.
  struct looking {
    std::uint32_t connects = 0;
    std::set<server_id> failed;
    bool settled = false;  // one of them has reached a server
  };
  std::map<address, looking> looking_;
  std::map<address, server_id> settled_;  // the last server of every client ever, for comparison with the table
  std::multimap<instant, due> queue_;
  std::uint64_t opened_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace holdfast::sim
