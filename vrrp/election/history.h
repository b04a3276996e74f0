// What has happened, as an operator reads it: the latest events, and each as a line of a file that a later life reads
// back. Knows no file.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/machine.h"

namespace holdfast {

struct event_record {
  wall_time when;        // to the millisecond
  duration monotonic{};  // since the machine's start: tells the order when the clock was set
  std::string group;
  std::string from, to;  // roles; both "" when nothing moved
  std::string why;
  bool operator==(const event_record&) const = default;
};

inline constexpr std::size_t longest_event = 1024;  // bytes of a line

// One JSON object and '\n'. parse_event gives it back; none for anything else (a line cut short by a crash).
std::string print_event(const event_record& e);
std::optional<event_record> parse_event(std::string_view line);

class history {
 public:
  static constexpr std::size_t limit = 1000;

  void add(event_record e);
  void load(std::string_view text);  // lines, oldest first; what can't be read is left out
  std::string text() const;          // all lines

  // When the group became active since the machine has started, the earliest first.
  std::vector<duration> activations(std::string_view group, duration now) const;

  const std::deque<event_record>& events() const { return events_; }  // oldest first

 private:
  std::deque<event_record> events_;
};

}  // namespace holdfast
