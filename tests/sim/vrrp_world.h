// A world of one group on two or three nodes: their clocks, the front network that carries adverts, the wires between
// the agents, and everything that can befall them. Watches after every step that nothing impossible has happened.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "vrrp/election/group.h"
#include "vrrp/election/tempo.h"

namespace holdfast::sim {

inline constexpr duration wire_patience = std::chrono::seconds(2);  // of agents that hear nothing

struct vrrp_node_setup {
  std::string name;
  group::parameters is;
  double clock = 1.0;      // its seconds last so many of ours
  bool automatic = false;  // its interval, which is the slow one at first
};

class vrrp_world {
 public:
  vrrp_world(const std::vector<vrrp_node_setup>& nodes, bool wires, std::uint64_t seed);

  std::size_t nodes() const { return nodes_.size(); }
  instant now() const { return now_; }
  instant next(instant latest) const;  // when something happens by itself, or latest
  void run_until(instant when);

  void crash(std::size_t n, bool told = true);                   // told: its kernel ends its connections
  void restart(std::size_t n, fitness at_first = fitness::fit);  // also a first start; nothing when it lives
  void pause(std::size_t n);
  void resume(std::size_t n);  // its loop drains what has come, then learns how long it slept
  void judge(std::size_t n, fitness how);
  void synced(std::size_t n, bool is);
  void serve(std::size_t n, bool reachable);  // whether the servers can be reached from there; its checks find it out
  void release(std::size_t n);
  void stand_by(std::size_t n);
  void let_take(std::size_t n);
  void remove_addresses(std::size_t n, std::size_t how_many);  // at once
  void stranger_speaks();
  void lose_one(std::size_t n);
  void wake_late(std::size_t n, duration by);
  void stop(std::size_t n);  // in order

  void lose(double share) {
    loss_ = share;
    touch();
  }
  void cut_front(std::size_t from, std::size_t to, bool cut);  // one way
  void block(std::size_t n, bool deaf, bool mute);             // its port on the front network
  void filter_adverts(bool on) {
    filtered_ = on;
    touch();
  }  // protocol 112 alone
  void cut_wire(std::size_t a, std::size_t b, bool cut);
  void slow_wires(duration most);  // from now on; zero: quick again
  void heal();                     // all networks

  bool alive(std::size_t n) const { return nodes_[n].machine.has_value() && !nodes_[n].paused; }
  bool has_addresses(std::size_t n) const { return nodes_[n].machine && of(n).is() == role::active; }
  bool is_quick(std::size_t n) const;
  bool has_wires() const { return wires_; }
  bool preempts(std::size_t n) const { return of(n).preempts(local(n)); }
  const group& of(std::size_t n) const { return *nodes_[n].machine; }
  std::vector<std::size_t> actives() const;  // among those alive
  duration slowest_down() const;             // the longest down interval of all nodes
  bool front_whole() const;
  bool adverts_under_way() const;
  bool in_touch(std::size_t a, std::size_t b) const;  // by adverts, or, without these, by asking

  const std::vector<std::string>& complaints() const { return complaints_; }
  void complain(const std::string& what);
  std::string told() const { return told_; }
  void listen() { listening_ = true; }  // keep a record of moves

 private:
  struct advert_due {
    std::size_t from, router;
    std::uint8_t priority;
    duration interval;
  };
  struct report_due {
    std::size_t from;
    group::peer_view view;
    pace keeps;
    std::uint64_t number, connection;
  };
  struct ping_due {
    std::size_t from;
    instant asked;  // by the asker's clock
  };
  struct pong_due {
    std::size_t from;
    instant asked;
    std::uint64_t number;
  };
  struct ping_time {};
  struct gone_due {
    std::size_t from;
    group::ending how;
    std::uint64_t connection;
  };
  struct answer_due {};
  struct watch_due {};
  struct look_due {};  // a check of its servers
  struct stranger_due {};
  using word = std::variant<report_due, ping_due, pong_due, gone_due>;
  struct delivery {
    std::size_t to;
    std::uint64_t life;  // of the receiver; another one does not get it
    std::variant<advert_due, report_due, ping_due, pong_due, ping_time, gone_due, answer_due, watch_due, look_due,
                 stranger_due>
        what;
  };
  struct node {
    vrrp_node_setup setup;
    std::optional<group> machine;
    std::optional<tempo> rhythm = {};
    std::optional<instant> unsteady_since = {};
    std::size_t loses = 0;  // so many adverts
    instant lost_at{};
    std::uint64_t life = 0;
    bool paused = false;
    instant paused_at{};
    bool slept = false;        // and reads what has come meanwhile
    std::uint64_t number = 0;  // of its newest report
    instant active_since{}, active_until{};
    std::vector<delivery> waiting;       // in its sockets while it sleeps
    std::vector<bool> owns;              // the addresses of each router
    std::vector<instant> removals = {};  // of addresses, by its clock
    bool deaf = false, mute = false;     // on the front network
    bool reaches = true;                 // its servers
    bool found = true;                   // at its last look
    bool thought = true;                 // what it judges
    instant found_at{};                  // its last look that found something else than the one before, by its clock
  };

  void feed(std::size_t n, const group::event& e);
  void perform(std::size_t n, const group::advertise& o);
  void perform(std::size_t n, const group::take_addresses& o);
  void perform(std::size_t n, const group::announce& o);
  void perform(std::size_t n, const group::release_addresses& o);
  void perform(std::size_t n, const group::probe_peer& o);
  void perform(std::size_t n, const group::probe_watch& o);
  void perform(std::size_t n, const group::ask_peer& o);
  void perform(std::size_t n, const group::report& o);
  void perform(std::size_t n, const group::moved& o);
  void perform(std::size_t n, const group::noted& o);

  void arrive(const delivery& d);
  void arrive(std::size_t to, const advert_due& a);
  void arrive(std::size_t to, const report_due& r);
  void arrive(std::size_t to, const ping_due& p);
  void arrive(std::size_t to, const pong_due& p);
  void arrive(std::size_t to, const ping_time&);
  void arrive(std::size_t to, const gone_due& g);
  void arrive(std::size_t to, const answer_due&);
  void arrive(std::size_t to, const watch_due&);
  void arrive(std::size_t to, const look_due&);
  void arrive(std::size_t to, const stranger_due&);
  void set_pace(std::size_t n, const tempo::event& e);
  void look(std::size_t n);
  void send(duration in, std::size_t to, decltype(delivery::what) what);
  void tell(duration in, std::size_t from, std::size_t to, const word& what);
  void report(std::size_t n, std::size_t to, duration in);
  void ask(std::size_t n, std::size_t other);
  void end_wires(std::size_t n, group::ending how, duration in);
  void open_wires(std::size_t n);
  void open_wire(std::size_t a, std::size_t b);
  bool wire_open(std::size_t a, std::size_t b) const;
  duration latency();
  bool lost();
  instant local(std::size_t n) const;
  std::optional<instant> first_deadline(std::size_t n) const;  // by its clock
  std::optional<instant> due(std::size_t n) const;             // in the world's time
  std::pair<instant, std::optional<std::size_t>> first_wake(instant before) const;
  void touch() { disturbed_ = front_disturbed_ = now_; }
  void touch_aside() { disturbed_ = now_; }  // no reason for a takeover
  bool pings_pass() const;
  bool front_carries(std::size_t from, std::size_t to);
  void check(std::size_t n);
  void check_roles();
  void check_pace();
  void check_takeover(std::size_t n, const group::moved& o);
  void check_word(std::size_t n, const group::moved& o);

  std::mt19937_64 random_;
  instant now_{std::chrono::hours(1)};
  std::vector<node> nodes_;
  bool wires_;
  double loss_ = 0;
  bool filtered_ = false;
  std::map<std::pair<std::size_t, std::size_t>, bool> front_cut_, wire_cut_;
  std::map<std::pair<std::size_t, std::size_t>, instant> wire_latest_;
  std::map<std::pair<std::size_t, std::size_t>, std::uint64_t> connections_, ended_;
  duration slow_{};
  std::multimap<instant, delivery> queue_;
  instant disturbed_{now_};  // when something last befell anybody
  instant front_disturbed_{now_};
  std::optional<instant> two_since_, none_since_;
  std::uint64_t lives_ = 0;
  bool listening_ = false;
  std::string told_;
  std::vector<std::string> complaints_;
};

}  // namespace holdfast::sim
