// Where the nodes of a cluster meet: each listens at the address of its `node` line, and calls the others at theirs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct cluster_endpoints {
  endpoint listen;                                       // ours
  std::vector<std::pair<std::string, endpoint>> others;  // by name; none: there is nobody to talk to
  std::string trouble;                                   // a clause: why there can be no talk, "" = there can
  bool operator==(const cluster_endpoints&) const = default;
};

// The balancers meet at the ports of the lines, the agents one above (0 or 1). node: our name.
cluster_endpoints endpoints_of(const settings& s, const std::string& node, std::uint16_t above);

// Of one other node: who else calls by its name. Whoever calls from its address is it, if need be started anew; and so
// is whoever calls while there is no connection with it, for an address may be translated on the way. Anybody else is a
// second node, and must not take the connection of the first.
class namesakes {
 public:
  struct refusal {
    std::string why;
    bool is_news = false;  // not said in the last ten minutes
  };

  namesakes(std::string name, const address& at) : name_(std::move(name)), at_(at), from_(at) {}

  void met(const address& from) { from_ = from; }  // the connection with it comes from there
  std::optional<refusal> hear(const address& caller, bool connected, instant now);
  std::string trouble(instant now) const;  // a clause: who calls by that name these seconds, "" = nobody

 private:
  std::string name_;
  address at_, from_;
  std::string second_;  // what was said of the last one
  std::optional<instant> heard_at_, said_at_;
};

}  // namespace holdfast
