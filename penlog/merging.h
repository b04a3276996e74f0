// mergelogs' decisions: which client has asked for what web servers have logged, from files. The time of both logs is
// to the second, and their clocks may differ by a limit. Knows no file.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "penlog/balancer_lines.h"

namespace holdfast {

class merging {
 public:
  struct limits {
    std::chrono::seconds jitter{600};        // between the clocks, answers that take long included
    std::size_t balancer_lines = 1'000'000;  // without their web server's
    std::size_t waiting = 64 << 20;          // bytes of web servers' lines; beyond, the oldest waits no more
  };
  // How far ahead the balancer's log is to be read before a web server's line of some time.
  static constexpr std::chrono::seconds ahead{2};

  explicit merging(const limits& most) : limits_(most), told_(most.balancer_lines) {}

  void told(const balancer_line& line);
  // In the order in which they are to leave.
  void logged(const web_line& line, std::string_view server, std::chrono::sys_seconds time);
  void logged_unreadably(std::string_view line);  // stays as it is, between its neighbours

  // Appends what is decided once both logs have been read up to `now`: whole lines.
  void take(std::string& out, std::chrono::sys_seconds now);
  void take_all(std::string& out);

  std::uint64_t named() const { return named_; }
  std::uint64_t unnamed() const { return unnamed_; }  // as they came

 private:
  struct waiting {
    std::string text;
    std::size_t host_size = 0;
    std::optional<web_request> what;  // none: it is not known
    std::optional<std::string> client;
    std::optional<std::string> connected;  // whose its connection is: for when nothing else is found
    instant logged;
  };

  std::optional<std::string> last_resort(const waiting& w);
  void write_first(std::string& out);
  void add(waiting w);

  limits limits_;
  balancer_lines told_;
  std::deque<waiting> lines_;
  std::size_t bytes_ = 0;
  instant newest_{};
  std::uint64_t named_ = 0, unnamed_ = 0;
};

}  // namespace holdfast
