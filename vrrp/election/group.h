// A group: virtual routers that move together or not at all, on this node. It holds their machines (router.h), and what
// RFC 9568 has no word for: whether this node is fit, what the peers' agents say over the wire, what the operator
// wants, and how often the role may change. Knows no packet, no socket and no address but those of the elections.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "base/vocabulary.h"
#include "cli/settings/settings.h"
#include "vrrp/election/damping.h"
#include "vrrp/election/router.h"
#include "vrrp/election/worth.h"
#include "vrrp/message/fitness.h"

namespace holdfast {

// What a node is worth in an election: that of a degraded one is below every priority above 4 of a fit one.
std::uint8_t effective_priority(std::uint8_t priority, fitness how);

class group {
 public:
  struct parameters {
    std::string node = {};        // our own name among the agents
    std::uint8_t priority = 100;  // 1 .. 255
    duration interval{std::chrono::seconds(1)};
    duration unheard{};  // see router
    bool learns = true;  // see router
    bool preempt = true;
    bool watches = false;      // an address on the front network, which answers as long as that carries both ways
    duration preempt_delay{};  // after a start, or the end of a fault or a release
    std::vector<address> routers = {};  // of each its primary address; at least one, at most max_vrrp_routers
    bool operator==(const parameters&) const = default;
  };

  using peer_view = holdfast::peer_view;

  struct activated_before {  // since then, in an earlier life of this agent; before `started`, the earliest first
    instant when{};
  };
  struct started {};
  struct stopped {};  // in order
  struct heard {      // an advert that passed all checks, on one of our routers
    std::size_t router = 0;
    std::uint8_t priority = 0;
    duration interval{};
    address from;
  };
  using judged = worth::judged;
  using looked = worth::looked;
  struct synced {  // whether the balancer knows the clients that the peers know; assumed until said otherwise
    bool is = true;
  };
  struct told_to_release {};
  struct told_to_take {};
  struct told_to_stand_by {};  // lets another be active and follows it, without preempting until told to take
  struct told_to_announce {};
  struct peer_reported {
    std::string node;
    peer_view view;
    std::uint64_t number = 0;  // grows with each report of a connection; 0: an older node, which doesn't count
  };
  struct peer_confirmed {  // it answered a question: what it has reported under that number is still so
    std::string node;
    instant asked{};
    std::uint64_t number = 0;
  };
  // died: its kernel closed the wire without a farewell; left: it said so; lost: silence, which proves nothing.
  enum class ending : std::uint8_t { died, left, lost };
  struct peer_gone {
    std::string node;
    ending how = ending::lost;
  };
  struct peer_answered {};    // on the front network, when asked by probe_peer
  struct watch_answered {};   // there, when asked by probe_watch
  struct addresses_removed {  // by somebody else: one or more of a router
    std::size_t router = 0;
    std::string which;
  };
  struct overslept {  // our loop woke so late
    duration by{};
  };
  struct changed {  // the same number of routers; another number is another group
    parameters to;
  };
  using event = std::variant<activated_before, started, stopped, heard, judged, looked, synced, told_to_release,
                             told_to_take, told_to_stand_by, told_to_announce, peer_reported, peer_confirmed, peer_gone,
                             peer_answered, watch_answered, addresses_removed, overslept, changed, wake>;

  struct advertise {
    std::size_t router;
    std::uint8_t priority;
  };
  struct take_addresses {
    std::size_t router;
  };
  struct announce {
    std::size_t router;
  };
  struct release_addresses {
    std::size_t router;
  };
  struct probe_peer {  // no advert of it is heard: does its agent answer on the wire, and the node on the front
                       // network?
    std::string node;
  };
  struct probe_watch {};  // does the watched address answer on the front network?
  struct ask_peer {       // whether what it has reported still holds
    std::string node;
  };
  struct report {};  // our view has changed: tell the peers' agents and the balancer
  struct moved {
    role from, to;
    std::string why;
    bool alarms = false;  // something has happened: neither a start, a stop nor an operator asked for it
  };
  struct noted {        // worth a line in the history, but no move
    std::string what;   // a sentence
    std::string facts;  // for the log: "blind=on peer=lb2"
    bool alarms = true;
  };
  using effect = std::variant<advertise, take_addresses, announce, release_addresses, probe_peer, probe_watch, ask_peer,
                              report, moved, noted>;
  // Every router may give up and take over in one event; the rest are few.
  using effects = effect_list<effect, 6 * max_vrrp_routers + 8>;

  // For its two answers; it begins an eighth of the down interval, at most as much, before that has passed.
  static constexpr duration probe_patience = std::chrono::milliseconds(20);
  // An active node asks the watched address so often; one that does not answer is asked again after `watch_patience`,
  // and has failed when it has not answered `most_unanswered` times.
  static constexpr duration watch_every{std::chrono::seconds(1)};
  static constexpr duration watch_patience = std::chrono::milliseconds(50);
  static constexpr int most_unanswered = 3;
  // So long an active peer that we don't reach may take to find out whether it is reached by others. An older one never
  // says so.
  static constexpr duration verdict_patience{std::chrono::seconds(1)};
  // An active node that the wire told to yield, and whose front network did not, asks that again.
  static constexpr duration proof_pause = std::chrono::milliseconds(500);
  // So long an advert may be on its way, or wait for us, when the wire has already said that its sender has given up.
  static constexpr duration late_advert = std::chrono::milliseconds(20);
  static constexpr duration announce_pause =
      std::chrono::milliseconds(500);              // between announcements for foreign adverts
  static constexpr std::size_t many_removals = 5;  // occasions on which addresses were removed, within
  static constexpr duration removal_window{std::chrono::seconds(10)};
  // A network manager takes all at once, and again what we put back meanwhile: so long it is one occasion.
  static constexpr duration removal_occasion = std::chrono::milliseconds(500);

  explicit group(parameters p);

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const;

  role is() const { return role_; }
  const parameters& config() const { return is_; }
  const std::string& why() const { return why_; }  // of the last move
  instant since() const { return since_; }
  peer_view view() const { return {role_, priority(), how(), worth_.alive_at(), front_}; }
  std::uint8_t priority() const { return effective_priority(is_.priority, how()); }
  fitness how() const { return worth_.how(); }
  const std::string& why_unfit() const { return worth_.why_unfit(); }
  bool blind() const { return blind_; }  // hears nothing of a peer that is active and reachable
  std::optional<instant> held_until() const { return damping_.held_until(); }
  bool in_sync() const { return in_sync_; }
  bool preempts(instant now) const;  // never while not in sync: a living peer knows clients that we don't
  const peer_views& peers() const { return peers_; }
  const router& of(std::size_t n) const { return routers_[n]; }

 private:
  void take(const activated_before& e, instant now, effects& out);
  void take(const started&, instant now, effects& out);
  void take(const stopped&, instant now, effects& out);
  void take(const heard& e, instant now, effects& out);
  void take(const judged& e, instant now, effects& out);
  void take(const looked& e, instant now, effects& out);
  void take(const synced& e, instant now, effects& out);
  void take(const told_to_release&, instant now, effects& out);
  void take(const told_to_take&, instant now, effects& out);
  void take(const told_to_stand_by&, instant now, effects& out);
  void take(const told_to_announce&, instant now, effects& out);
  void take(const peer_reported& e, instant now, effects& out);
  void take(const peer_confirmed& e, instant now, effects& out);
  void take(const peer_gone& e, instant now, effects& out);
  void take(const peer_answered&, instant now, effects& out);
  void take(const watch_answered&, instant now, effects& out);
  void take(const addresses_removed& e, instant now, effects& out);
  void take(const overslept& e, instant now, effects& out);
  void take(const changed& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);

  // Feeds one router, or all that are in this state; their orders become ours.
  void feed(std::size_t n, const router::event& e, instant now, effects& out);
  void feed_all(const router::event& e, instant now, effects& out);
  router_state state() const { return routers_.front().state(); }

  void move_to(role to, std::string why, instant now, effects& out);
  void join(std::string why, instant now, effects& out);  // the elections
  void leave(role to, std::string why, instant now, effects& out);
  void come_back(std::string why, instant now, effects& out);  // after a release
  void become_active(std::string why, instant now, effects& out);
  void yield(std::string why, bool in_order, instant now, effects& out);
  bool is_late(const heard& e, instant now) const;
  void heard_as_active(const heard& e, instant now, effects& out);
  void silence(instant now, effects& out);
  void probe(const std::string& peer, instant now, instant until, effects& out);
  void probe_over(instant now, effects& out);
  void front_has_carried(const heard& e, instant now, effects& out);
  void be_blind(const std::string& peer, instant now, effects& out);
  void not_reached(const std::string& peer, instant now, effects& out);
  void ask_watch(instant now, effects& out);
  void doubted_by(const peer_view& before, const peer_view& view, instant now, effects& out);
  void give_up_front(instant now, effects& out);
  void front_is(front_proof what, instant now, effects& out);
  bool hears_adverts(instant now) const;
  bool preempts(const peer_view& view) const;
  bool prefers_us(const peer_view& view) const;
  void probe_answered(instant now, effects& out);
  bool is_void(const peer_confirmed& e) const;
  bool is_awake(instant now) const;
  void relieve(const std::string& node, instant now, effects& out);
  void gave_up(const std::string& node, instant now, effects& out);
  void vacancy(const std::string& why, instant now, effects& out);
  bool is_vacant(instant now) const;
  void split(const std::string& node, instant now, effects& out);
  bool is_overruled_by(const std::string& node) const;
  void prove_front(instant now, effects& out);
  void renew_routers(instant now, effects& out);
  void weigh(std::string recovered, instant now, effects& out);
  std::optional<instant> election_due() const;
  void count_activation(instant now, effects& out);
  bool best_of_peers() const;
  const std::string* active_peer() const;
  router::parameters parameters_of(std::size_t n) const;
  duration down_interval() const;  // the longest of the routers'
  std::optional<instant> routers_due() const;
  bool asks_early() const;
  duration ask_lead() const;

  parameters is_;
  std::vector<router> routers_;
  role role_ = role::initialize;
  std::string why_ = "not started";
  instant since_{};
  worth worth_;
  peer_views peers_;
  bool asked_ = false;  // by an operator, or whoever starts and stops us: what is decided now
  struct word {
    std::uint64_t number = 0;
    instant when{};  // it came, or was confirmed
  };
  std::map<std::string, word> words_;   // of peers_
  std::optional<std::string> doubted_;  // says that it gave up, and was asked whether that is still so
  instant asked_at_{};                  // probed or doubted
  std::optional<instant> slept_;        // what was asked before is answered too late
  bool released_ = false;
  bool standing_by_ = false;           // was told to, and has not been active since
  std::optional<instant> returns_at_;  // standing by, released until another is active, but no longer
  bool running_ = false;
  bool in_sync_ = true;
  bool preempting_ = false;  // as the routers have been told
  instant may_preempt_{};    // after preempt_delay
  damping damping_;
  burst<many_removals> removals_;
  std::optional<instant> last_heard_;       // any advert with a priority above 0
  std::uint8_t last_priority_ = 0;          // of it
  std::optional<address> left_;             // that one has said so since
  std::optional<instant> last_announced_;   // for a foreign advert
  std::optional<instant> told_of_vacancy_;  // and took over
  bool blind_ = false;
  // Since our start, or the last fault of a link, the front network has brought us something: until then our port may
  // not forward yet.
  bool front_known_ = false;
  instant listening_since_{};  // the front network, without a break
  bool hidden_ = false;        // an active peer lives, which that network has never reached: said once
  std::string rival_;          // as active: another active node, of a higher priority, as the wire says
  bool proving_ = false;       // it was asked on the front network
  std::optional<instant> proves_again_;
  front_proof front_ = front_proof::untried;
  instant front_since_{};
  bool answers_watch_ = false;        // while a peer is being probed
  std::optional<instant> watch_due_;  // as active
  bool watch_asked_ = false;
  int unanswered_ = 0;
  bool cut_off_ = false;  // active although an active peer lives that the front network does not reach
  std::optional<instant> probing_until_;
  bool answers_front_ = false;  // the peer that is being probed
  bool answers_wire_ = false;
};

static_assert(machine<group>);

}  // namespace holdfast
