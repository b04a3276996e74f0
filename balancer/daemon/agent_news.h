// What an agent (holdfast-vrrp) is to be told, and what it has told us. Knows no socket.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/vocabulary.h"

namespace holdfast {

class agent_news {
 public:
  // Of fewer servers alive it hears so much later: some come and go many times a second.
  static constexpr duration fewer_pause = std::chrono::milliseconds(200);

  // Whether it is to be told that condition now: it is another, or it was told long ago.
  bool is_due(const condition& is, instant now) const;
  void was_told(const condition& what, instant now);

  // False: it speaks of too many groups.
  bool hear(const role_change& what);

  const std::map<std::string, role>& roles() const { return roles_; }  // by group

 private:
  std::optional<condition> told_;
  instant told_at_;
  std::map<std::string, role> roles_;
};

// Whether some agent says that it is active: holds addresses.
bool holds_addresses(const std::vector<role_change>& roles);

}  // namespace holdfast
