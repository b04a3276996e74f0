#include "penlog/line_feed.h"

#include <algorithm>

namespace holdfast {

void line_feed::feed(std::string_view piece) {
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    const std::string_view line = piece.substr(0, end);
    const std::size_t room = longest_ - (text_.size() - whole_);
    text_ += line.substr(0, room);
    if (line.size() > room && !cutting_) {
      cutting_ = true;
      ++cut_;
    }
    if (end == piece.npos) return;
    piece.remove_prefix(end + 1);
    text_ += '\n';
    whole_ = text_.size();
    cutting_ = false;
  }
}

void line_feed::end() {
  if (text_.size() > whole_) feed("\n");
}

void line_feed::taken(std::size_t bytes) {
  text_.erase(0, bytes);
  whole_ -= bytes;
}

std::uint64_t line_feed::drop() {
  const auto lines = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(whole_), '\n');
  taken(whole_);
  return static_cast<std::uint64_t>(lines);
}

}  // namespace holdfast
