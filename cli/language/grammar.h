// From words to commands and back. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/language/command.h"

namespace holdfast {

enum class source : std::uint8_t { file, control };  // where it is said; a command line's -O counts as a file
enum class access : std::uint8_t { read, write };
enum class owner : std::uint8_t { balancer, vrrp, both, hfctl };  // whose business it is

struct misunderstanding {
  std::size_t column = 1;    // 1-based, in bytes
  std::string expected;      // "a duration such as 30, 2s or 100ms, or the end of the line"
  std::string text() const;  // "column 7: expected ..."
};

// One command with its `on NODE` and `service NAME` in front, or a command for all nodes after `cluster`. Words are
// parted by blanks; a word that begins with '#' ends the line. At most max_line bytes, no control characters but tab. A
// line without words is misunderstood, too: ask says_nothing() first where such lines are allowed.
result<sentence, misunderstanding> parse(std::string_view line, source from);
bool says_nothing(std::string_view line);

// One line without its end, such that parse(print(s)) == s.
std::string print(const sentence& s);
std::string print(const command& c);

// May it stand after `cluster`? A command to a running balancer that concerns no other program and is no procedure.
bool may_be_said_to_all(const command& c);

access needed(const command& c);  // of a command for all nodes: what that command needs
owner owned_by(const command& c);

}  // namespace holdfast
