// Names to addresses, on the control thread, before anything is changed. May block on the system's resolver.
#pragma once

#include <map>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "cli/configuration/settings.h"

namespace holdfast {

// Remembers what it resolved, so that a change of weight does not ask the name server again. Make a new one to ask
// afresh.
class resolver {
 public:
  // A server or listener: host "" = any address, port "" = 0. The error is a sentence.
  result<endpoint, std::string> find(const place& where);

 private:
  std::map<place, endpoint> known_;
};

}  // namespace holdfast
