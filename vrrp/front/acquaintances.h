// Whose adverts count: those of the nodes of the cluster, by the front addresses that the wire has named. As long as
// one of them has never named its own, anybody may be that one, and everybody counts. Knows no wire and no packet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace holdfast {

class acquaintances {
 public:
  // The others that the wire may name; none: there is no wire, and everybody counts. What they named before stays.
  void expect(const std::vector<std::string>& nodes);

  // What such a node names now, of both families; unspecified: none. It stays so while the wire is lost.
  void named(const std::string& node, const address& front4, const address& front6);

  bool are_complete() const;
  bool has(const address& who) const;
  bool counts(const address& who) const { return !are_complete() || has(who); }

 private:
  struct fronts {
    address four, six;
  };
  std::map<std::string, std::optional<fronts>> all_;
};

}  // namespace holdfast
