// The rules of access lists, for a file that is read again on top of what it has given before: without this every
// reload would add them all once more. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "cli/language/command.h"
#include "cli/settings/settings.h"

namespace holdfast {

class known_rules {
 public:
  explicit known_rules(const settings& present);

  // True: it adds a rule that its list has already, so that nothing is to be done. Any other change is noted.
  bool repeats(const say::change& said);

  // Whoever matches no rule gets the opposite of the last one's verdict, and the file has spoken last.
  void finish(settings& made) const;

 private:
  bool note(const std::string& acl, acl_rule rule);

  std::map<std::string, std::set<std::string>> rules_;  // as text, by list
  std::map<std::string, acl_rule> last_;                // that the file has said of each
};

}  // namespace holdfast
