// A change that is made on all nodes or on none, as each of them sees it: first every node promises and is reserved for
// it, then the others make it, then the node that was asked; what goes wrong until then undoes it everywhere. Knows no
// settings and no channel.
//
//   the node asked -> others   prepare; commit; then keep, or at any time forget
//   others -> the node asked   an answer to each
//
// When the connection ends in between, who has only promised forgets it; who has made it is in doubt until the node
// asked is there again and says what has become of it. If that has started anew it hasn't got it, and it is undone.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/machine.h"
#include "sync/message.h"

namespace holdfast {

inline constexpr duration agreement_patience = std::chrono::seconds(10);  // with others, at each step
inline constexpr duration promise_life = 2 * agreement_patience;          // that of the node asked
// The orders of a change have its number, and their phase in the lowest bits.
inline constexpr std::uint64_t agreement_ids = std::uint64_t{1} << 63;  // and more
inline constexpr std::uint64_t phase_bits = 7;

class agreement {
 public:
  struct wanted {  // our operator wants it
    std::string text;
  };
  struct met {  // a node is connected
    std::string node;
    bool afresh = false;  // it has started anew since
    bool older = false;   // it can't promise
  };
  struct lost {
    std::string node;
  };
  struct asked {
    std::string node;
    sync_order what;  // not `say`
  };
  struct answered {  // an answer to an order of ours
    std::string node;
    sync_answer what;
  };
  // What became of `rehearse`, `make` or `keep`; told before any other event.
  struct tried {
    bool accepted = false;
    std::string text;  // why not, or a reply
  };
  using event = std::variant<wanted, met, lost, asked, answered, tried, wake>;

  // To this node, on the connection it was last met on: on no other.
  struct send {
    std::string node;
    sync_message what;
  };
  struct rehearse {  // would we make it? Tell `tried`
    std::string text;
  };
  struct make {  // and remember what was before; tell `tried`. keep: as below, or make nothing
    std::string text;
    bool keep = false;
  };
  struct keep {};  // what was made last, for good; tell `tried`
  struct undo {};  // what was made last
  struct done {    // for our operator
    bool accepted = false;
    std::string why;    // not; accepted: who may not have heard of it, "" = all have
    std::string reply;  // ours
    std::map<std::string, sync_answer> replies;
  };
  using effect = std::variant<send, rehearse, make, keep, undo, done>;
  using effects = std::vector<effect>;

  // others: all other nodes there are.
  explicit agreement(std::set<std::string> others = {}) : others_(std::move(others)) {}

  effects on(const event& e, instant now);
  std::optional<instant> deadline() const { return until_; }

  // Nothing else may be changed here now; never longer than three times agreement_patience.
  bool is_reserved() const { return step_ != step::idle && step_ != step::doubting; }

 private:
  enum class step : std::uint8_t {
    idle,
    trying,     // our operator's: would we?
    asking,     // would the others?
    telling,    // they make it
    making,     // we do
    closing,    // it is decided: they hear of it
    weighing,   // another's: would we?
    promised,   // we would
    following,  // we make it
    made,       // we have
    keeping,    // for good
    doubting,   // made, but whether it is kept can't be heard now
  };

  void take(const wanted& e, instant now, effects& out);
  void take(const met& e, instant now, effects& out);
  void take(const lost& e, instant now, effects& out);
  void take(const asked& e, instant now, effects& out);
  void take(const answered& e, instant now, effects& out);
  void take(const tried& e, instant now, effects& out);
  void take(const wake&, instant now, effects& out);
  void prepare(const asked& e, instant now, effects& out);
  void let_go(effects& out);
  void confirmed(const answered& e, effects& out);
  void move_to(step next, std::optional<instant> until = {});
  std::string objection() const;
  void tell_all(order_phase phase, effects& out) const;
  void decide(order_phase phase, const std::string& why, instant now, effects& out);
  void fail(const std::string& why, instant now, effects& out);
  void close(bool in_time, effects& out);
  static void answer(const std::string& node, std::uint64_t id, const tried& what, effects& out);

  std::set<std::string> others_, connected_, older_;
  step step_ = step::idle;
  std::optional<instant> until_;
  std::string whose_;                   // ... the change is, or the last was; "" = ours
  std::uint64_t change_ = 0;            // its number, theirs or ours
  std::uint64_t last_ = agreement_ids;  // of ours
  std::string text_;
  std::map<std::string, sync_answer> heard_;  // at this step
  done outcome_;
  std::map<std::string, sync_order> owed_;  // who has yet to confirm what became of a change of ours
};

static_assert(machine<agreement>);

}  // namespace holdfast
