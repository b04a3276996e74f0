#include "balancer/farm/server_log.h"

namespace holdfast {

std::optional<std::string> server_log::failed(const server_failed& what, const std::string& service,
                                              const server* which, instant now) {
  if (all_.size() > max_servers) all_.clear();
  const std::string line = "service=" + service + " server=" + (which != nullptr ? which->name : "removed") +
                           (what.blacklisted ? " state=blacklisted" : " connect=failed") + " why=\"" + what.why + '"';
  return all_[{what.service, what.server}].failed.say(line, now);
}

std::optional<std::string> server_log::returned(const server_returned& what, const std::string& service,
                                                const server& which, instant now) {
  const std::string line = "service=" + service + " server=" + which.name + " state=returned";
  return all_[{what.service, what.server}].returned.say(line, now);
}

}  // namespace holdfast
