// The scene of the trials of the sync channel: the pair of nodes with both programs on each, one service in both
// families behind the virtual addresses, and a crowd of clients with addresses of their own: 10.9.0.0/16 and
// fd00:9::/64.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/lab/sync/arrivals.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pulse.h"

namespace holdfast::lab {

struct arrangement {
  std::array<int, 2> priority{150, 100};
  bool key = true;
  bool confirm = true;
  int table = 200'000;        // clients that a node remembers
  bool remembers = false;     // ... beyond its end, on its disk
  int connections = 20'000;   // that its service has at once
  bool patient = true;        // nobody moves because the machine is busy otherwise; else by default
  std::string services = {};  // more of them, as lines of the file
};

class cluster {
 public:
  explicit cluster(const arrangement& a = {});  // nothing runs yet

  pair& scene() { return scene_; }
  node& lb(int number) { return scene_.lb(number); }  // 1 or 2
  std::string file() const;                           // the configuration, the same on both
  const std::filesystem::path& key() const { return key_; }

  void start(int number);  // both programs of a node
  void stop(int number);   // in order: its agent, then its balancer
  // Both nodes, until the first is active, serves, and each knows all that the other does. Throws with what they said
  // when that takes too long.
  void start();

  // hfctl on a node.
  struct answer {
    int status = -1;
    std::string text;
  };
  answer ctl(int number, const std::string& command) const;
  std::string tell(int number, const std::string& command) const;  // throws when it is refused

  // What a node says of itself and the other (`hfctl cluster`).
  struct report {
    bool in_sync = false;  // each knows all that the other does
    bool equal = false;    // the tables were, when they were compared last
    std::string why;       // ... it is not in sync
    long here = -1;        // clients that it remembers; -1 = it doesn't say
    long there = -1;       // that the other does
    long confirmed = 0, timed_out = 0, no_peer = 0;
  };
  report state(int number) const;
  bool synced(duration limit = 20s) const;  // both say so, soon
  bool equal(duration limit = 20s) const;   // both find that the tables are, soon

  // It alone has both virtual addresses, and answers at them.
  bool serves(int number, duration limit = 10s);

  // Those clients ask, each once, at a pace that no node has trouble with.
  answers visit(const std::vector<address>& clients, int per_second = 1500);

  // As many new clients of both families, who have never been here.
  std::vector<address> strangers(int count);

  // A file for `clients import` with so many clients who have never been here, and never come.
  std::filesystem::path imported(int count) const;

 private:
  arrangement arrangement_;
  pair scene_;
  std::filesystem::path key_;
  int strangers_ = 0;
};

// Feels the pulse of both families.
class watch {
 public:
  explicit watch(const host& crowd);
  struct report {
    duration outage{};    // the longest that clients of either family had no answer
    duration lateness{};  // of the prober
  };
  report end();

 private:
  pulse four_, six_;
};

}  // namespace holdfast::lab
