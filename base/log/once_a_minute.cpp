#include "base/log/once_a_minute.h"

#include <utility>

namespace holdfast {

std::optional<std::string> once_a_minute::say(std::string_view line, instant now) {
  if (last_ && now - *last_ < std::chrono::minutes(1)) {
    ++unsaid_;
    return std::nullopt;
  }
  last_ = now;
  std::string out(line);
  if (unsaid_ > 0) out += " unsaid=" + std::to_string(std::exchange(unsaid_, 0));
  return out;
}

}  // namespace holdfast
