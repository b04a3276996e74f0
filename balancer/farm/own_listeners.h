// Where this process listens, so that it is not taken for somebody else who does.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "base/result.h"
#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace holdfast {

// What a service wants to listen at, and what that is: `listen localhost:80` is 127.0.0.1:80.
struct wanted_place {
  std::string service;
  std::string said;  // "listen localhost:80"
  endpoint where;
};

// All of the settings, but those whose host has no address.
std::vector<wanted_place> places_of(const settings& wanted,
                                    const std::function<result<endpoint, std::string>(const place&)>& find);

// Those of two services that are one: the kernel would share the clients out between them.
findings shared_places(const std::vector<wanted_place>& all);

class own_listeners {
 public:
  void add(const endpoint& where);  // one more place that we listen on

  // All that we listen on now. What is missing has been let go, and may be open for a moment still.
  void hold(const std::vector<endpoint>& listening, instant now);

  // Whether a listener of ours may keep another from being bound here alone: of the same family and port, on the same
  // address or with one of the two on any. UNIX sockets never do.
  bool in_the_way_of(const endpoint& where, instant now) const;

 private:
  struct claim {
    endpoint where;
    std::optional<instant> let_go;
  };
  std::vector<claim> all_;  // bounded by the listeners there may be
};

}  // namespace holdfast
