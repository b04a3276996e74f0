// Is the balancer of this node fit to be sent clients? Judged from its beats, what it says of its condition, and the
// state of the connection to it. Knows no socket: vrrp/agent/watch_io.h feeds it.
#pragma once

#include <array>
#include <string>
#include <variant>

#include "base/machine.h"
#include "base/vocabulary.h"
#include "vrrp/message/fitness.h"

namespace holdfast {

struct track_settings {
  duration patience = std::chrono::milliseconds(150);  // without a beat of a worker
  // Without one of the control thread. It carries no clients, and a reload may wait for a name server.
  duration control_patience = std::chrono::seconds(10);
  duration degrade_after = std::chrono::seconds(1);  // so long no server must be alive, or some again, to count
  bool wanted = true;                                // false: runs without a balancer, always fit
};

class track {
 public:
  struct attached {};  // connected; workers are not known until the first condition
  struct ended {};     // end of file, or the connection was reset
  // No connection could be made, or none that makes sense.
  struct unreachable {
    std::string why;
  };
  // Our own loop woke that late: what has come since has not been read, so every beat may come that much later.
  struct overslept {
    duration by{};
  };
  // A reload: keep what is known, use these numbers.
  struct changed {
    track_settings to;
  };
  using event = std::variant<attached, beat, condition, look, ended, unreachable, overslept, changed, wake>;

  // In true words, such as "balancer worker 2 silent for 150 ms".
  struct judged {
    fitness is = fitness::fault;
    std::string why;
    std::optional<instant> since = {};  // no server is alive since then, which other nodes may find, too
    bool operator==(const judged&) const = default;
  };
  using effect = std::variant<judged>;
  using effects = effect_list<effect, 1>;

  explicit track(const track_settings& settings);

  // A server that comes and goes many times a second changes nothing: neither "none alive" nor "alive again" counts
  // before it has lasted. The second not, since where it alternates slowly each return would move the addresses back.
  //
  // The verdict, whenever it or its reason changes. Every message that has come is to be told before `wake` is.
  // Allocates nothing but for a new reason.
  effects on(const event& e, instant now);

  std::optional<instant> deadline() const;  // the first silence that is too long, or servers' news that have lasted
  const judged& verdict() const { return verdict_; }

 private:
  enum class state : std::uint8_t { absent, meeting, alive, silent };
  struct silence {
    std::uint16_t who;
    instant since;  // its last beat
    instant until;  // patience ends
  };

  void take(const attached&, instant now);
  void take(const beat& e, instant now);
  void take(const condition& e, instant now);
  void take(const look&, instant now);
  void take(const ended&, instant now);
  void take(const unreachable& e, instant now);
  void take(const overslept& e, instant now);
  void take(const changed& e, instant now);
  void take(const wake&, instant now);

  std::size_t parties() const;  // that must beat: the workers, as far as known, and the control thread
  std::uint16_t party(std::size_t index) const;
  duration patience_with(std::uint16_t who) const;
  silence first_silence() const;
  bool all_heard(instant now) const;
  void meet(instant now);
  void greet_if_complete(instant now);
  void move_to(state next, std::string why);
  void look_at_servers(instant now);
  std::optional<instant> servers_due() const;
  std::optional<instant> silence_due() const;
  void judge(effects& out);
  struct finding {
    fitness is;
    std::string_view why;
    std::optional<instant> since = {};
  };
  finding judgement() const;

  track_settings settings_;
  state state_ = state::absent;
  std::string why_ = "balancer not heard yet";  // why it is in that state
  std::optional<condition> condition_;
  std::array<std::optional<instant>, most_beating_workers + 1> heard_;  // last beats in this state, by number
  instant met_;                                                         // who has not beaten yet is silent since then
  bool servers_dead_ = false;           // all of them; as judged, which changes when the contrary has lasted
  std::optional<instant> other_since_;  // what is said now contradicts that
  std::optional<instant> dead_since_;   // servers_dead_, and when that began
  judged verdict_;
};

static_assert(machine<track>);

}  // namespace holdfast
