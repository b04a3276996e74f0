#include "cli/control/control_request.h"

#include <algorithm>

namespace holdfast {

namespace {

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

}  // namespace

asked take_apart(std::string_view line) {
  if (line.starts_with(json_word)) return {.json = true, .command = trimmed(line.substr(json_word.size()))};
  return {.json = false, .command = trimmed(line)};
}

bool may_write(const credentials& who, std::uint32_t own_uid, std::optional<std::uint32_t> group) {
  if (who.uid == 0 || who.uid == own_uid) return true;
  return group && (who.gid == *group || std::ranges::find(who.groups, *group) != who.groups.end());
}

}  // namespace holdfast
