// Nodes that make changes on all or on none, while connections end, words get lost with them, nodes die and come back
// with what their files say, and refuse at any step. In the end all are well: who has lived through it has every change
// that was made and none that was refused, and the next change is made.
#include <deque>
#include <random>

#include "balancer/agreement/agreement.h"
#include "tests/sim/random_story.h"

namespace holdfast::sim {

namespace {

using namespace std::chrono_literals;

struct change {
  std::string text;
  std::size_t by = 0;
  std::vector<std::uint64_t> lives;  // of all, when it was wanted
  std::optional<bool> accepted;
};

struct member {
  agreement machine;
  bool alive = true;
  instant hangs_until{};              // while its connections live
  std::optional<instant> reserved{};  // since
  std::uint64_t life = 0;
  std::set<std::string> has;                 // changes, beside the file
  std::string last;                          // made
  std::map<std::size_t, std::uint64_t> met;  // lives of others when last met
};

class change_world {
 public:
  change_world(std::uint64_t seed, const std::function<void(const std::string&)>& say) : random_(seed), say_(say) {}

  std::string live() {
    members_.resize(one_in(3) ? 3 : 2);
    for (std::size_t n = 0; n < members_.size(); ++n) start(n);
    for (int i = 0; i < 400; ++i) act();
    heal();
    for (std::size_t n = 0; n < members_.size(); ++n) {
      if (members_[n].machine.is_reserved()) complain(name(n) + " is reserved for ever");
    }
    judge();
    steady_ = true;
    for (std::size_t n = 0; n < members_.size(); ++n) {
      want(n);
      settle();
      if (changes_.back().accepted != true) complain("no change is made any more by " + name(n));
    }
    judge();
    return trouble_;
  }

 private:
  struct word {
    std::optional<sync_message> what;  // none: the connection has ended
  };
  using pair_of_nodes = std::pair<std::size_t, std::size_t>;  // from, to

  bool one_in(std::uint32_t n) { return random_() % n == 0; }
  std::size_t somebody() { return random_() % members_.size(); }
  static std::string name(std::size_t n) { return "lb" + std::to_string(n + 1); }
  static std::size_t number(const std::string& node) { return static_cast<std::size_t>(node.back() - '1'); }
  static pair_of_nodes link(std::size_t a, std::size_t b) { return {std::min(a, b), std::max(a, b)}; }
  void tell(const std::string& what) {
    if (say_) say_(what);
  }
  void complain(const std::string& what) {
    if (trouble_.empty()) trouble_ = what;
  }

  void start(std::size_t n) {
    std::set<std::string> others;
    for (std::size_t o = 0; o < members_.size(); ++o) {
      if (o != n) others.insert(name(o));
    }
    member& m = members_[n];
    m.machine = agreement(others);
    m.alive = true;
    m.hangs_until = {};
    m.reserved.reset();
    m.last.clear();
    ++m.life;
    m.has.clear();
    m.met.clear();
    open_[n].reset();
    tell(name(n) + " starts");
  }

  void act() {
    switch (random_() % 16) {
      case 0:
        if (one_in(3)) cut(somebody(), somebody());
        return;
      case 1:
      case 2: return connect(somebody(), somebody());
      case 3:
        if (one_in(12)) die(somebody());
        return;
      case 4:
        if (const std::size_t n = somebody(); !members_[n].alive) start(n);
        return;
      case 5:
      case 6: return want(somebody());
      case 7: return pass(one_in(3) ? 6s : 1s);
      case 8:
        if (one_in(20)) hang(somebody());
        return;
      default: deliver();
    }
  }

  // What is under way may still arrive, up to some point.
  void cut(std::size_t a, std::size_t b) {
    if (a == b || connected_.erase(link(a, b)) == 0) return;
    tell("the connection of " + name(a) + " and " + name(b) + " ends");
    for (const pair_of_nodes& way : {pair_of_nodes{a, b}, pair_of_nodes{b, a}}) {
      auto& line = under_way_[way];
      line.resize(random_() % (line.size() + 1));
      if (members_[way.second].alive) line.push_back({});
      if (!members_[way.second].alive) line.clear();
    }
  }

  void connect(std::size_t a, std::size_t b) {
    const bool quiet = under_way_[{a, b}].empty() && under_way_[{b, a}].empty();
    if (a == b || !is_well(a) || !is_well(b) || !quiet || connected_.contains(link(a, b))) return;
    connected_.insert(link(a, b));
    tell(name(a) + " and " + name(b) + " meet");
    for (const auto& [x, y] : {pair_of_nodes{a, b}, pair_of_nodes{b, a}}) {
      const auto [known, first] = members_[x].met.try_emplace(y, members_[y].life);
      const bool afresh = !first && known->second != members_[y].life;
      known->second = members_[y].life;
      feed(x, agreement::met{name(y), afresh});
    }
  }

  void die(std::size_t n) {
    if (!members_[n].alive) return;
    tell(name(n) + " dies");
    members_[n].alive = false;
    for (std::size_t o = 0; o < members_.size(); ++o) {
      if (o != n) cut(n, o);
      under_way_[{o, n}].clear();
    }
  }

  bool is_well(std::size_t n) const { return members_[n].alive && members_[n].hangs_until <= now_; }

  void hang(std::size_t n) {
    members_[n].hangs_until = now_ + (one_in(2) ? 8s : 40s);
    tell(name(n) + " hangs");
  }

  void want(std::size_t n) {
    if (!is_well(n)) return;
    change c{.text = "c" + std::to_string(changes_.size()), .by = n, .lives = {}, .accepted = {}};
    for (const member& m : members_) c.lives.push_back(m.life);
    changes_.push_back(std::move(c));
    tell(name(n) + " wants " + changes_.back().text);
    const auto before = std::exchange(open_[n], changes_.size() - 1);
    feed(n, agreement::wanted{changes_.back().text});
    if (!open_[n]) open_[n] = before;  // refused at once
  }

  void pass(duration time) {
    now_ += time;
    for (std::size_t n = 0; n < members_.size(); ++n) {
      member& m = members_[n];
      if (!is_well(n)) {
        if (m.reserved) m.reserved = now_;
        continue;
      }
      if (const auto due = m.machine.deadline(); due && *due <= now_) feed(n, wake{});
      const bool too_long = m.reserved && now_ - *m.reserved > 3 * (agreement_patience + 6s);
      if (too_long) complain(name(n) + " is reserved for too long");
    }
  }

  bool deliver() {
    std::vector<pair_of_nodes> ways;
    for (const auto& [way, line] : under_way_) {
      if (!line.empty() && is_well(way.second)) ways.push_back(way);
    }
    if (ways.empty()) return false;
    const auto [from, to] = ways[random_() % ways.size()];
    const word next = std::move(under_way_[{from, to}].front());
    under_way_[{from, to}].pop_front();
    if (!next.what) {
      feed(to, agreement::lost{name(from)});
    } else if (const auto* order = std::get_if<sync_order>(&*next.what)) {
      feed(to, agreement::asked{name(from), *order});
    } else {
      feed(to, agreement::answered{name(from), std::get<sync_answer>(*next.what)});
    }
    return true;
  }

  void feed(std::size_t n, const agreement::event& e) {
    if (!members_[n].alive) return;
    std::deque<agreement::event> events{e};
    while (!events.empty()) {
      const agreement::event next = std::move(events.front());
      events.pop_front();
      for (const agreement::effect& order : members_[n].machine.on(next, now_)) {
        std::visit([&](const auto& o) { perform(n, o, events); }, order);
      }
    }
    look_at(n);
  }

  // Others may be waited for while they are there, and not for ever.
  void look_at(std::size_t n) {
    member& m = members_[n];
    if (!m.machine.is_reserved()) m.reserved.reset();
    if (m.machine.is_reserved() && !m.reserved) m.reserved = now_;
    bool alone = true;
    for (std::size_t o = 0; o < members_.size(); ++o) {
      alone = alone && !connected_.contains(link(n, o)) && under_way_[{o, n}].empty();
    }
    if (alone && m.reserved) complain(name(n) + " is reserved for nobody");
  }

  using results = std::deque<agreement::event>;
  void perform(std::size_t n, const agreement::send& o, results&) {
    if (const auto* order = std::get_if<sync_order>(&o.what)) {
      tell(name(n) + " to " + o.node + ": phase " + std::to_string(static_cast<int>(order->phase)) + ' ' + order->text);
    }
    if (connected_.contains(link(n, number(o.node)))) under_way_[{n, number(o.node)}].push_back({o.what});
  }
  void perform(std::size_t, const agreement::rehearse&, results& events) {
    const bool good = steady_ || !one_in(8);
    events.push_back(agreement::tried{good, good ? "" : "it is refused"});
  }
  void perform(std::size_t n, const agreement::make& o, results& events) {
    const bool good = steady_ || !one_in(6);
    events.push_back(agreement::tried{good, good ? "" : "it failed"});
    if (!good) return;
    members_[n].has.insert(o.text);
    members_[n].last = o.keep ? "" : o.text;
    tell(name(n) + " has made " + o.text);
  }
  void perform(std::size_t n, const agreement::keep&, results& events) {
    if (members_[n].last.empty()) complain(name(n) + " keeps what it has not made");
    members_[n].last.clear();
    events.push_back(agreement::tried{true, ""});
  }
  void perform(std::size_t n, const agreement::undo&, results&) {
    tell(name(n) + " undoes " + members_[n].last);
    if (members_[n].has.erase(members_[n].last) == 0) complain(name(n) + " undoes what it has not made");
    members_[n].last.clear();
  }
  void perform(std::size_t n, const agreement::done& o, results&) {
    change& c = changes_[open_[n].value()];
    open_[n].reset();
    c.accepted = o.accepted;
    const bool all_know = o.why.find("has not confirmed") == std::string::npos;
    for (const member& m : members_) {
      if (all_know && m.last == c.text) complain("nobody has told all what became of " + c.text);
    }
    tell(c.text + (o.accepted ? " is made" : " is refused: " + o.why));
  }

  void settle() {
    for (int i = 0; i < 100; ++i) {
      while (deliver()) {
      }
      pass(1s);
    }
  }

  void heal() {
    tell("all are well");
    for (int i = 0; i < 10; ++i) pass(6s);
    while (deliver()) {
    }
    for (std::size_t n = 0; n < members_.size(); ++n) {
      if (!members_[n].alive) start(n);
    }
    for (std::size_t a = 0; a < members_.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) connect(a, b);
    }
    settle();
  }

  // Of changes whose node has lived through; who has not has begun with its file.
  void judge() {
    for (const change& c : changes_) {
      if (members_[c.by].life != c.lives[c.by]) continue;
      if (!c.accepted) complain("nobody was told what became of " + c.text);
      for (std::size_t n = 0; n < members_.size(); ++n) {
        if (members_[n].life != c.lives[n]) continue;
        const bool has = members_[n].has.contains(c.text);
        if (has && c.accepted == false) complain(name(n) + " has " + c.text + ", which was refused");
        if (!has && c.accepted == true) complain(name(n) + " lacks " + c.text + ", which was made");
      }
    }
  }

  std::mt19937_64 random_;
  const std::function<void(const std::string&)>& say_;
  std::vector<member> members_;
  std::set<pair_of_nodes> connected_;
  std::map<pair_of_nodes, std::deque<word>> under_way_;
  std::vector<change> changes_;
  std::map<std::size_t, std::optional<std::size_t>> open_;  // of each node, the change it has not answered
  instant now_{1h};
  bool steady_ = false;  // nobody refuses any more
  std::string trouble_;
};

}  // namespace

std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  return change_world(seed, say).live();
}

}  // namespace holdfast::sim
