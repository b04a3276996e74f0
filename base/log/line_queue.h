// Lines on their way to a place that may be slow, stuck or full, as values: what waits, what is lost, and what is yet
// to be written. Knows no thread and no descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

// Lines that wait for the writer. From the first that finds no room to the next take() all are lost: the gap is in one
// place, and its length is known there.
class line_queue {
 public:
  struct batch {
    std::string lines;
    std::uint64_t lost = 0;  // how many should have followed them
  };

  explicit line_queue(std::size_t most) : most_(most) {}  // bytes

  // lines: whole ones, each ending in '\n'. How many of them are lost: none or all.
  std::uint64_t push(std::string_view lines);
  bool has_room(std::size_t bytes) const { return now_.lost == 0 && bytes <= most_ - now_.lines.size(); }
  batch take();  // all there is
  bool empty() const { return now_.lines.empty() && now_.lost == 0; }

 private:
  std::size_t most_;
  batch now_;
};

// The lines at hand, while they are written in pieces. Whatever goes wrong, what is written are whole lines.
class lines_at_hand {
 public:
  void take(std::string lines);     // when nothing is left of those before
  std::string_view rest() const;    // yet to be written
  void written(std::size_t bytes);  // of the rest
  void begin_line_again();          // it goes on elsewhere
  std::uint64_t give_up();          // the rest is lost: so many lines, one that was begun included

 private:
  std::string lines_;
  std::size_t at_ = 0;
  bool torn_ = false;  // what was written last is the beginning of a line that was given up
};

}  // namespace holdfast
