// penlogd's decisions: which client has asked for what a web server has logged. Web servers' lines leave in the order
// in which they came; one that came before the balancer's waits for it, not longer than a limit. Knows no socket.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/machine.h"
#include "penlog/balancer_lines.h"

namespace holdfast {

class pairing {
 public:
  struct limits {
    std::size_t lines = 1000;                     // of balancers, without their web server's
    duration patience = std::chrono::seconds(2);  // of a web server's line without its balancer's
    std::size_t waiting = 16 << 20;               // bytes of web servers' lines; beyond, the oldest waits no more
  };
  struct figures {
    std::uint64_t balancer_lines = 0, web_lines = 0;
    std::uint64_t named = 0;    // web servers' lines with their client
    std::uint64_t unnamed = 0;  // as they came
    std::uint64_t refused = 0;  // lines that are none of these
  };

  explicit pairing(const limits& most) : limits_(most), told_(most.lines) {}

  // Some lines of one sender, each with an end but the last, which need not have one. What was wrong with the last that
  // was refused.
  std::optional<penlog_error> hear(std::string_view lines, std::string_view sender, instant now);

  void take(std::string& out, instant now);      // appends what is decided by now: whole lines
  void take_all(std::string& out, instant now);  // nobody waits any more
  std::optional<instant> deadline() const;       // when take() has something, if nothing is heard before

  const figures& seen() const { return seen_; }

 private:
  using waiting_places = std::multimap<std::uint64_t, std::uint64_t>;
  struct waiting {
    std::string text;
    std::size_t host_size = 0;
    web_request what;
    instant until;
    std::optional<std::string> client;
    std::optional<waiting_places::iterator> place;  // none: it has its client
  };

  void heard(const balancer_line& line, std::string_view sender, instant now);
  void heard(const web_line& line, std::string_view sender, instant now);
  void write_first(std::string& out, instant now);
  static std::size_t cost_of(const waiting& w) { return sizeof w + w.text.size() + w.what.text.size(); }

  limits limits_;
  balancer_lines told_;
  std::deque<waiting> lines_;  // of web servers
  std::uint64_t first_ = 0;    // the number of the first of these
  waiting_places by_request_;  // those without a client: their numbers, in order
  std::size_t bytes_ = 0;
  figures seen_;
};

}  // namespace holdfast
