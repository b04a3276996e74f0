// One failure, struck on the active one of two nodes that serve: how long clients felt it, who has the addresses in the
// end, and what was heard. Played by ours, or by keepalived and HAProxy.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/lab/vrrp/judge.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pair_config.h"
#include "tests/lab/vrrp/pulse.h"
#include "tests/lab/vrrp/storm.h"

namespace holdfast::lab {

// lb1 is active when it is made, and answers clients in both families.
class drill {
 public:
  drill(player who, const pair_config& w);

  pair& scene() { return scene_; }
  node& active() { return scene_.lb(1); }
  node& other() { return scene_.lb(2); }
  const judge& heard() const { return heard_; }
  const pair_config& wanted() const { return pair_config_; }
  player who() const { return who_; }

  void reload(node& n, bool otherwise);  // with the same file, or with one that differs in the services
  // Of somebody else on the front switch, from now on.
  void send_from_stranger(std::vector<packet> packets, int per_second);

  // True as soon as lb1 alone has advertised for a while, and all of that said this interval.
  bool advertises_every(duration interval, duration limit = 15s) const;

  struct outcome {
    duration outage{};    // the longest that clients of either family had no answer
    duration refused{};   // the longest time of nothing but failures
    duration lateness{};  // of the prober
    duration silence{};   // the longest without an advert of an active one, from the fault on
    std::vector<std::string> holders4, holders6;
    std::set<std::string> active_late;  // who sent adverts in the last half second, 1.5 s with an automatic interval
    int lost = 0;                       // frames the judge has missed
  };
  void strike();  // the clock starts
  instant struck() const { return struck_; }
  outcome end();

  std::string story() const { return text_of(heard_.adverts(), struck_) + scene_.said(); }

 private:
  void start(int number);
  player who_;
  pair_config pair_config_;
  pair scene_;
  judge heard_{scene_.front()};
  std::unique_ptr<host> stranger_;
  std::unique_ptr<storm> storm_;
  std::unique_ptr<pulse> four_, six_;
  instant struck_{};
};

// Waits in the test's own thread.
void pass(duration time);

double milliseconds(duration d);

}  // namespace holdfast::lab
