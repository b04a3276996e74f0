#include "base/log/line_queue.h"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

std::uint64_t count_lines(std::string_view lines) {
  return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

}  // namespace

std::uint64_t line_queue::push(std::string_view lines) {
  if (has_room(lines.size())) {
    now_.lines += lines;
    return 0;
  }
  const std::uint64_t lost = count_lines(lines);
  now_.lost += lost;
  return lost;
}

line_queue::batch line_queue::take() { return std::exchange(now_, {}); }

void lines_at_hand::take(std::string lines) {
  lines_ = std::move(lines);
  at_ = 0;
  if (torn_ && !lines_.empty()) lines_.insert(lines_.begin(), '\n');
}

std::string_view lines_at_hand::rest() const { return std::string_view(lines_).substr(at_); }

void lines_at_hand::written(std::size_t bytes) {
  at_ += bytes;
  if (bytes > 0) torn_ = false;
}

void lines_at_hand::begin_line_again() {
  const std::size_t end = at_ == 0 ? lines_.npos : lines_.rfind('\n', at_ - 1);
  at_ = end == lines_.npos ? 0 : end + 1;
  if (std::exchange(torn_, false) && !lines_.empty()) at_ = 1;  // the other place has no line to end
}

std::uint64_t lines_at_hand::give_up() {
  const std::uint64_t ends = count_lines(rest());
  const bool untouched = at_ == 0 && !lines_.empty();
  const std::uint64_t lost = torn_ && untouched ? ends - 1 : ends;  // the first ends an earlier line
  if (at_ > 0 && at_ < lines_.size()) torn_ = lines_[at_ - 1] != '\n';
  lines_.clear();
  at_ = 0;
  return lost;
}

}  // namespace holdfast
