// What this node is worth in an election: the judgements of it, and when an active one gives way for what its peers may
// suffer from as well. Knows no election: what it says counts where its group stands.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/machine.h"
#include "base/vocabulary.h"
#include "vrrp/election/router.h"
#include "vrrp/message/fitness.h"

namespace holdfast {

// What an agent says of its own node and a group.
struct peer_view {
  role is = role::initialize;
  std::uint8_t priority = 0;  // effective
  fitness how = fitness::fit;
  std::optional<instant> alive_at = {};  // as of when its own checks know a server to be alive; none: nothing checks
  front_proof front = front_proof::untried;
  bool operator==(const peer_view&) const = default;
};
using peer_views = std::map<std::string, peer_view>;  // by node, while connected over the wire

class worth {
 public:
  struct judged {  // about: "balancer", "eth0". The worst of all counts.
    std::string about;
    fitness how = fitness::fit;
    std::string why;
    // Degraded since then for a cause that may lie beyond this node, such as its servers: the peers may suffer from it
    // as well. An active node gives up for it only when it knows better of a peer, see gives_way().
    std::optional<instant> since = {};
    bool deaf = false;  // it is about what we hear with: what was heard before its end proves nothing after it
  };
  struct looked {  // our own checks' last look at the servers, see look of base/vocabulary.h
    bool alive = true;
    instant at{};
  };

  // How much a word of a look may be off, by its way here and by clocks.
  static constexpr duration look_error = std::chrono::milliseconds(100);
  // Without the wire nobody says whether the peers suffer from the same. So long after our own judgement they have
  // judged, too: their checks (by default every 2 s, 3 in a row) may have noticed 3.3 s later.
  static constexpr duration unsaid_patience{std::chrono::seconds(4)};

  void judge(const judged& e, instant now);
  bool look(const looked& e);  // true: a server is alive, as nobody knew yet
  void slept(instant now);     // as active
  void moved();                // the group has another role

  // Whether an active node gives way: asked after each event.
  void compare(router_state where, const peer_views& peers, instant now);
  // Counts the judgements anew.
  void weigh(router_state where, const peer_views& peers, instant now);
  // Without the wire: when it is to be asked and weighed again.
  std::optional<instant> due(router_state where, const peer_views& peers) const;

  fitness how() const { return how_; }
  const std::string& why_unfit() const { return why_unfit_; }
  std::optional<instant> alive_at() const { return alive_at_; }

 private:
  fitness weight_of(const judged& one, router_state where) const;
  bool gives_way(router_state where, const peer_views& peers, instant now);

  std::map<std::string, judged> judgements_;  // those that are not fit
  fitness how_ = fitness::fit;
  std::string why_unfit_;
  std::optional<instant> failing_since_;  // for a cause that peers may suffer from as well
  std::optional<instant> unsaid_until_;   // without the wire: peers may yet find the end or the beginning of that cause
  bool waits_ = false;                    // as backup, for that time, before it counts as fit again
  bool gives_way_ = false;                // as active, in spite of all peers' silence or because of one's word
  std::optional<instant> better_at_;      // a peer's look at the servers after failing_since_ found one alive,
  std::string better_;                    // that peer
  std::optional<instant> alive_at_, dead_at_;  // our own looks
};

}  // namespace holdfast
