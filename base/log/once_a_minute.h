// The same thing said again and again: once a minute is enough. Writes nothing itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/machine.h"

namespace holdfast {

class once_a_minute {
 public:
  // The line to write now, with the number of those that were not written meanwhile; or none.
  std::optional<std::string> say(std::string_view line, instant now);

 private:
  std::optional<instant> last_;
  std::uint64_t unsaid_ = 0;
};

}  // namespace holdfast
