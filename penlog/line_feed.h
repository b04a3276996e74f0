// A web server's log as it comes in, in pieces: whole lines, none longer than a limit, in bounded memory. Knows no
// file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast {

class line_feed {
 public:
  line_feed(std::size_t longest, std::size_t most) : longest_(longest), most_(most) {}  // bytes; of a line, in all

  bool has_room() const { return text_.size() < most_; }
  void feed(std::string_view piece);  // what a line has beyond `longest` is left out
  void end();                         // what has no end is a line, too

  std::string_view whole() const { return std::string_view(text_).substr(0, whole_); }  // lines, each with its end
  void taken(std::size_t bytes);                                                        // of whole()
  std::uint64_t drop();                       // whole() is lost: so many lines
  std::uint64_t cut() const { return cut_; }  // lines so far

 private:
  std::size_t longest_, most_;
  std::string text_;
  std::size_t whole_ = 0;
  bool cutting_ = false;  // the line at the end is too long
  std::uint64_t cut_ = 0;
};

}  // namespace holdfast
